"""Answers that carry a stranger's bytes: they are offered for saving and never run in the console's origin."""

from __future__ import annotations

import re
from urllib.parse import quote

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from flovify.api.messages.service import Content

OCTETS = "application/octet-stream"
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,80}/[a-z0-9][a-z0-9!#$&^_.+-]{0,80}")
# What a browser might run or render as a page, by type or by suffix.
_ACTIVE = re.compile(r"html|xml|svg|script|multipart/|message/|x-shockwave|wasm|json\b|css|pdf")
_SAFE_PREFIXES = ("image/", "audio/", "video/", "application/", "font/", "text/plain", "text/csv", "text/calendar")
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f"\\/:*?<>|\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]')
_MAX_NAME = 150


class ContentResponse(StreamingResponse):
    """Streams a Content and lets go of what it holds, even when nobody reads it."""

    def __init__(self, content: Content, *, media_type: str, file_name: str) -> None:
        headers = {
            "Content-Disposition": content_disposition(file_name),
            "Content-Type": media_type,
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if content.length is not None:
            headers["Content-Length"] = str(content.length)
        super().__init__(content.chunks, headers=headers)
        self._resources = content.resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._resources:
            await super().__call__(scope, receive, send)


def safe_media_type(given: str | None) -> str:
    """The type to send for an attachment that says it is `given`: octets for all a browser might run or render."""
    lowered = (given or "").split(";")[0].strip().lower()
    if not _TYPE.fullmatch(lowered) or _ACTIVE.search(lowered) or not lowered.startswith(_SAFE_PREFIXES):
        return OCTETS
    return lowered


def content_disposition(file_name: str) -> str:
    """`attachment` with the name in plain ASCII and, where that differs, in UTF-8 too (RFC 6266, RFC 8187)."""
    name = safe_file_name(file_name)
    plain = name.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_").replace(";", "_")
    header = f'attachment; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def item_file_name(given: str | None, ending: str) -> str:
    """A name to save an attached item under; its own name is a subject or a person and seldom has an ending."""
    name = safe_file_name(given, "item")
    return name if name.lower().endswith(ending) else name + ending


def safe_file_name(given: str | None, default: str = "attachment") -> str:
    """A name to save under: no path, no control or direction-changing character, no leading dot, not too long.

    The ending survives shortening, because it is what a user's system goes by.
    """
    name = _UNSAFE_IN_NAMES.sub("_", (given or "").encode("utf-8", "replace").decode()).strip(" .")
    if len(name) > _MAX_NAME:
        stem, dot, ending = name.rpartition(".")
        tail = dot + ending if dot and len(ending) <= 16 else ""
        name = (stem if tail else name)[: _MAX_NAME - len(tail)] + tail
    return name or default
