"""`flovify serve api`: both listeners, until told to stop."""

from __future__ import annotations

import asyncio

from flovify.api.app import create_app
from flovify.api.coverage.breath import Breath
from flovify.api.deps import build_deps
from flovify.api.intake.routes import intake_routes
from flovify.api.intake.service import Intake
from flovify.api.internal_app import create_internal_app
from flovify.api.settings import ApiSettings
from flovify.common.server import Listener, serve


async def run(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain: requests first, then what the intake has accepted.

    Refuses to start on a pending migration or a schema too new (SchemaPending, SchemaTooNew), and while a subscription
    needs a clientState key that is not configured (SettingError).
    """
    deps = await build_deps(settings, "flovify-api", max_connections=20)
    intake, breath = Intake(deps), Breath(deps.pool)
    stop = asyncio.Event()
    ending = asyncio.create_task(deps.console.hub.close_when(stop))
    try:
        await intake.start()
        breath.start()
        await serve(
            [
                Listener(
                    create_app(deps, intake_routes(intake)),
                    settings.flovify_host,
                    settings.flovify_api_port,
                    "FLOVIFY_API_PORT",
                ),
                Listener(
                    create_internal_app(deps),
                    settings.flovify_host,
                    settings.flovify_api_internal_port,
                    "FLOVIFY_API_INTERNAL_PORT",
                ),
            ],
            stop=stop,
        )
    finally:
        ending.cancel()
        await breath.stop()
        await intake.stop()
        await deps.close()
