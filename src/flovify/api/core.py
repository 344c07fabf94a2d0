"""What api and worker both have: pool, clients, and what keeps subscriptions and mail complete; made once a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.coverage.store import CoverageStore
from flovify.api.graph.provider import GraphMailProvider
from flovify.api.intake_log.engines import back_of, engine_of
from flovify.api.intake_log.protocol import Back, Engine
from flovify.api.providers.registry import ProviderRegistry
from flovify.api.settings import ApiBaseSettings
from flovify.api.subscriptions.keys.start import require_keys
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.api.subscriptions.timeline.store import Timeline
from flovify.api.tenants.service import TenantService
from flovify.common.clock import Clock, SystemClock
from flovify.common.db import Pool, create_pool
from flovify.common.health import Check
from flovify.common.migrations import Schema, require_current
from flovify.common.outbound import Sessions, microsoft_session, own_session

SCHEMA = Schema("api", "flovify.api.migrations")


@dataclass(frozen=True)
class Core:
    """What a process of the api's schema needs. Whoever made it closes it."""

    settings: ApiBaseSettings
    pool: Pool
    engine: Engine | None
    log: Back
    sessions: Sessions
    clock: Clock
    auth: AuthClient
    providers: ProviderRegistry
    subscriptions: SubscriptionService
    coverage: CoverageStore
    tenants: TenantService
    audit: AuditLog

    async def database_ready(self) -> None:
        """Pass if the database answers and its schema is the one this code needs."""
        await require_current(self.pool, SCHEMA)

    @property
    def ready_checks(self) -> dict[str, Check]:
        """What this process needs, by the name it has in `/ready`."""
        checks: dict[str, Check] = {"database": self.database_ready}
        return checks | ({"queue": self.engine.ready} if self.engine else {})

    async def close(self) -> None:
        await self.tenants.close()
        await self.sessions.close()
        await self.log.close()
        if self.engine:
            await self.engine.close()
        await self.pool.close()


async def build_core(
    settings: ApiBaseSettings,
    application_name: str,
    *,
    max_connections: int,
    server_settings: Mapping[str, str] | None = None,
) -> Core:
    """Connect to the database and wire everything.

    Raises SchemaPending or SchemaTooNew, SettingError when a subscription needs a key that MS365_CLIENT_STATE lacks or
    the queue's engine keeps less than it must, EngineAway, OSError or asyncpg.PostgresError; nothing is left open then.
    """
    clock = SystemClock()
    engine = engine_of(settings)
    pool = await create_pool(
        settings.database_url.get_secret_value(),
        application_name=application_name,
        max_size=max_connections,
        server_settings=server_settings,
    )
    try:
        await require_current(pool, SCHEMA)
        await require_keys(pool, settings.client_state_keys, clock.now())
        if engine:
            await engine.check()
    except BaseException:
        if engine:
            await engine.close()
        await pool.close()
        raise
    return wire_core(settings, pool, open_sessions(settings), clock, engine)


def open_sessions(settings: ApiBaseSettings) -> Sessions:
    """Where the api and the worker may call, and nobody else's address; the caller closes them."""
    stand_in = settings.graph_stand_in
    own = own_session(settings.auth_service_url, settings.ms365_webhook_url, stand_in)
    return Sessions(own, microsoft_session(("graph",), stand_in=stand_in, proxy=settings.flovify_https_proxy))


def wire_core(
    settings: ApiBaseSettings, pool: Pool, sessions: Sessions, clock: Clock, engine: Engine | None = None
) -> Core:
    """The services over a given pool, sessions, clock and the queue's engine, if there is one."""
    auth = AuthClient(sessions.own, settings.auth_service_url, settings.service_secrets[0], clock)
    graph = GraphMailProvider(
        sessions.microsoft, clock, default_url=settings.microsoft_graph_url, stand_in=settings.graph_stand_in
    )
    providers = ProviderRegistry([graph])
    coverage = CoverageStore(pool)
    subscriptions = SubscriptionService(
        SubscriptionStore(pool),
        providers,
        auth,
        clock,
        notification_url=settings.ms365_webhook_url,
        lifecycle_url=settings.lifecycle_url,
        client_state_keys=settings.client_state_keys,
        timeline=Timeline(pool),
        coverage=coverage,
        first_sync_days=settings.flovify_first_sync_days,
    )
    return Core(
        settings=settings,
        pool=pool,
        engine=engine,
        log=back_of(engine, pool),
        sessions=sessions,
        clock=clock,
        auth=auth,
        providers=providers,
        subscriptions=subscriptions,
        coverage=coverage,
        tenants=TenantService(pool, subscriptions, auth, clock),
        audit=AuditLog(pool),
    )
