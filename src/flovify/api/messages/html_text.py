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
_SPACES = re.compile(r"[ \t\r\n\f\v]+")
_END_OF = {name: re.compile(f"</{name}", re.IGNORECASE) for name in _INVISIBLE}


def html_to_text(source: str) -> str:
    """The visible text of `source`, one line a block, cells separated by tabs. Any input gives some text.

    What is longer than MAX_INPUT_CHARACTERS gives the text of its beginning; `is_cut` says whether it is.
    """
    source = _beginning(_without_data(source))
    parts: list[str] = []
    position, end = 0, len(source)
    missing: set[str] = set()
    while position < end:
        # Without another ">" nothing that follows can be markup.
        markup = None if ">" in missing else _MARKUP.search(source, position)
        if markup is None:
            parts.append(_plain(source[position:]))
            break
        start = markup.start()
        if start > position:
            parts.append(_plain(source[position:start]))
        position = _after_markup(source, start, parts, missing)
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
    quoted = _QUOTED_TAG.match(source, start)
    behind = quoted.end() if quoted else _after(">", source, match.end(), missing)
    if name in _END_OF and not match[1]:
        return _after_element(name, source, behind, missing)
    if name in _BREAKING:
        parts.append("\n")
        if name == "li" and not match[1]:
            parts.append("- ")
    elif name in _CELL and match[1]:
        parts.append("\t")
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


def _plain(text: str) -> str:
    return _SPACES.sub(" ", html.unescape(text))


def _tidy(text: str) -> str:
    lines = [line.strip(" \t") for line in text.replace("\N{NO-BREAK SPACE}", " ").split("\n")]
    return re.sub(r" {2,}", " ", re.sub(r"\n{3,}", "\n\n", "\n".join(lines))).strip()
