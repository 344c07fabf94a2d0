"""auth as a process."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

from flovify.auth import housekeeping
from flovify.auth.app import create_app, create_internal_app
from flovify.auth.apps.service import WARN_EVERY_SECONDS
from flovify.auth.audit.handouts.service import EVERY_SECONDS as HANDOUTS_EVERY_SECONDS
from flovify.auth.deps import AuthDeps
from flovify.auth.settings import AuthServiceSettings, AuthSettings
from flovify.auth.tenants.internal_routes import BLOCKED_PATH
from flovify.auth.tokens.refresh_task import EVERY_SECONDS, refresh_due_tokens
from flovify.common.archive import archive_in
from flovify.common.audit.pruning import EVERY_SECONDS as PRUNING_EVERY_SECONDS
from flovify.common.audit.pruning import AuditPruning
from flovify.common.audit.sealer import sealer
from flovify.common.listener.limits import BodyRule, inner_limits
from flovify.common.periodic import LongTask, PeriodicTask
from flovify.common.server import Listener, serve
from flovify.common.timetable import Timetable

TELL_EVERY_SECONDS = 60.0
BODY = BodyRule(64 * 1024)  # no request to auth has a long body
# The worker tells of all blocked mailboxes at once, some 150 bytes each.
LONG_BODIES = {BLOCKED_PATH: BodyRule(8 * 2**20)}


async def run(settings: AuthServiceSettings) -> None:
    """Serve both listeners, refresh tokens and seal the audit log until told to stop.

    Raises SettingError, SchemaPending and SchemaTooNew before anything is served.
    """
    async with AsyncExitStack() as stack:
        deps = await AuthDeps.open(settings, stack)
        stop = asyncio.Event()
        sealing = sealer(deps.pool, "auth", settings.audit_keys, deps.clock)
        timetable = Timetable(deps.pool, "auth", _periodic_tasks(settings, deps))
        running = [asyncio.create_task(one.run(stop)) for one in (timetable, sealing)]
        try:
            await serve(listeners(settings, deps), stop=stop)
        finally:
            stop.set()
            await asyncio.gather(*running)


def _periodic_tasks(settings: AuthServiceSettings, deps: AuthDeps) -> list[LongTask]:
    archive = archive_in(settings.flovify_archive_dir)
    pruning = AuditPruning(deps.pool, "auth", settings.flovify_keep_audit_days, archive)
    return [
        PeriodicTask(deps.pool, "auth", "token_refresh", EVERY_SECONDS, lambda: refresh_due_tokens(deps.tokens)),
        PeriodicTask(deps.pool, "auth", "tell_api", TELL_EVERY_SECONDS, deps.tenants.tell_wanted_subscriptions),
        PeriodicTask(deps.pool, "auth", "housekeeping", housekeeping.EVERY_SECONDS, deps.clean_up),
        PeriodicTask(deps.pool, "auth", "app_credentials", WARN_EVERY_SECONDS, deps.apps.warn),
        PeriodicTask(deps.pool, "auth", "handouts", HANDOUTS_EVERY_SECONDS, deps.handouts.run),
        LongTask(deps.pool, "auth", "audit_pruning", PRUNING_EVERY_SECONDS, pruning.run),
        deps.readings.task(deps.pool, deps.figures.take),
    ]


def listeners(settings: AuthSettings, deps: AuthDeps) -> list[Listener]:
    """The public and the internal one."""
    host, most = settings.flovify_host, settings.flovify_max_connections
    return [
        Listener(
            create_app(deps), host, settings.flovify_auth_port, "FLOVIFY_AUTH_PORT", limits=inner_limits(most, BODY)
        ),
        Listener(
            create_internal_app(deps),
            host,
            settings.flovify_auth_internal_port,
            "FLOVIFY_AUTH_INTERNAL_PORT",
            limits=inner_limits(most, BODY, LONG_BODIES),
        ),
    ]
