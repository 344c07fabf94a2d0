"""GET /users and /organization (graph/api/user-list, organization-get; GC: concepts/aad-advanced-queries.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from flovify.sandbox.directory.models import PERSONAL_TENANT, User
from flovify.sandbox.graph import users
from flovify.sandbox.graph.context import Call
from flovify.sandbox.graph.errors import GraphError, bad_request, insufficient_privileges
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from flovify.sandbox.graph.filters import Filter, compile_filter
from flovify.sandbox.graph.options import request_option

DEFAULT_TOP = 100
MAX_TOP = 999
_KNOWN = {"$select", "$top", "$skiptoken", "$filter", "$search", "$orderby", "$count", "$format"}
_SEARCHED = ("displayName", "mail", "userPrincipalName", "givenName", "surname", "mailNickname")
_FILTERED = ("id", "displayName", "mail", "userPrincipalName", "givenName", "surname", "mailNickname", "accountEnabled")
_CLAUSE = re.compile(r'\s*"(?P<name>\w+):(?P<words>[^"]*)"\s*(?P<join>AND|OR)?')
_ORGANIZATION = {"organization.read.all", "directory.read.all", "organization.readwrite.all"}
# Operators that the directory answers only as an advanced query.
_ADVANCED = re.compile(r"\b(?:not|ne|endswith|contains)\b", re.IGNORECASE)


async def list_users(call: Call) -> GraphResponse:
    """A page of the people and shared mailboxes of the caller's organisation. Raises GraphError 400 or 403.

    Personal accounts have no organisation to list (graph/api/user-list, permissions: not supported).
    """
    if not call.caller.may(users.READ_OTHERS) or call.caller.tenant_id == PERSONAL_TENANT:
        raise insufficient_privileges()
    options = _options(call.request)
    top, start = _top(options), _start(options)
    names = users.selected(call.request)
    found = [user for user in call.parts.directory.members(call.caller.tenant_id) if _wanted(user, options)]
    _sort(found, options.get("$orderby", ""))
    tail = f"users({','.join(names)})" if names else "users"
    body: dict[str, Any] = {"@odata.context": f"{call.request.base}/$metadata#{tail}"}
    if options.get("$count", "").lower() == "true":
        body["@odata.count"] = len(found)
    if len(found) > start + top:
        body["@odata.nextLink"] = _next_link(call.request, options, start + top)
    body["value"] = [users.view(user, names) for user in found[start : start + top]]
    return GraphResponse(200, body)


async def get_organization(call: Call) -> GraphResponse:
    """The caller's own organisation, as a list of one. Raises GraphError 403."""
    allowed = _ORGANIZATION if call.caller.app_only else {*_ORGANIZATION, "user.read"}
    if not call.caller.may(allowed):
        raise insufficient_privileges()
    value = [
        {
            "id": found.tenant_id,
            "displayName": found.display_name,
            "verifiedDomains": [{"name": found.domain, "isDefault": True, "isInitial": True, "type": "Managed"}],
        }
        for found in call.parts.directory.organizations.all()
        if found.tenant_id == call.caller.tenant_id
    ]
    context = f"{call.request.base}/$metadata#organization"
    return GraphResponse(200, {"@odata.context": context, "value": value})


def _options(request: GraphRequest) -> dict[str, str]:
    """OData options with their dollar sign. Raises GraphError 400 for one /users does not have, $skip among them."""
    given = {("$" + name).replace("$$", "$"): value for name, value in request.options.items()}
    for name in given:
        if name == "$skip":
            raise GraphError(400, "Request_BadRequest", "'$skip' is not supported by the service.")
        if name not in _KNOWN and (name in request.options or request_option(name)):
            raise bad_request(f"The query parameter '{name}' is not supported.")
    _check_advanced(request, given)
    return given


