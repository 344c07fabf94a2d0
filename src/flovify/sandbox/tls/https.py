"""The sandbox's application over HTTPS."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from flovify.common.listener.limits import Limits
from flovify.common.server import create_server

_DRAIN_SECONDS = 2


@asynccontextmanager
async def open_https(app: Any, sock: socket.socket, context: ssl.SSLContext, limits: Limits) -> AsyncIterator[None]:
    """Serve an ASGI application on a bound socket, which it owns from here on, until the block ends."""
    server = create_server(
        app,
        _DRAIN_SECONDS,
        limits,
        "FLOVIFY_SANDBOX_TLS_PORT",
        ssl_context_factory=lambda _config, _default: context,
    )
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
