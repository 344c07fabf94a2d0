"""What the console does with messages: the services behind its pages, wired once."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.coverage.store import CoverageStore
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.live.hub import LiveHub
from flovify.api.live.store import LiveStore
from flovify.api.messages.bodies.service import BodyService
from flovify.api.messages.removal.service import MessageRemoval
from flovify.api.messages.removal.store import RemovalStore
from flovify.api.messages.service import MessageService
from flovify.api.messages.summaries.store import SummaryStore
from flovify.api.messages.traces.service import TraceService
from flovify.api.messages.traces.store import TraceStore
from flovify.api.providers.protocol import Providers
from flovify.api.replays.service import ReplayService
from flovify.api.replays.store import ReplayStore
from flovify.api.revocations.known import KnownRevocations
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.sync.service import SyncService
from flovify.api.sync.store import SyncStore
from flovify.common.clock import Clock
from flovify.common.db import Pool


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
