"""Plain text from a mail's HTML, for search and for readers without HTML.

Not a renderer and no sanitiser: what comes out is text, never to be put into a page unescaped. Each position of the
input is looked at a bounded number of times: the input is a stranger's, and the worker has other mailboxes to serve.
"""

from __future__ import annotations

import html
import re

MAX_INPUT_CHARACTERS = 1_000_000  # of what is left when pictures written into the mail are taken out

# A picture's bytes in an attribute: no text, and often more than all the rest of the mail.
_DATA = re.compile(r"(data:[^,\s\"'<>]{0,200},)[^\s\"'<>]{100,}", re.IGNORECASE)
_MARKUP = re.compile("<(?=/?[a-zA-Z]|[!?])")
_TAG_NAME = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_INVISIBLE = ("script", "style", "head", "title", "template", "noscript", "svg", "math")
_BREAKING_NAMES = """
    address article aside blockquote body br center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr
    html li main nav ol p pre section table tbody tfoot thead tr ul
"""
_BREAKING = frozenset(_BREAKING_NAMES.split())
_CELL = frozenset(("td", "th"))
_QUOTED_TAG = re.compile(
    r"""<[^<>"']{0,2000}(?:"[^"]{0,20000}"[^<>"']{0,2000}|'[^']{0,20000}'[^<>"']{0,2000}){0,100}>"""
)
# A tag in one look, whatever its attributes; nearly all are.
_USUAL = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9:-]{0,30})(?![a-zA-Z0-9:-])(?:>|" + _QUOTED_TAG.pattern[1:] + ")")
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_END_OF = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _INVISIBLE}
_QUIET = """
    a abbr b big caption cite code col colgroup del em font i img input ins label link mark meta o:p q s small span
    strike strong sub sup table tbody td th tfoot thead tr tt u v:shape w:wrap
"""


def _texts() -> dict[str, str]:
    """What stands for a tag, by its name, with a slash where it ends something; also as old programs write them."""
    quiet = {slash + name: "" for name in (*_QUIET.split(), *_CELL) for slash in ("", "/")}
    breaks = {slash + name: "\n" for name in _BREAKING for slash in ("", "/")}
    own = {"li": "\n- ", **{f"/{name}": "\t" for name in _CELL}}
    found = quiet | breaks | own
    return found | {name.upper(): text for name, text in found.items()}


_TEXT_OF = _texts()


def html_to_text(source: str) -> str:
    """The visible text of `source`, one line a block, cells separated by tabs. Any input gives some text.

    What is longer than MAX_INPUT_CHARACTERS gives the text of its beginning; `is_cut` says whether it is.
    """
    source = _flat(_beginning(_without_data(source)))
    parts: list[str] = []
    put, find, usual, text_of = parts.append, source.find, _USUAL.match, _TEXT_OF.get
    position, end = 0, len(source)
    missing: set[str] = set()
    while position < end:
        # Without another ">" nothing that follows can be markup.
        start = -1 if ">" in missing else find("<", position)
        if start < 0:
            put(_plain(source[position:]))
            break
        if start > position:
            piece = source[position:start]
            put(_plain(piece) if "&" in piece else piece)
        tag = usual(source, start)
        text = text_of(tag[1]) if tag is not None else None
        if tag is not None and text is not None:
            put(text)
            position = tag.end()
            continue
        markup = _MARKUP.search(source, start)
        if markup is None:
            put(_plain(source[start:]))
            break
        put(_plain(source[start : markup.start()]))
        position = _after_markup(source, markup.start(), parts, missing)
    return _tidy("".join(parts))


def is_cut(source: str) -> bool:
    """Whether `html_to_text` leaves the end of it out."""
    return len(source) > MAX_INPUT_CHARACTERS and len(_without_data(source)) > MAX_INPUT_CHARACTERS


def _without_data(source: str) -> str:
    return _DATA.sub(r"\1", source) if len(source) > 1000 and "data:" in source.lower() else source


def _beginning(source: str) -> str:
    """As much as is read; never the half of a tag, which would be taken for text."""
    if len(source) <= MAX_INPUT_CHARACTERS:
        return source
    end = source.rfind("<", 0, MAX_INPUT_CHARACTERS)
    whole = end < 0 or source.rfind(">", end, MAX_INPUT_CHARACTERS) > end
    return source[: MAX_INPUT_CHARACTERS if whole else end]


def _after_markup(source: str, start: int, parts: list[str], missing: set[str]) -> int:
    """Handle the markup at `start` and give the position behind it. `missing` remembers ends already sought in vain."""
    if source.startswith("<!--", start):
        return _after("-->", source, start + 4, missing)
    if source.startswith(("<!", "<?"), start):
        return _after(">", source, start + 2, missing)
    match = _TAG_NAME.match(source, start)
    if match is None:
        parts.append("<")
        return start + 1
    name = match[2].lower()
    text = _TEXT_OF.get(match[1] + name, "")
    quoted = _QUOTED_TAG.match(source, start)
    behind = quoted.end() if quoted else _after(">", source, match.end(), missing)
    if name in _END_OF and not match[1]:
        return _after_element(name, source, behind, missing)
    parts.append(text)
    return behind


def _after(mark: str, source: str, position: int, missing: set[str]) -> int:
    found = -1 if mark in missing else source.find(mark, position)
    if found < 0:
        missing.add(mark)
        # Without an end the rest is text: a mail must not vanish behind one stray "<!--".
        return position
    return found + len(mark)


def _after_element(name: str, source: str, position: int, missing: set[str]) -> int:
    if source[position - 2 : position] == "/>" or name in missing:
        return position
    match = _END_OF[name].search(source, position)
    if match is None:
        missing.add(name)
        return position
    close = source.find(">", match.end(), match.end() + 100)
    return close + 1 if close >= 0 else match.end()


def _flat(source: str) -> str:
    """With spaces for the other white space of HTML: lines come from blocks alone."""
    for character in "\t\r\n\f\v":
        if character in source:
            source = source.replace(character, " ")
    return source


def _plain(text: str) -> str:
    """With characters for references; the five that mails are full of without a look for all the others."""
    if "&" not in text:
        return text
    usual = (
        text.replace("&nbsp;", "\N{NO-BREAK SPACE}").replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"')
    )
    if usual.count("&") == usual.count("&amp;"):
        return usual.replace("&amp;", "&")
    return _SPACES.sub(" ", html.unescape(text))


def _single(text: str) -> str:
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _tidy(text: str) -> str:
    text = _single(text.replace("\N{NO-BREAK SPACE}", " "))
    text = "\n".join([line.strip(" \t") for line in text.split("\n")])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return _single(text).strip()
