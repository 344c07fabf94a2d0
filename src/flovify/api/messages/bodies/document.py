"""The page around a message's body."""

from __future__ import annotations

import html
import re

from flovify.api.messages.bodies.clean import Cleaned

# Mail is written for white paper; a dark page would make dark text on it unreadable.
_STYLE = """
:root { color-scheme: light; }
html { background: #fff; color: #1a1a1a; }
body { margin: 0; padding: 12px; font: 15px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
img { max-width: 100%; height: auto; }
img:not([src]) { display: inline-block; min-width: 1em; min-height: 1em; border: 1px dashed #767676; padding: 0 4px; }
pre, .text { white-space: pre-wrap; font: inherit; }
table { max-width: 100%; }
a { color: #1f5fbf; }
.note { margin: 0 0 12px; padding: 8px; border: 1px solid #767676; border-radius: 4px; font-size: 13px; }
"""
_LINK = re.compile(r"https?://[^\s<>\"']{1,2000}[^\s<>\"'.,;:!?)\]}]")


def html_document(cleaned: Cleaned, *, lang: str = "") -> str:
    """A page of the sender's cleaned HTML, with a note about pictures that are not shown."""
    return _page(_pictures_note(cleaned.remote, len(cleaned.missing)) + cleaned.html, lang)


def text_document(text: str, note: str = "") -> str:
    """A page of plain text, in which addresses of the web are links."""
    parts, end = [], 0
    for match in _LINK.finditer(text):
        address = html.escape(match[0])
        link = f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>'
        parts += [html.escape(text[end : match.start()]), link]
        end = match.end()
    parts.append(html.escape(text[end:]))
    return _page(f'{_note(note)}<div class="text">{"".join(parts)}</div>')


def _pictures_note(remote: int, missing: int) -> str:
    texts = []
    if remote:
        texts.append(f"{_pictures(remote)} kept elsewhere and not loaded: loading would tell the sender.")
    if missing:
        texts.append(f"{_pictures(missing)} part of this message and not shown here.")
    return _note(" ".join(texts))


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count} pictures are"


def _note(text: str) -> str:
    return f'<p class="note">{html.escape(text)}</p>' if text else ""


def _page(content: str, lang: str = "") -> str:
    attribute = f' lang="{html.escape(lang)}"' if lang else ""
    return (
        f'<!doctype html>\n<html{attribute}><head><meta charset="utf-8"><title>Message</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body>{content}</body></html>\n"
    )
