"""What the api's routes need beside the core: the services behind the console and the programs' ways, made once."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.api.accounts.directory import AccountDirectory
from flovify.api.accounts.service import AccountService
from flovify.api.accounts.store import FigureStore
from flovify.api.connection_checks.service import ConnectionChecks
from flovify.api.connection_checks.store import CheckStore
from flovify.api.console import Console, wire_console
from flovify.api.core import Core, build_core, wire_core
from flovify.api.keys.access import KeyGate, RequireRoleOrKey
from flovify.api.keys.known import KnownKeys
from flovify.api.messages.service import MessageService
from flovify.api.messages.store import MessageStore
from flovify.api.overview.service import OverviewService
from flovify.api.overview.store import OverviewStore
from flovify.api.revocations.feed import RevocationFeed
from flovify.api.revocations.known import KnownRevocations
from flovify.api.revocations.verifier import LivingTokenVerifier
from flovify.api.sandbox_panel.breaking import Tools
from flovify.api.sandbox_panel.control import SandboxControl
from flovify.api.sandbox_panel.service import SandboxPanel
from flovify.api.sandbox_panel.store import BreakageStore
from flovify.api.settings import ApiBaseSettings
from flovify.api.subscriptions.actions import SubscriptionActions
from flovify.api.subscriptions.views.service import SubscriptionViews
from flovify.api.subscriptions.views.store import SubscriptionViewStore
from flovify.api.system.service import SystemService
from flovify.api.system.store import SystemStore
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.jwt import AccessTokenVerifier, RequireRole
from flovify.common.outbound import Sessions
from flovify.common.service_tokens import ServiceTokenGuard


@dataclass(frozen=True)
class Deps(Core):
    """What the routes need. Whoever built it closes it."""

    messages: MessageService
    console: Console
    checks: ConnectionChecks
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

    async def close(self) -> None:
        await self.revocations.stop()
        await self.console.hub.close()
        await self.checks.close()
        await super().close()


async def build_deps(settings: ApiBaseSettings, application_name: str, *, max_connections: int) -> Deps:
    """Connect to the database and wire everything. Raises as `build_core`."""
    return wire_routes(await build_core(settings, application_name, max_connections=max_connections))


def wire(settings: ApiBaseSettings, pool: Pool, sessions: Sessions, clock: Clock) -> Deps:
    """The services over a given pool, sessions and clock, without an engine."""
    return wire_routes(wire_core(settings, pool, sessions, clock))


def wire_routes(core: Core) -> Deps:
    """The services over the core."""
    settings, pool, clock, auth = core.settings, core.pool, core.clock, core.auth
    directory = AccountDirectory(auth.list_tenants, clock)
    messages = MessageService(MessageStore(pool), auth, core.providers)
    accounts = AccountService(directory, FigureStore(pool), clock, sandbox=bool(settings.graph_stand_in))
    system = SystemService(SystemStore(pool), settings, core.sessions.own, clock, core.engine)
    revoked = KnownRevocations(clock)
    console = wire_console(
        pool,
        clock,
        auth=auth,
        providers=core.providers,
        subscriptions=core.subscriptions,
        messages=messages,
        audit=core.audit,
        revoked=revoked,
    )
    return Deps(
        **vars(core),
        messages=messages,
        console=console,
        checks=ConnectionChecks(
            CheckStore(pool),
            core.providers,
            auth,
            core.subscriptions,
            notification_url=settings.ms365_webhook_url,
            client_state_key=settings.client_state_keys[0],
        ),
        directory=directory,
        accounts=accounts,
        actions=SubscriptionActions(core.subscriptions),
        views=SubscriptionViews(SubscriptionViewStore(pool), directory, clock),
        overview=OverviewService(OverviewStore(pool), accounts, system, settings, clock),
        system=system,
        sandbox=SandboxPanel(_tools(core, directory, console), clock),
        revocations=RevocationFeed(pool, auth.list_revocations, revoked, clock),
        verifier=LivingTokenVerifier(auth.fetch_jwks, revoked, clock),
        key_gate=KeyGate(KnownKeys(auth.use_api_key, clock), pool),
        service_guard=ServiceTokenGuard(settings.service_secrets),
    )


def _tools(core: Core, directory: AccountDirectory, console: Console) -> Tools | None:
    """To break the sandbox with; none where Microsoft is real, and none in production."""
    settings = core.settings
    if not settings.graph_stand_in or settings.production:
        return None
    control = SandboxControl(core.sessions.own, settings.graph_stand_in)
    breakages = BreakageStore(core.pool)
    announce = console.live.announce
    return Tools(control, breakages, directory, core.auth, core.subscriptions, core.tenants, announce=announce)
