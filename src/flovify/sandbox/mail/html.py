"""HTML to text and back, well enough for previews and for `Prefer: outlook.body-content-type`.

A tokenizer of our own, because the standard library's parser raises on some real mail and is quadratic on others;
this one makes one pass and never fails.
"""

from __future__ import annotations

import html
import re

_SKIPPED = ("script", "style", "head", "title")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BREAKS = frozenset(("br", "p", "div", "tr", "li", "ul", "ol", "table", "blockquote", *_HEADINGS))
_TAG_NAME = re.compile(r"/?([a-zA-Z][a-zA-Z0-9]*)")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_RUNS = re.compile(" {2,}")
_EMPTY_LINES = re.compile(r"(?:[ \t]*\r?\n){3,}")
_FROM_TEXT = (
    '<html><head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    "\r\n<!-- converted from text --></head>\r\n<body>\r\n"
    '<div class="PlainText" style="white-space:pre-wrap">{}</div>\r\n</body>\r\n</html>\r\n'
)


def to_text(source: str) -> str:
    """The readable text of an HTML document, with CRLF line ends."""
    parts: list[str] = []
    lower = source.lower()
    at = 0
    while (start := source.find("<", at)) >= 0:
        _add_text(parts, source[at:start])
        at = _after_markup(source, lower, start, parts)
    _add_text(parts, source[at:])
    lines = (_RUNS.sub(" ", line).strip(" ") for line in "".join(parts).split("\n"))
    return _EMPTY_LINES.sub("\r\n\r\n", "\r\n".join(lines)).strip("\r\n")


def from_text(text: str) -> str:
    """An HTML document that shows plain text as it is, as Exchange makes when HTML is asked for."""
    return _FROM_TEXT.format(html.escape(text, quote=False))


def _add_text(parts: list[str], text: str) -> None:
    if text:
        parts.append(_SPACES.sub(" ", html.unescape(text)).replace("\xa0", " "))


def _after_markup(source: str, lower: str, start: int, parts: list[str]) -> int:
    """Where the text goes on after the markup that begins at `start`; appends what the markup looks like as text."""
    if lower.startswith("<!--", start):
        return _after(source, "-->", start + 4)
    name = _TAG_NAME.match(source, start + 1)
    if not name and not source.startswith(("<!", "<?"), start):
        parts.append("<")
        return start + 1
    end = _after(source, ">", start)
    if name is None:
        return end
    tag = name[1].lower()
    if tag in _BREAKS:
        parts.append("\n")
    elif tag in ("td", "th"):
        parts.append(" ")
    elif tag in _SKIPPED and source[start + 1] != "/":
        return _after(source, ">", _before(lower, f"</{tag}", end))
    return end


def _after(source: str, mark: str, start: int) -> int:
    found = source.find(mark, start)
    return len(source) if found < 0 else found + len(mark)


def _before(source: str, mark: str, start: int) -> int:
    found = source.find(mark, start)
    return len(source) if found < 0 else found
