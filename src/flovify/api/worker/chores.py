"""What a worker does beside the mailboxes: each runs until it is told to stop, most of them by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from flovify.api.alerts import service as alerts
from flovify.api.alerts.store import AlertStore
from flovify.api.alerts.ways import ways
from flovify.api.audit.store import AuditLog
from flovify.api.core import Core
from flovify.api.coverage.catch_up import CatchUp
from flovify.api.coverage.loop import CatchUpLoop, tidy_coverage_task, watchdog_task
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.live.store import pruning_task
from flovify.api.messages.removal.store import RemovalStore
from flovify.api.messages.removal.work import RemovalWork
from flovify.api.queue.store import PostgresQueue
from flovify.api.readings.store import FigureReader
from flovify.api.retention import service as retention
from flovify.api.retention.store import RetentionStore
from flovify.api.settings import WorkerSettings
from flovify.api.subscriptions.orphans import Orphans, orphans_task
from flovify.api.subscriptions.proof import Prover, proof_task
from flovify.api.subscriptions.renewal import renewal_task
from flovify.api.system.heartbeat import tidy_task
from flovify.api.system.store import SystemStore
from flovify.api.tenants.unknown import UnknownTenants, unknown_tenants_task
from flovify.api.worker.blocked import blocked_task
from flovify.common.archive import archive_in
from flovify.common.audit import pruning
from flovify.common.audit.pruning import AuditPruning
from flovify.common.audit.sealer import sealer
from flovify.common.periodic import LongTask, PeriodicTask
from flovify.common.readings.service import Readings
from flovify.common.timetable import Timetable


class Chore(Protocol):
    """See `Timetable`, `CatchUpLoop`, `Sealer`."""

    async def run(self, stop: asyncio.Event) -> None: ...


def chores(
    settings: WorkerSettings, core: Core, queue: PostgresQueue, readings: Readings, owner: str
) -> Sequence[Chore]:
    """All of them. `owner` is the worker's name on what it leases."""
    pool, auth, providers, subscriptions = core.pool, core.auth, core.providers, core.subscriptions
    catch_up = CatchUp(
        core.coverage,
        subscriptions.timeline,
        auth,
        providers,
        first_sync_days=settings.flovify_first_sync_days,
    )
    orphans = Orphans(subscriptions.store, auth, providers, core.clock, notification_url=settings.ms365_webhook_url)
    tasks = (
        renewal_task(pool, subscriptions, core.clock),
        proof_task(pool, Prover(subscriptions, auth, providers)),
        orphans_task(pool, orphans),
        watchdog_task(pool, core.coverage),
        tidy_coverage_task(pool, core.coverage),
        unknown_tenants_task(pool, UnknownTenants(pool, auth, core.tenants)),
        blocked_task(pool, queue, auth),
        readings.task(pool, FigureReader(pool, core.log).take),
        *_alerts(settings, core, readings),
        *_retention(settings, core),
        RemovalWork(pool, RemovalStore(pool), core.audit).task(),
        tidy_task(pool),
        pruning_task(pool),
    )
    return (
        Timetable(pool, "api", tasks),
        CatchUpLoop(pool, core.coverage, catch_up, owner),
        sealer(pool, "api", settings.audit_keys, core.clock),
    )


def _alerts(settings: WorkerSettings, core: Core, readings: Readings) -> tuple[LongTask, ...]:
    """Nobody looks where there is nobody to tell."""
    receivers = ways(settings)
    if not receivers:
        return ()
    pool, auth = core.pool, core.auth
    told = alerts.Alerts(AlertStore(pool), SystemStore(pool), readings.last, auth.last_reading, receivers, core.clock)
    return (PeriodicTask(pool, "api", "alerts", alerts.EVERY_SECONDS, told.run),)


def _retention(settings: WorkerSettings, core: Core) -> tuple[LongTask, LongTask]:
    """What is old goes."""
    pool, archive = core.pool, archive_in(settings.flovify_archive_dir)
    dead_letters = DeadLetterService(DeadLetterStore(pool), AuditLog(pool))
    rows = retention.Retention(RetentionStore(pool), dead_letters, settings.keep, archive)
    audit = AuditPruning(pool, "api", settings.flovify_keep_audit_days, archive)
    return (
        LongTask(pool, "api", "retention", retention.EVERY_SECONDS, rows.clear_out),
        LongTask(pool, "api", "audit_pruning", pruning.EVERY_SECONDS, audit.run),
    )
