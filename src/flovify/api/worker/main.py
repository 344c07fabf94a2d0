"""`flovify worker`: the loop, the periodic work, and a listener for health and metrics."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from functools import partial

from starlette.applications import Starlette

from flovify.api.auth_client import AuthClient
from flovify.api.core import Core, build_core
from flovify.api.intake_log.mover import Mover
from flovify.api.intake_log.store import LOG_CHANNEL
from flovify.api.queue.listener import Listener as NotifyListener
from flovify.api.queue.store import INBOX_CHANNEL, PostgresQueue
from flovify.api.readings.figures import FIGURES
from flovify.api.replays.steps import carry_on
from flovify.api.settings import WorkerSettings
from flovify.api.system.heartbeat import Heartbeat
from flovify.api.system.store import SystemStore
from flovify.api.worker.chores import chores
from flovify.api.worker.loop import DRAIN_SECONDS, LEASES_PER_SLOT, WorkerLoop
from flovify.api.worker.process import Processor
from flovify.common import garbage
from flovify.common.db import STEADY_PLANS
from flovify.common.health import health_routes
from flovify.common.listener.limits import BodyRule, inner_limits
from flovify.common.metrics import metrics_route
from flovify.common.problems import install_problem_handlers
from flovify.common.readings.service import Readings
from flovify.common.readings.store import ReadingStore
from flovify.common.server import Listener, serve

# Health and metrics are only asked for.
NO_BODY = BodyRule(1024)
# Beside the mailboxes' own: the mover, the loop, the periodic tasks, replays, catching up, the sign of life, LISTEN
# three times, what is scraped, and readiness.
_SPARE_CONNECTIONS = 17


async def run(settings: WorkerSettings, *, drain_seconds: float = DRAIN_SECONDS) -> None:
    """Work until SIGTERM or SIGINT, then drain within eight seconds: `drain_seconds` to finish, the rest to give back.

    Refuses to start on a pending migration or a schema too new (SchemaPending, SchemaTooNew), and while a subscription
    needs a clientState key that is not configured or the queue's engine keeps less than it must (SettingError).
    """
    concurrency = settings.flovify_worker_concurrency
    core = await build_core(
        settings,
        "flovify-worker",
        max_connections=concurrency * LEASES_PER_SLOT + _SPARE_CONNECTIONS,
        server_settings=STEADY_PLANS,
    )
    try:
        await _run(settings, core, drain_seconds)
    finally:
        await core.close()


async def _run(settings: WorkerSettings, core: Core, drain_seconds: float) -> None:
    queue = PostgresQueue(core.pool)
    processor = Processor(queue, core.auth, core.providers, core.subscriptions, core.clock)
    loop = WorkerLoop(
        queue,
        processor,
        settings.flovify_worker_concurrency,
        settings.flovify_worker_lease_seconds,
        drain_seconds=drain_seconds,
    )
    heartbeat = Heartbeat(SystemStore(core.pool), core.clock, loop.owner, lambda: loop.in_flight)
    mover = Mover(core.log)
    announcements = NotifyListener(core.pool, INBOX_CHANNEL, partial(_heard, loop, core.auth))
    arrivals = NotifyListener(core.pool, LOG_CHANNEL, lambda _payload: mover.wake())
    stop = asyncio.Event()
    readings = Readings(ReadingStore(core.pool, "api"), core.clock, FIGURES)
    helpers = [asyncio.create_task(announcements.run()), asyncio.create_task(arrivals.run())]
    work = [
        asyncio.create_task(mover.run(stop)),
        asyncio.create_task(loop.run(stop)),
        asyncio.create_task(heartbeat.run(stop)),
        asyncio.create_task(carry_on(core.pool, stop)),
        *(asyncio.create_task(chore.run(stop)) for chore in chores(settings, core, queue, readings, loop.owner)),
    ]
    app = create_worker_app(core, readings)
    limits = inner_limits(settings.flovify_max_connections, NO_BODY)
    listener = Listener(app, settings.flovify_host, settings.flovify_worker_port, "FLOVIFY_WORKER_PORT", limits=limits)
    garbage.settle()
    try:
        await serve([listener], stop=stop)
    finally:
        stop.set()
        await asyncio.wait(work, timeout=8)
        await _cancel([*helpers, *work])


def _heard(loop: WorkerLoop, auth: AuthClient, tenant_id: str) -> None:
    """There is work; with an id, of an account that was connected again: its token is asked for anew."""
    if tenant_id:
        auth.forget(uuid.UUID(tenant_id))
    loop.wake()


def create_worker_app(core: Core, readings: Readings) -> Starlette:
    """`/health`, `/ready` and `/metrics` of a worker; the latter with the figures that one worker counts for all."""
    routes = [
        *health_routes("", core.ready_checks, service="worker"),
        metrics_route(readings.families),
    ]
    app = Starlette(routes=routes)
    install_problem_handlers(app)
    return app


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
