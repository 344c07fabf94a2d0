"""What the console does with messages: the services behind its pages, wired once, and their routes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.coverage.store import CoverageStore
from flovify.api.dead_letters.routes import build_router as dead_letter_router
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.live.hub import LiveHub
from flovify.api.live.routes import create_router as live_router
from flovify.api.live.store import LiveStore
from flovify.api.messages.bodies.routes import create_router as body_router
from flovify.api.messages.bodies.service import BodyService
from flovify.api.messages.removal.routes import create_router as removal_router
from flovify.api.messages.removal.service import MessageRemoval
from flovify.api.messages.removal.store import RemovalStore
from flovify.api.messages.service import MessageService
from flovify.api.messages.summaries.routes import create_router as summary_router
from flovify.api.messages.summaries.store import SummaryStore
from flovify.api.messages.traces.routes import create_router as trace_router
from flovify.api.messages.traces.service import TraceService
from flovify.api.messages.traces.store import TraceStore
from flovify.api.providers.protocol import Providers
from flovify.api.replays.routes import create_router as replay_router
from flovify.api.replays.service import ReplayService
from flovify.api.replays.store import ReplayStore
from flovify.api.revocations.known import KnownRevocations
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.sync.routes import create_router as sync_router
from flovify.api.sync.service import SyncService
from flovify.api.sync.store import SyncStore
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.jwt import RequireRole


@dataclass(frozen=True)
class Console:
    """The services. Whoever wired them closes `hub`."""

    summaries: SummaryStore
    bodies: BodyService
    traces: TraceService
    dead_letters: DeadLetterService
    replays: ReplayService
    sync: SyncService
    removal: MessageRemoval
    live: LiveStore
    hub: LiveHub
    revoked: KnownRevocations


def wire_console(
    pool: Pool,
    clock: Clock,
    *,
    auth: AuthClient,
    providers: Providers,
    subscriptions: SubscriptionService,
    messages: MessageService,
    audit: AuditLog,
    revoked: KnownRevocations,
) -> Console:
    """The services over what the process has already."""
    live = LiveStore(pool)
    return Console(
        summaries=SummaryStore(pool),
        bodies=BodyService(messages, auth, providers, audit),
        traces=TraceService(TraceStore(pool), CoverageStore(pool)),
        dead_letters=DeadLetterService(DeadLetterStore(pool), audit),
        replays=ReplayService(ReplayStore(pool), audit),
        sync=SyncService(SyncStore(pool), subscriptions, auth, providers, audit, clock),
        removal=MessageRemoval(RemovalStore(pool), auth),
        live=live,
        hub=LiveHub(live),
        revoked=revoked,
    )


def console_routers(
    console: Console, *, viewer: RequireRole, operator: RequireRole, administrator: RequireRole
) -> Sequence[APIRouter]:
    """The routes, each with the role it needs."""
    return (
        summary_router(console.summaries, viewer),
        body_router(console.bodies, viewer),
        trace_router(console.traces, viewer),
        removal_router(console.removal, viewer, administrator),
        dead_letter_router(console.dead_letters, operator),
        replay_router(console.replays, operator),
        sync_router(console.sync, operator),
        live_router(console.hub, console.revoked, viewer),
    )
