"""Request bodies with a cap and a deadline: no server ends a trickled body by itself."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from flovify.bff.errors import BodyTooLarge, BodyTooSlow

BODY_SECONDS = 10.0


async def read_body(request: Request, max_bytes: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises BodyTooLarge, before reading where its length says so, and BodyTooSlow."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared[:20]) > max_bytes:
        raise BodyTooLarge(max_bytes)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                body += part
                if len(body) > max_bytes:
                    raise BodyTooLarge(max_bytes)
    except (TimeoutError, ClientDisconnect):
        raise BodyTooSlow from None
    return bytes(body)
