"""A GET to one of the installation's own processes, with nothing but the standard library.

An HTTP client would be a third of what the supervisor loads before it can start anything, and of what it keeps.
"""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

MAX_ANSWER_BYTES = 2**20


async def get(url: str, seconds: float) -> tuple[int, bytes]:
    """Status and body of `http://host:port/path`, within `seconds`; redirects are answers like any other.

    Raises OSError or TimeoutError when nobody answers, ValueError for what is no HTTP or longer than a megabyte.
    """
    async with asyncio.timeout(seconds):
        answer = await _exchange(url)
    head, _, body = answer.partition(b"\r\n\r\n")
    words = head.split(maxsplit=2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ValueError(f"{url} does not answer with HTTP")
    return int(words[1]), body


async def answers(url: str, seconds: float) -> bool:
    """Whether `url` answers 200 within `seconds`."""
    try:
        status, _ = await get(url, seconds)
    except (OSError, TimeoutError, ValueError):
        return False
    return status == 200


async def _exchange(url: str) -> bytes:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        # By HTTP/1.0 the body comes as it is, and the end of the connection is its end (RFC 9112, section 6.3).
        writer.write(f"GET {parts.path or '/'} HTTP/1.0\r\nHost: {parts.netloc}\r\n\r\n".encode("ascii"))
        answer = bytearray()
        while chunk := await reader.read(2**16):
            answer += chunk
            if len(answer) > MAX_ANSWER_BYTES:
                raise ValueError(f"{url} answers more than {MAX_ANSWER_BYTES} bytes")
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return bytes(answer)
