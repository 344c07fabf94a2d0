"""`flovify serve api`: both listeners, until told to stop."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass

from flovify.api.app import create_app
from flovify.api.coverage.breath import Breath
from flovify.api.deps import Deps, build_deps
from flovify.api.intake.body import BODY_SECONDS, MAX_BODY_BYTES
from flovify.api.intake.guard import IntakeGuard
from flovify.api.intake.routes import PATH, DirectWebhook, intake_routes
from flovify.api.intake.service import Intake
from flovify.api.intake_log.protocol import Engine
from flovify.api.internal_app import create_internal_app
from flovify.api.settings import ApiSettings
from flovify.common import garbage
from flovify.common.caller import CallerAddresses
from flovify.common.db import Pool, create_pool
from flovify.common.listener.limits import BodyRule, inner_limits
from flovify.common.server import Listener, serve
from flovify.common.setting_types import words

# A replay may name 10,000 events, which is 400 kB, and the panel of the sandbox sends whole mails.
BODY = BodyRule(2**20)
# Two that commit, one that listens, and some for look-ups and what is noted.
INTAKE_CONNECTIONS = 6
WEBHOOK_BODY = BodyRule(MAX_BODY_BYTES, BODY_SECONDS, own=True)


async def run(settings: ApiSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain: requests first, then what the intake has accepted.

    Refuses to start on a pending migration or a schema too new (SchemaPending, SchemaTooNew), and while a subscription
    needs a clientState key that is not configured or the queue's engine keeps less than it must (SettingError).
    """
    async with AsyncExitStack() as stack:
        deps = await build_deps(settings, "flovify-api", max_connections=20)
        stack.push_async_callback(deps.close)
        door = await _open_door(settings, deps.engine)
        stack.push_async_callback(door.pool.close)
        await _run(settings, deps, door)


async def _run(settings: ApiSettings, deps: Deps, door: _Door) -> None:
    intake = Intake(door, door.guard)
    breath = Breath(deps.pool, lambda: intake.heard_at)
    stop = asyncio.Event()
    ending = asyncio.create_task(deps.console.hub.close_when(stop))
    try:
        await intake.start()
        breath.start()
        await deps.revocations.start()
        listeners = _listeners(settings, deps, intake)
        garbage.settle()
        await serve(listeners, stop=stop)
    finally:
        ending.cancel()
        await breath.stop()
        await intake.stop()


@dataclass(frozen=True)
class _Door:
    """What the intake has for itself: console reads that stall or flood take none of its connections."""

    settings: ApiSettings
    pool: Pool
    engine: Engine | None
    guard: IntakeGuard


async def _open_door(settings: ApiSettings, engine: Engine | None) -> _Door:
    dsn = settings.database_url.get_secret_value()
    pool = await create_pool(dsn, application_name="flovify-intake", max_size=INTAKE_CONNECTIONS)
    guard = IntakeGuard(
        pool,
        settings.flovify_data_dir,
        min_free_bytes=settings.flovify_min_free_mb * 2**20,
        max_waiting=settings.flovify_max_waiting,
        engine=engine,
    )
    return _Door(settings, pool, engine, guard)


def _listeners(settings: ApiSettings, deps: Deps, intake: Intake) -> list[Listener]:
    most = settings.flovify_max_connections
    return [
        Listener(
            create_app(deps, intake_routes(intake, CallerAddresses(words(settings.front_door_secret)))),
            settings.flovify_host,
            settings.flovify_api_port,
            "FLOVIFY_API_PORT",
            limits=inner_limits(most, BODY, {PATH: WEBHOOK_BODY}),
            direct={PATH: DirectWebhook(intake)},
        ),
        Listener(
            create_internal_app(deps),
            settings.flovify_host,
            settings.flovify_api_internal_port,
            "FLOVIFY_API_INTERNAL_PORT",
            limits=inner_limits(most, BODY),
        ),
    ]
