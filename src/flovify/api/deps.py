"""Makes the pool, clients, stores and services of one process once, and hands them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from flovify.api.auth_client import AuthClient
from flovify.api.connection_checks.service import ConnectionChecks
from flovify.api.connection_checks.store import CheckStore
from flovify.api.graph.provider import GraphMailProvider
from flovify.api.messages.service import MessageService
from flovify.api.messages.store import MessageStore
from flovify.api.providers.registry import ProviderRegistry
from flovify.api.queue.store import settle_tenant, wake_tenant
from flovify.api.settings import ApiBaseSettings
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.api.subscriptions.tenants import TenantService
from flovify.common.clock import Clock, SystemClock
from flovify.common.db import Pool, create_pool
from flovify.common.http import create_session
from flovify.common.jwt import AccessTokenVerifier, RequireRole
from flovify.common.migrations import Schema, require_current
from flovify.common.service_tokens import ServiceTokenGuard

SCHEMA = Schema("api", "flovify.api.migrations")


@dataclass(frozen=True)
class Deps:
    """What the routes and the worker need. Whoever built it closes it."""

    settings: ApiBaseSettings
    pool: Pool
    session: aiohttp.ClientSession
    clock: Clock
    auth: AuthClient
    providers: ProviderRegistry
    subscriptions: SubscriptionService
    tenants: TenantService
    messages: MessageService
    checks: ConnectionChecks
    verifier: AccessTokenVerifier
    service_guard: ServiceTokenGuard

    @property
    def viewer(self) -> RequireRole:
        return RequireRole(self.verifier, "viewer")

    @property
    def operator(self) -> RequireRole:
        return RequireRole(self.verifier, "operator")

    @property
    def administrator(self) -> RequireRole:
        return RequireRole(self.verifier, "administrator")

    async def database_ready(self) -> None:
        """Pass if the database answers and its schema is the one this code needs."""
        await require_current(self.pool, SCHEMA)

    async def close(self) -> None:
        await self.checks.close()
        await self.session.close()
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

    Raises SchemaPending or SchemaTooNew, OSError or asyncpg.PostgresError; nothing is left open then.
    """
    pool = await create_pool(
        settings.database_url.get_secret_value(),
        application_name=application_name,
        max_size=max_connections,
        server_settings=server_settings,
    )
    try:
        await require_current(pool, SCHEMA)
    except BaseException:
        await pool.close()
        raise
    return wire(settings, pool, create_session(), clock or SystemClock())


def wire(settings: ApiBaseSettings, pool: Pool, session: aiohttp.ClientSession, clock: Clock) -> Deps:
    """The services over a given pool, session and clock."""
    auth = AuthClient(session, settings.auth_service_url, settings.service_secrets[0], clock)
    graph = GraphMailProvider(
        session, clock, default_url=settings.microsoft_graph_url, stand_in=settings.graph_stand_in
    )
    providers = ProviderRegistry([graph])
    subscriptions = SubscriptionService(
        SubscriptionStore(pool),
        providers,
        auth,
        clock,
        notification_url=settings.ms365_webhook_url,
        lifecycle_url=settings.lifecycle_url,
        client_state_key=settings.client_state_keys[0],
    )
    tenants = TenantService(pool, subscriptions, auth, clock, settle_events=settle_tenant, wake_events=wake_tenant)
    return Deps(
        settings=settings,
        pool=pool,
        session=session,
        clock=clock,
        auth=auth,
        providers=providers,
        subscriptions=subscriptions,
        tenants=tenants,
        checks=ConnectionChecks(
            CheckStore(pool),
            providers,
            auth,
            subscriptions,
            notification_url=settings.ms365_webhook_url,
            client_state_key=settings.client_state_keys[0],
        ),
        messages=MessageService(MessageStore(pool), auth, providers),
        verifier=AccessTokenVerifier(auth.fetch_jwks, clock),
        service_guard=ServiceTokenGuard(settings.service_secrets),
    )
