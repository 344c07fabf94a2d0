"""OData system query options of a list or an entity, checked as Graph checks them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flovify.sandbox.graph.errors import GraphError, bad_request
from flovify.sandbox.graph.exchange import GraphRequest
from flovify.sandbox.graph.filters import Filter, compile_filter

DEFAULT_TOP = 10
MAX_TOP = 1000
_KNOWN = {"$select", "$top", "$skip", "$filter", "$orderby", "$count", "$expand", "$format"}


@dataclass(frozen=True)
class Options:
    """`select` None: everything shown by default. `orderby`: (property path, descending)."""

    select: tuple[str, ...] | None
    top: int
    skip: int
    filter: Filter | None
    orderby: tuple[tuple[str, bool], ...]
    count: bool
    expand: tuple[str, ...]  # each with its own options in parentheses, as it was given


def read_options(request: GraphRequest) -> Options:
    """Raises GraphError 400 for an option that is unknown or has a wrong value."""
    given = {("$" + name).replace("$$", "$"): value for name, value in request.options.items()}
    for name in given:
        if request_option(name) and name not in _KNOWN:
            raise bad_request(f"The query parameter '{name}' is not supported.")
    chosen = Options(
        select=_names(given.get("$select")),
        top=_number(given, "$top", _page_size(request), MAX_TOP),
        skip=_number(given, "$skip", 0, None),
        filter=compile_filter(given["$filter"]) if given.get("$filter") else None,
        orderby=_orderby(given.get("$orderby")),
        count=given.get("$count", "false").lower() == "true",
        expand=_expanded(given.get("$expand") or ""),
    )
    _check_sorted_filter(chosen)
    return chosen


def request_option(name: str) -> bool:
    """Whether a query parameter is one of OData's; others are the client's own and are ignored."""
    return name in _KNOWN or name in ("$search", "$apply", "$compute", "$skiptoken", "$deltatoken")


def next_link(request: GraphRequest, skip: int) -> str:
    """The address of the page that begins after `skip` items; all other options stay as they were."""
    kept = [(name, value) for name, value in _pairs(request) if name.lower() not in ("$skip", "skip")]
    query = urlencode([*kept, ("$skip", str(skip))], quote_via=quote, safe="$(),':/")
    return f"{request.base}/{request.path.strip('/')}?{query}"


def _pairs(request: GraphRequest) -> list[tuple[str, str]]:
    return list(request.options.items())


def _names(value: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (value or "").split(",") if name.strip())
    return names or None


def _expanded(value: str) -> tuple[str, ...]:
    """The names between commas, where a comma in parentheses belongs to a name's own options."""
    parts, depth = [""], 0
    for char in value:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return tuple(part.strip() for part in parts if part.strip())


def nested_select(expanded: str) -> tuple[str, ...] | None:
    """The `$select` within one expanded name, for example `attachments($select=id,name)`; None for all fields."""
    inner = expanded.partition("(")[2].rpartition(")")[0]
    chosen = next((part.strip() for part in inner.split(";") if part.strip().lower().startswith("$select=")), "")
    return _names(chosen.partition("=")[2])


def _page_size(request: GraphRequest) -> int:
    """`Prefer: odata.maxpagesize` where there is no $top; ten otherwise."""
    wanted = request.preferences.get("odata.maxpagesize", "")
    return min(int(wanted), MAX_TOP) if wanted.isascii() and wanted.isdigit() and int(wanted) > 0 else DEFAULT_TOP


def _number(given: dict[str, str], name: str, default: int, highest: int | None) -> int:
    if name not in given:
        return default
    text = given[name]
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad_request(
            f"Invalid value '{text}' for {name} query option found. "
            f"The {name} query option requires a non-negative integer value."
        )
    value = int(text)
    if highest is not None and not 1 <= value <= highest:
        raise bad_request(
            f"The limit of '{highest}' for Top query has been exceeded. "
            f"The value from the incoming request is '{value}'.",
            "ErrorInvalidUrlQueryFilter",
        )
    return value


def _orderby(value: str | None) -> tuple[tuple[str, bool], ...]:
    found = []
    for clause in _names(value) or ():
        words = clause.split()
        if len(words) > 2 or (len(words) == 2 and words[1].lower() not in ("asc", "desc")):
            raise bad_request(f"Syntax error in '$orderby': '{clause}'.")
        found.append((words[0], len(words) == 2 and words[1].lower() == "desc"))
    return tuple(found)


def _check_sorted_filter(options: Options) -> None:
    """Ordered properties must be in the filter too, first and in the same order (G21: user-list-messages.md)."""
    if options.filter is None or not options.orderby:
        return
    ordered = [path.lower() for path, _ in options.orderby]
    if [path.lower() for path in options.filter.properties[: len(ordered)]] != ordered:
        raise GraphError(400, "InefficientFilter", "The restriction or sort order is too complex for this operation.")
