"""The front door as a process."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from flovify.bff.app import create_app
from flovify.bff.deps import BffDeps
from flovify.bff.settings import BffSettings
from flovify.bff.ui.build import FOLDER, read_build
from flovify.common.logs import get_logger
from flovify.common.server import Listener, serve


async def run(settings: BffSettings) -> None:
    """Serve until told to stop; auth and api may come and go."""
    stop = asyncio.Event()
    build = read_build()
    if not build.page:
        get_logger().warning("console_not_built", folder=str(FOLDER))
    async with AsyncExitStack() as stack:
        app = create_app(await BffDeps.open(settings, stack, stop), build)
        await serve([Listener(app, settings.flovify_host, settings.flovify_port, "FLOVIFY_PORT")], stop=stop)
