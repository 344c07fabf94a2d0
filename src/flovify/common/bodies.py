"""Request bodies with a cap and a deadline, for the webhook, which refuses in its own words.

Every other route's body is limited by its listener (common/listener).
"""

from __future__ import annotations

import asyncio

from starlette.types import Message, Receive, Scope

from flovify.common.errors import FlovifyError

BODY_SECONDS = 10.0


class BodyTooLarge(FlovifyError):
    code = "body_too_large"
    http_status = 413

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the body may have {max_bytes} bytes at most", headers={"Connection": "close"})


class BodyTooSlow(FlovifyError):
    code = "body_too_slow"
    http_status = 408

    def __init__(self) -> None:
        super().__init__("the body came too slowly", headers={"Connection": "close"})


class Disconnected(Exception):
    """The client went away; there is nobody to answer."""


def check_length(scope: Scope, max_bytes: int) -> None:
    """Raises BodyTooLarge for a declared length above the cap, or one that is no number; reads nothing."""
    for name, value in scope["headers"]:
        if name == b"content-length" and not (value.isdigit() and int(value[:20]) <= max_bytes):
            raise BodyTooLarge(max_bytes)


async def read_body(receive: Receive, max_bytes: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises BodyTooLarge and BodyTooSlow as soon as it is one, and Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        # Nearly every body comes whole: it costs no timer and no copy.
        whole: bytes = message.get("body", b"")
        if len(whole) > max_bytes:
            raise BodyTooLarge(max_bytes)
        return whole
    try:
        async with asyncio.timeout(seconds):
            return await _joined(message, receive, max_bytes)
    except TimeoutError:
        raise BodyTooSlow from None


async def _joined(message: Message, receive: Receive, max_bytes: int) -> bytes:
    parts = bytearray()
    while message["type"] == "http.request":
        parts += message.get("body", b"")
        if len(parts) > max_bytes:
            raise BodyTooLarge(max_bytes)
        if not message.get("more_body", False):
            return bytes(parts)
        message = await receive()
    raise Disconnected
