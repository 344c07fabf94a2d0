"""auth's two applications served inside the test's own event loop: real sockets, no new process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from flovify.auth.deps import AuthDeps
from flovify.auth.main import listeners
from flovify.auth.settings import AuthSettings
from flovify.common.server import bind, create_server
from flovify.common.settings import load
from tests.support.wait import until


@asynccontextmanager
async def running_inside(environment: Mapping[str, str]) -> AsyncIterator[AuthDeps]:
    """Serve on the ports the environment names, with the options of the real process."""
    settings = load(AuthSettings, environment)
    async with AsyncExitStack() as stack:
        deps = await AuthDeps.open(settings, stack)
        ours = listeners(settings, deps)
        servers = [create_server(one.served, 1, one.limits, one.name) for one in ours]
        sockets = [bind(one.host, one.port) for one in ours]
        tasks = [asyncio.create_task(server.serve([sock])) for server, sock in zip(servers, sockets, strict=True)]
        await until(lambda: all(server.started for server in servers), what="both listeners")
        try:
            yield deps
        finally:
            for server in servers:
                server.should_exit = True
            await asyncio.gather(*tasks)
