"""What a worker does beside the mailboxes: each runs until it is told to stop, most of them by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from flovify.api.alerts import service as alerts
from flovify.api.alerts.store import AlertStore
from flovify.api.alerts.ways import ways
from flovify.api.audit.store import AuditLog
from flovify.api.coverage.catch_up import CatchUp
from flovify.api.coverage.loop import CatchUpLoop, tidy_coverage_task, watchdog_task
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.deps import Deps
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


class Chore(Protocol):
    """See `PeriodicTask`, `CatchUpLoop`."""

    async def run(self, stop: asyncio.Event) -> None: ...


def chores(
    settings: WorkerSettings, deps: Deps, queue: PostgresQueue, readings: Readings, owner: str
) -> Sequence[Chore]:
    """All of them. `owner` is the worker's name on what it leases."""
    pool, auth, providers, subscriptions = deps.pool, deps.auth, deps.providers, deps.subscriptions
    catch_up = CatchUp(
        deps.coverage,
        subscriptions.timeline,
        auth,
        providers,
        first_sync_days=settings.flovify_first_sync_days,
    )
    orphans = Orphans(subscriptions.store, auth, providers, deps.clock, notification_url=settings.ms365_webhook_url)
    return (
        renewal_task(pool, subscriptions, deps.clock),
        proof_task(pool, Prover(subscriptions, auth, providers)),
        orphans_task(pool, orphans),
        CatchUpLoop(pool, deps.coverage, catch_up, owner),
        watchdog_task(pool, deps.coverage),
        tidy_coverage_task(pool, deps.coverage),
        unknown_tenants_task(pool, UnknownTenants(pool, auth, deps.tenants)),
        blocked_task(pool, queue, auth),
        readings.task(pool, FigureReader(pool, deps.log).take),
        *_alerts(settings, deps, readings),
        *_retention(settings, deps),
        RemovalWork(pool, RemovalStore(pool), deps.audit),
        tidy_task(pool),
        pruning_task(pool),
        sealer(pool, "api", settings.audit_keys, deps.clock),
    )


def _alerts(settings: WorkerSettings, deps: Deps, readings: Readings) -> tuple[Chore, ...]:
    """Nobody looks where there is nobody to tell."""
    receivers = ways(settings)
    if not receivers:
        return ()
    pool, auth = deps.pool, deps.auth
    told = alerts.Alerts(AlertStore(pool), SystemStore(pool), readings.last, auth.last_reading, receivers, deps.clock)
    return (PeriodicTask(pool, "api", "alerts", alerts.EVERY_SECONDS, told.run),)


def _retention(settings: WorkerSettings, deps: Deps) -> tuple[Chore, Chore]:
    """What is old goes."""
    pool, archive = deps.pool, archive_in(settings.flovify_archive_dir)
    dead_letters = DeadLetterService(DeadLetterStore(pool), AuditLog(pool))
    rows = retention.Retention(RetentionStore(pool), dead_letters, settings.keep, archive)
    audit = AuditPruning(pool, "api", settings.flovify_keep_audit_days, archive)
    return (
        LongTask(pool, "api", "retention", retention.EVERY_SECONDS, rows.clear_out),
        LongTask(pool, "api", "audit_pruning", pruning.EVERY_SECONDS, audit.run),
    )
