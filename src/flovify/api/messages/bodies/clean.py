"""A stranger's HTML made harmless.

Three walls stand behind each other: nh3 keeps only elements and attributes that can do nothing, the rules here take
every address out that a browser would load from, and the page's own policy (see `routes`) forbids all of it again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import nh3

_BLOCKS = (
    "address article aside blockquote br caption center col colgroup dd div dl dt fieldset figcaption figure footer h1 "
    "h2 h3 h4 h5 h6 header hr legend li main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_INLINES = (
    "a abbr b bdi bdo big cite code data del dfn em font i img ins kbd mark q rp rt ruby s samp small span strike "
    "strong sub sup time tt u var wbr"
)
TAGS = frozenset((*_BLOCKS.split(), *_INLINES.split()))
# Gone with all that is in them; of other elements that are not kept the text stays.
CONTENT_GONE = frozenset(
    (
        *("script", "style", "head", "title", "template", "noscript", "noembed", "noframes", "iframe", "object"),
        *("applet", "svg", "math", "audio", "video", "canvas", "select", "textarea", "xmp", "plaintext"),
    )
)
ATTRIBUTES = {
    "*": {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width"},
    "a": {"href"},
    "img": {"alt", "border", "hspace", "src", "vspace"},
    "table": {"background", "border", "cellpadding", "cellspacing", "summary"},
    "td": {"background", "colspan", "nowrap", "rowspan"},
    "th": {"background", "colspan", "nowrap", "rowspan", "scope"},
    "tr": {"background"},
    "font": {"color", "face", "size"},
    "col": {"span"},
    "colgroup": {"span"},
    "ol": {"start", "type"},
    "ul": {"type"},
    "li": {"value"},
    "hr": {"color", "noshade", "size"},
    "time": {"datetime"},
}
_LINKS = frozenset(("http", "https", "mailto", "tel"))
# `cid` and `data` come this far only to be looked at: see `_source`.
_SCHEMES = _LINKS | {"cid", "data"}
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)
_PROPERTIES = frozenset(
    (
        *("color", "background-color", "opacity", "direction", "vertical-align", "white-space", "word-break"),
        *("font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "line-height"),
        *("letter-spacing", "word-spacing", "word-wrap", "overflow-wrap", "text-align", "text-decoration"),
        *("text-indent", "text-transform", "border-collapse", "border-spacing", "border-radius", "table-layout"),
        *("width", "height", "max-width", "max-height", "min-width", "min-height", "box-sizing"),
        *("list-style-type", "list-style-position", "caption-side", "empty-cells", "display", "float", "clear"),
    )
)
_PROPERTY_FAMILIES = ("margin", "padding", "border")
# No functions but colours, no addresses, no escapes, no comments: what is left cannot load or overlay anything.
_VALUE = re.compile(r"(?:[\w\s.,#%+'\"!-]|rgba?\([\d\s.,%/]+\)|hsla?\([\d\s.,%/a-z]+\)){1,500}", re.IGNORECASE)
_LOADS = re.compile(r"url\s*\(|image(?:-set)?\s*\(", re.IGNORECASE)


@dataclass
class Cleaned:
    """Harmless HTML. `remote` pictures are somewhere else; `missing` are the message's own, not given to be shown."""

    html: str = ""
    remote: int = 0
    missing: list[str] = field(default_factory=list)


def clean(source: str, pictures: Mapping[str, str] | None = None) -> Cleaned:
    """What may be shown of `source`; `pictures` are data: addresses by Content-ID, in lower case."""
    rules = _Rules(pictures or {})
    rules.found.html = nh3.clean(
        source,
        tags=set(TAGS),
        clean_content_tags=set(CONTENT_GONE),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=rules.keep,
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel="noopener noreferrer",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return rules.found


def content_id(reference: str) -> str:
    """The Content-ID that `cid:…` means, as the keys of `pictures` are written (RFC 2392)."""
    return content_key(unquote(reference.strip()[len("cid:") :]))


def content_key(given: str) -> str:
    """A Content-ID as the keys of `pictures` are written: mail programs differ in brackets and in case."""
    return given.strip().strip("<>").lower()


class _Rules:
    """Looks at each attribute that nh3 would keep."""

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self._pictures = pictures
        self.found = Cleaned()

    def keep(self, tag: str, name: str, value: str) -> str | None:
        if name == "style":
            return self._style(value)
        if name == "background":
            self.found.remote += 1
            return None
        if name == "src":
            return self._source(value)
        if name == "href":
            return value if tag == "a" and value.strip().partition(":")[0].lower() in _LINKS else None
        return value

    def _source(self, value: str) -> str | None:
        """The message's own pictures and those written into it are shown, others never."""
        lowered = value.strip().lower()
        if lowered.startswith("cid:"):
            key = content_id(value)
            if key not in self._pictures:
                self.found.missing.append(key)
            return self._pictures.get(key)
        if _DATA_IMAGE.fullmatch(value.strip()):
            return value.strip()
        self.found.remote += 1
        return None

    def _style(self, value: str) -> str | None:
        kept = []
        for declaration in value[:20_000].split(";"):
            name, colon, given = declaration.partition(":")
            self.found.remote += bool(_LOADS.search(declaration))
            if colon and _is_harmless(name.strip().lower(), given.strip()):
                kept.append(f"{name.strip().lower()}: {given.strip()}")
        return "; ".join(kept) or None


def _is_harmless(name: str, value: str) -> bool:
    known = name in _PROPERTIES or name.split("-", maxsplit=1)[0] in _PROPERTY_FAMILIES
    if not known or name.startswith("border-image") or not _VALUE.fullmatch(value):
        return False
    # A margin below zero would lay the sender's text over ours.
    return not (name.startswith("margin") and "-" in value)
