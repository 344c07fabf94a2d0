"""An answer that goes on until one of both sides leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStream(StreamingResponse):
    """Sends the blocks as they come, and frees what they hold as soon as the client is gone, even in a quiet hour."""

    def __init__(self, blocks: AsyncGenerator[bytes, None]) -> None:
        super().__init__(blocks, media_type="text/event-stream", headers=_HEADERS)
        self._blocks = blocks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        async with aclosing(self._blocks):
            sending = asyncio.create_task(self.stream_response(send))
            leaving = asyncio.create_task(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, leaving):
                    task.cancel()
                results = await asyncio.gather(sending, leaving, return_exceptions=True)
            failure = results[0]
            if isinstance(failure, Exception) and not isinstance(failure, OSError):
                raise failure
