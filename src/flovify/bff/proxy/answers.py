"""A service's answer on its way to the browser, chunk by chunk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from flovify.common.logs import get_logger

CHUNK = 64 * 1024
READ_SECONDS = 35.0


class AnswerBroke(Exception):
    """The service went away in the middle. Ending the connection is the only way left to say so."""


class PassedAnswer(StreamingResponse):
    """Streams, with one framing: the service's length, or chunks where it gave none. Closes the source in any case."""

    def __init__(self, source: aiohttp.ClientResponse, headers: list[tuple[bytes, bytes]]) -> None:
        super().__init__(_chunks(source), status_code=source.status)
        self.raw_headers = headers
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self._source:
            await super().__call__(scope, receive, send)


async def _chunks(source: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    try:
        while chunk := await asyncio.wait_for(source.content.read(CHUNK), READ_SECONDS):
            yield chunk
    except (aiohttp.ClientError, OSError) as error:  # OSError covers TimeoutError
        get_logger().warning("answer_broke_off", path=source.url.path[:200], error=type(error).__name__)
        raise AnswerBroke from None
