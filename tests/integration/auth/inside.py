"""auth's two applications served inside the test's own event loop: real sockets, no new process."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn

from flovify.auth.app import create_app, create_internal_app
from flovify.auth.deps import AuthDeps
from flovify.auth.settings import AuthSettings
from flovify.common.correlation import CorrelationMiddleware
from flovify.common.settings import load
from tests.support.wait import until


class _Server(uvicorn.Server):
    def capture_signals(self) -> Any:
        return contextlib.nullcontext()


@asynccontextmanager
async def running_inside(environment: Mapping[str, str]) -> AsyncIterator[AuthDeps]:
    """Serve on the ports the environment names, with the options of the real process."""
    settings = load(AuthSettings, environment)
    async with AsyncExitStack() as stack:
        deps = await AuthDeps.open(settings, stack)
        pairs = (
            (CorrelationMiddleware(create_app(deps)), settings.flovify_auth_port),
            (create_internal_app(deps), settings.flovify_auth_internal_port),
        )
        servers = [_Server(_config(app)) for app, _ in pairs]
        sockets = [_listen(port) for _, port in pairs]
        tasks = [asyncio.create_task(server.serve([sock])) for server, sock in zip(servers, sockets, strict=True)]
        await until(lambda: all(server.started for server in servers), what="both listeners")
        try:
            yield deps
        finally:
            for server in servers:
                server.should_exit = True
            await asyncio.gather(*tasks)


def _config(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, http="httptools", loop="none", lifespan="off", log_config=None, access_log=False, proxy_headers=False
    )


def _listen(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(("127.0.0.1", port))
    return sock
