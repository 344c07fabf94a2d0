"""The front door as a process."""

from __future__ import annotations

from contextlib import AsyncExitStack

from flovify.bff.app import create_app
from flovify.bff.deps import BffDeps
from flovify.bff.settings import BffSettings
from flovify.common.server import Listener, serve


async def run(settings: BffSettings) -> None:
    """Serve until told to stop; auth and api may come and go."""
    async with AsyncExitStack() as stack:
        app = create_app(await BffDeps.open(settings, stack))
        await serve([Listener(app, settings.flovify_host, settings.flovify_port, "FLOVIFY_PORT")])
