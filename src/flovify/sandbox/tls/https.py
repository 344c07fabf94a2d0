"""The sandbox's application over HTTPS."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn

_DRAIN_SECONDS = 2


class _Server(uvicorn.Server):
    """A server that leaves signals to the process's main listener."""

    def capture_signals(self) -> Any:
        return contextlib.nullcontext()


@asynccontextmanager
async def open_https(app: Any, sock: socket.socket, context: ssl.SSLContext) -> AsyncIterator[None]:
    """Serve an ASGI application on a bound socket, which it owns from here on, until the block ends."""
    config = uvicorn.Config(
        app,
        http="httptools",
        loop="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        ssl_context_factory=lambda _config, _default: context,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        while not server.started:
            if task.done():
                task.result()
                raise RuntimeError("the HTTPS listener stopped while starting")
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task
        sock.close()
