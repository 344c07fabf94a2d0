"""Answers that stay open: passed on event by event, and ended at once when this process is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp

from flovify.bff.proxy.answers import CHUNK, PassedAnswer
from flovify.common.logs import get_logger

# The api sends a comment every 15 s; after two of them are missing nobody is there any more.
SILENCE_SECONDS = 40.0


class PassedStream(PassedAnswer):
    """Ends in order when the service does, when it falls silent, or when `stopping` is set.

    In none of these is anything broken for the browser: it comes again by itself and says what it saw last.
    """

    def __init__(
        self, source: aiohttp.ClientResponse, headers: list[tuple[bytes, bytes]], stopping: asyncio.Event
    ) -> None:
        super().__init__(source, headers)
        self.body_iterator = _events(source, stopping)


async def _events(source: aiohttp.ClientResponse, stopping: asyncio.Event) -> AsyncIterator[bytes]:
    stop = asyncio.create_task(stopping.wait())
    try:
        while chunk := await _next(source, stop):
            yield chunk
    except (aiohttp.ClientError, OSError) as error:  # OSError covers TimeoutError
        get_logger().info("stream_broke_off", path=source.url.path, error=type(error).__name__)
    finally:
        stop.cancel()


async def _next(source: aiohttp.ClientResponse, stop: asyncio.Task[bool]) -> bytes:
    """What came, as soon as anything did; nothing at the end. Raises TimeoutError after a silence."""
    reading = asyncio.create_task(source.content.read(CHUNK))
    try:
        done, _ = await asyncio.wait([reading, stop], timeout=SILENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if reading in done:
            return reading.result()
        if stop in done:
            return b""
        raise TimeoutError
    finally:
        reading.cancel()
        with contextlib.suppress(asyncio.CancelledError, aiohttp.ClientError, OSError):
            await reading