def _check_advanced(request: GraphRequest, options: Mapping[str, str]) -> None:
    """$search, $count, and some filters need eventual consistency, and filters with sorting $count beside it."""
    eventual = request.headers.get("consistencylevel", "").lower() == "eventual"
    counted = options.get("$count", "").lower() == "true"
    if "$search" in options and not eventual:
        raise _unsupported(
            "Request with $search query parameter only works through MSGraph with a special request header: "
            "'ConsistencyLevel: eventual'"
        )
    if counted and not eventual:
        raise _unsupported("$count is not currently supported without the header 'ConsistencyLevel: eventual'.")
    bare = re.sub(r"'(?:[^']|'')*'", "", options.get("$filter", ""))
    advanced = bool(_ADVANCED.search(bare)) or ("$filter" in options and "$orderby" in options)
    if advanced and not (eventual and counted):
        raise _unsupported("Unsupported Query. It needs $count=true and the header 'ConsistencyLevel: eventual'.")


def _unsupported(message: str) -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", message)


def _top(options: Mapping[str, str]) -> int:
    text = options.get("$top", str(DEFAULT_TOP))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_TOP):
        raise GraphError(400, "Request_BadRequest", f"Invalid page size specified: '{text[:20]}'. Must be between 1 and 999 inclusive.")  # fmt: skip # noqa: E501
    return int(text)


def _start(options: Mapping[str, str]) -> int:
    """Where the page begins. A $skiptoken is opaque to clients; only ours are taken."""
    text = options.get("$skiptoken", "")
    if not text:
        return 0
    found = re.fullmatch(r"RFNwdAIAAQ([0-9]{1,9})", text)
    if found is None:
        raise GraphError(400, "Request_BadRequest", "The specified $skiptoken is invalid.")
    return int(found[1])


def _next_link(request: GraphRequest, options: Mapping[str, str], start: int) -> str:
    kept = [(name, value) for name, value in options.items() if name != "$skiptoken"]
    query = urlencode([*kept, ("$skiptoken", f"RFNwdAIAAQ{start}")], quote_via=quote, safe="$(),':/")
    return f"{request.base}/users?{query}"


def _wanted(user: User, options: Mapping[str, str]) -> bool:
    shown = users.profile(user)
    found = _filter(options)
    if found is not None and not found.matches(lambda path: shown[users.property_name(path)]):
        return False
    return "$search" not in options or _matches_search(shown, options["$search"])


def _filter(options: Mapping[str, str]) -> Filter | None:
    text = options.get("$filter", "")
    if not text:
        return None
    found = compile_filter(text)
    for path in found.properties:
        if users.property_name(path) not in _FILTERED:
            raise _unsupported(f"Unsupported or invalid query filter clause specified for property '{path}'.")
    return found


def _matches_search(shown: Mapping[str, Any], text: str) -> bool:
    """Clauses `"property:words"` with AND and OR; a word counts where a word of the property begins with it.

    AND binds closer than OR, as in OData. Raises GraphError 400 for what cannot be read.
    """
    at, any_of, all_of = 0, False, True
    while at < len(text):
        clause = _CLAUSE.match(text, at)
        if clause is None or clause["name"].lower() not in {name.lower() for name in _SEARCHED}:
            raise bad_request(f"Syntax error: character at position {at} is not valid in '{text[:100]}'.")
        all_of = all_of and _begins(shown[users.property_name(clause["name"])], clause["words"])
        at = clause.end()
        if clause["join"] == "OR":
            any_of, all_of = any_of or all_of, True
        elif clause["join"] is None and text[at:].strip():
            raise bad_request(f"Syntax error: character at position {at} is not valid in '{text[:100]}'.")
    return any_of or all_of


def _begins(value: Any, words: str) -> bool:
    parts = re.split(r"[\s@._-]+", str(value or "").lower())
    whole = str(value or "").lower()
    return all(whole.startswith(word) or any(part.startswith(word) for part in parts) for word in words.lower().split())


def _sort(found: list[User], orderby: str) -> None:
    if not orderby:
        return
    name, _, direction = orderby.strip().partition(" ")
    if name.lower() not in {"displayname", "userprincipalname"} or direction.strip().lower() not in {"", "asc", "desc"}:
        raise _unsupported(f"Sorting by '{orderby[:100]}' is not supported.")
    key = users.property_name(name)
    found.sort(key=lambda user: str(users.profile(user)[key]).lower(), reverse=direction.strip().lower() == "desc")
