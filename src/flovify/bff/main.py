"""The front door as a process."""

from __future__ import annotations

from flovify.bff.app import create_app
from flovify.bff.settings import BffSettings
from flovify.common.http import create_session
from flovify.common.server import Listener, serve


async def run(settings: BffSettings) -> None:
    """Serve until told to stop; auth and api may come and go."""
    async with create_session(total_seconds=35) as session:
        app = create_app(settings, session)
        await serve([Listener(app, settings.flovify_host, settings.flovify_port, "FLOVIFY_PORT")])
