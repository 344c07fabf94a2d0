"""A listener that stays open from test to test, with a door that is open only during one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from flovify.common.correlation import CorrelationMiddleware
from flovify.common.server import bind, create_server
from tests.support.net import free_port
from tests.support.wait import until


class Door:
    """An ASGI application with another one behind it; whoever comes while it is closed gets 503."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.behind: ASGIApp = Response(status_code=404)
        self.is_open = False
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._inside += 1
        try:
            await (self.behind if self.is_open else Response(status_code=503))(scope, receive, send)
        finally:
            self._inside -= 1

    async def close(self) -> None:
        """Let nobody in any more once those inside have left, so that no request outlives its test."""
        await until(lambda: self._inside == 0, 20, f"the end of the last request to {self.url}")
        self.is_open = False


@asynccontextmanager
async def open_listeners(count: int) -> AsyncIterator[list[Door]]:
    """Closed doors, each with a listener before it until the block ends."""
    sockets = [bind("127.0.0.1", free_port()) for _ in range(count)]
    doors = [Door(f"http://localhost:{sock.getsockname()[1]}") for sock in sockets]
    servers = [create_server(CorrelationMiddleware(door), drain_seconds=2) for door in doors]
    serving = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in zip(servers, sockets, strict=True)]
    await until(lambda: all(server.started for server in servers), 20, "the listeners")
    yield doors
    for server in servers:
        server.should_exit = True
    await asyncio.wait_for(asyncio.gather(*serving), 20)
