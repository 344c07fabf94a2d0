"""Makes the pool, clients, stores and services of one process once, and hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flovify.api.accounts.directory import AccountDirectory
from flovify.api.accounts.service import AccountService
from flovify.api.accounts.store import FigureStore
from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.connection_checks.service import ConnectionChecks
from flovify.api.connection_checks.store import CheckStore
from flovify.api.console import Console, wire_console
from flovify.api.coverage.store import CoverageStore
from flovify.api.graph.provider import GraphMailProvider
from flovify.api.intake_log.engines import back_of, engine_of
from flovify.api.intake_log.protocol import Back, Engine
from flovify.api.keys.access import KeyGate, RequireRoleOrKey
from flovify.api.keys.known import KnownKeys
from flovify.api.messages.service import MessageService
from flovify.api.messages.store import MessageStore
from flovify.api.overview.service import OverviewService
from flovify.api.overview.store import OverviewStore
from flovify.api.providers.registry import ProviderRegistry
from flovify.api.revocations.feed import RevocationFeed
from flovify.api.revocations.known import KnownRevocations
from flovify.api.revocations.verifier import LivingTokenVerifier
from flovify.api.sandbox_panel.breaking import Tools
from flovify.api.sandbox_panel.control import SandboxControl
from flovify.api.sandbox_panel.service import SandboxPanel
from flovify.api.sandbox_panel.store import BreakageStore
from flovify.api.settings import ApiBaseSettings
from flovify.api.subscriptions.actions import SubscriptionActions
from flovify.api.subscriptions.keys.start import require_keys
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.api.subscriptions.timeline.store import Timeline
from flovify.api.subscriptions.views.service import SubscriptionViews
from flovify.api.subscriptions.views.store import SubscriptionViewStore
from flovify.api.system.service import SystemService
from flovify.api.system.store import SystemStore
from flovify.api.tenants.service import TenantService
from flovify.common.clock import Clock, SystemClock
from flovify.common.db import Pool, create_pool
from flovify.common.health import Check
from flovify.common.jwt import AccessTokenVerifier, RequireRole
from flovify.common.migrations import Schema, require_current
from flovify.common.outbound import Sessions, microsoft_session, own_session
from flovify.common.service_tokens import ServiceTokenGuard

SCHEMA = Schema("api", "flovify.api.migrations")


@dataclass(frozen=True)
class Deps:
    """What the routes and the worker need. Whoever built it closes it."""

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
    messages: MessageService
    console: Console
    checks: ConnectionChecks
    audit: AuditLog
    directory: AccountDirectory
    accounts: AccountService
    actions: SubscriptionActions
    views: SubscriptionViews
    overview: OverviewService
    system: SystemService
    sandbox: SandboxPanel
    revocations: RevocationFeed
    verifier: AccessTokenVerifier
    key_gate: KeyGate
    service_guard: ServiceTokenGuard

    @property
    def viewer(self) -> RequireRole:
        return RequireRoleOrKey(self.verifier, "viewer", self.key_gate)

    @property
    def operator(self) -> RequireRole:
        return RequireRoleOrKey(self.verifier, "operator", self.key_gate)

    @property
    def administrator(self) -> RequireRole:
        return RequireRoleOrKey(self.verifier, "administrator", self.key_gate)

    async def database_ready(self) -> None:
        """Pass if the database answers and its schema is the one this code needs."""
        await require_current(self.pool, SCHEMA)

    @property
    def ready_checks(self) -> dict[str, Check]:
        """What this process needs, by the name it has in `/ready`."""
        checks: dict[str, Check] = {"database": self.database_ready}
        return checks | ({"queue": self.engine.ready} if self.engine else {})

    async def close(self) -> None:
        await self.revocations.stop()
        await self.console.hub.close()
        await self.checks.close()
        await self.tenants.close()
        await self.sessions.close()
        await self.log.close()
        if self.engine:
            await self.engine.close()
        await self.pool.close()


async def build_deps(
    settings: ApiBaseSettings,
    application_name: str,
    *,
    max_connections: int = 10,
    clock: Clock | None = None,
    server_settings: Mapping[str, str] | None = None,
) -> Deps:
    """Connect to the database and wire everything.

    Raises SchemaPending or SchemaTooNew, SettingError when a subscription needs a key that MS365_CLIENT_STATE lacks or
    the queue's engine keeps less than it must, EngineAway, OSError or asyncpg.PostgresError; nothing is left open then.
    """
    clock = clock or SystemClock()
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
    return wire(settings, pool, open_sessions(settings), clock, engine)


def open_sessions(settings: ApiBaseSettings) -> Sessions:
    """Where the api and the worker may call, and nobody else's address; the caller closes them."""
    stand_in = settings.graph_stand_in
    own = own_session(settings.auth_service_url, settings.ms365_webhook_url, stand_in)
    return Sessions(own, microsoft_session(("graph",), stand_in=stand_in, proxy=settings.flovify_https_proxy))


def wire(settings: ApiBaseSettings, pool: Pool, sessions: Sessions, clock: Clock, engine: Engine | None = None) -> Deps:
    """The services over a given pool, sessions, clock and the queue's engine, if there is one."""
    log = back_of(engine, pool)
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
    directory = AccountDirectory(auth.list_tenants, clock)
    messages = MessageService(MessageStore(pool), auth, providers)
    tenants = TenantService(pool, subscriptions, auth, clock)
    audit = AuditLog(pool)
    accounts = AccountService(directory, FigureStore(pool), clock, sandbox=bool(settings.graph_stand_in))
    system = SystemService(SystemStore(pool), settings, sessions.own, clock, engine)
    revoked = KnownRevocations(clock)
    console = wire_console(
        pool,
        clock,
        auth=auth,
        providers=providers,
        subscriptions=subscriptions,
        messages=messages,
        audit=audit,
        revoked=revoked,
    )
    control = SandboxControl(sessions.own, settings.graph_stand_in)
    tools = Tools(control, BreakageStore(pool), directory, auth, subscriptions, tenants, announce=console.live.announce)
    return Deps(
        settings=settings,
        pool=pool,
        engine=engine,
        log=log,
        sessions=sessions,
        clock=clock,
        auth=auth,
        providers=providers,
        subscriptions=subscriptions,
        coverage=coverage,
        tenants=tenants,
        checks=ConnectionChecks(
            CheckStore(pool),
            providers,
            auth,
            subscriptions,
            notification_url=settings.ms365_webhook_url,
            client_state_key=settings.client_state_keys[0],
        ),
        messages=messages,
        console=console,
        audit=audit,
        directory=directory,
        accounts=accounts,
        actions=SubscriptionActions(subscriptions),
        views=SubscriptionViews(SubscriptionViewStore(pool), directory, clock),
        overview=OverviewService(OverviewStore(pool), accounts, system, settings, clock),
        system=system,
        sandbox=SandboxPanel(tools if settings.graph_stand_in and not settings.production else None, clock),
        revocations=RevocationFeed(pool, auth.list_revocations, revoked, clock),
        verifier=LivingTokenVerifier(auth.fetch_jwks, revoked, clock),
        key_gate=KeyGate(KnownKeys(auth.use_api_key, clock), pool),
        service_guard=ServiceTokenGuard(settings.service_secrets),
    )
