"""Request bodies with a cap and a deadline: no server ends a trickled body by itself."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from flovify.bff.errors import BodyTooLarge, BodyTooSlow

BODY_SECONDS = 2.0


async def read_body(request: Request, max_bytes: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises BodyTooLarge, before reading where its length says so, and BodyTooSlow."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > max_bytes:
        raise BodyTooLarge
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                size += len(part)
                if size > max_bytes:
                    raise BodyTooLarge
                parts.append(part)
    except TimeoutError:
        raise BodyTooSlow from None
    except ClientDisconnect:
        raise BodyTooSlow from None
    return b"".join(parts)
