"""Reading a request's body with a cap and a deadline; no ASGI server closes a slow body by itself."""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope

from flovify.api.intake.errors import Refused

MAX_BODY_BYTES = 2**20
BODY_SECONDS = 2.0


class Disconnected(Exception):
    """The client went away; there is nobody to answer."""


def check_head(scope: Scope) -> None:
    """Refuse by the headers alone: 415 for anything but UTF-8 JSON, 413 for a length above the cap."""
    content_type = content_length = b""
    for name, value in scope["headers"]:
        if name == b"content-type":
            content_type = value
        elif name == b"content-length":
            content_length = value
    if not _is_json(content_type):
        raise Refused(415)
    if content_length and (not content_length.isdigit() or int(content_length[:20]) > MAX_BODY_BYTES):
        raise Refused(413)


async def read_body(receive: Receive) -> bytes:
    """The whole body. Raises Refused (413 past the cap, 408 past the deadline) or Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        first: bytes = message.get("body", b"")
        if len(first) > MAX_BODY_BYTES:
            raise Refused(413)
        return first
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read_rest(message, receive)
    except TimeoutError:
        raise Refused(408) from None


async def _read_rest(message: Message, receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    current = message
    while True:
        if current["type"] != "http.request":
            raise Disconnected
        chunk: bytes = current.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise Refused(413)
        parts.append(chunk)
        if not current.get("more_body", False):
            return b"".join(parts)
        current = await receive()


def _is_json(content_type: bytes) -> bool:
    """`application/json`, at most with a charset, and that UTF-8 (RFC 8259, section 8.1)."""
    if content_type == b"application/json":
        return True
    media_type, *parameters = content_type.lower().split(b";")
    if media_type.strip() != b"application/json":
        return False
    pairs = [parameter.strip().partition(b"=") for parameter in parameters]
    return all(value.strip(b'" ') in (b"utf-8", b"utf8") for name, _, value in pairs if name.strip() == b"charset")
