"""auth's own parts, for the service and for commands beside it: opening them serves, makes and changes nothing."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

import aiohttp

from flovify.auth.apps.environment import addresses
from flovify.auth.apps.service import AppService
from flovify.auth.apps.store import AppStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.links.service import LinkService
from flovify.auth.links.store import LinkStore
from flovify.auth.microsoft.ms365 import Ms365Client
from flovify.auth.organizations.graph import GraphDirectory
from flovify.auth.organizations.probe import OrganizationProbe
from flovify.auth.organizations.service import OrganizationService
from flovify.auth.organizations.store import OrganizationStore
from flovify.auth.settings import AuthDatabaseSettings, AuthSettings, AuthVaultSettings
from flovify.auth.tenants.api_client import ApiClient
from flovify.auth.tenants.blocked import BlockedAccounts
from flovify.auth.tenants.service import TenantService
from flovify.auth.tenants.store import TenantStore
from flovify.auth.tokens.service import TokenService
from flovify.auth.tokens.store import TokenStore
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import Vault
from flovify.auth.vault.store import VaultStore
from flovify.common.clock import Clock, SystemClock
from flovify.common.db import AWAY, Pool, create_pool
from flovify.common.errors import Unavailable
from flovify.common.migrations import Schema, require_current
from flovify.common.outbound import microsoft_session, own_session

SCHEMA = Schema("auth", "flovify.auth.migrations")


@dataclass(frozen=True)
class Records:
    """What needs no more than the database and the vault's keys."""

    pool: Pool
    clock: Clock
    audit: AuditLog
    vault: Vault
    apps: AppService

    @classmethod
    async def open(
        cls, settings: AuthVaultSettings, stack: AsyncExitStack, application_name: str, pool_size: int
    ) -> Self:
        """Raises as `open_pool`, and SettingError where the keys are not the ones the data was sealed with."""
        pool = await open_pool(settings, stack, application_name, pool_size)
        clock, audit, vault = SystemClock(), AuditLog(pool), Vault(Keyring(settings.encryption_keys), VaultStore(pool))
        await vault.check_keys()
        return cls(pool, clock, audit, vault, AppService(AppStore(pool), vault, audit, clock, addresses(settings)))


@dataclass(frozen=True)
class Parts:
    """All that works with connected accounts, at Microsoft and at the api."""

    settings: AuthSettings
    records: Records
    microsoft_session: aiohttp.ClientSession
    microsoft: Ms365Client
    tokens: TokenService
    api: ApiClient
    tenants: TenantService
    blocked: BlockedAccounts
    links: LinkService
    organizations: OrganizationService
    graph: GraphDirectory

    @classmethod
    async def open(cls, settings: AuthSettings, stack: AsyncExitStack, application_name: str, pool_size: int) -> Self:
        """Raises as `Records.open`."""
        records = await Records.open(settings, stack, application_name, pool_size)
        pool, clock, audit, vault, apps = records.pool, records.clock, records.audit, records.vault, records.apps
        places = addresses(settings)
        session = await stack.enter_async_context(
            microsoft_session(("login", "graph"), stand_in=places.stand_in, proxy=settings.flovify_https_proxy)
        )
        own = await stack.enter_async_context(own_session(settings.api_service_url))
        microsoft = Ms365Client(session, places, apps, clock, settings.microsoft_scopes)
        api = ApiClient(own, settings.api_service_url, settings.service_secrets[0])
        stack.push_async_callback(api.close)
        tokens = TokenService(TokenStore(pool), vault, microsoft, apps, clock, api.announce)
        store = TenantStore(pool)
        tenants = TenantService(store, tokens, vault, api, audit, connecting=settings.connecting)
        graph = GraphDirectory(session, places.stand_in)
        return cls(
            settings=settings,
            records=records,
            microsoft_session=session,
            microsoft=microsoft,
            tokens=tokens,
            api=api,
            tenants=tenants,
            blocked=BlockedAccounts(store, api.announce),
            links=LinkService(LinkStore(pool), audit, settings.public_url),
            organizations=OrganizationService(
                OrganizationStore(pool), apps, OrganizationProbe(microsoft, graph), graph, tenants, audit
            ),
            graph=graph,
        )


async def open_pool(
    settings: AuthDatabaseSettings, stack: AsyncExitStack, application_name: str, pool_size: int
) -> Pool:
    """Connect, and check that the schema is this code's. Raises Unavailable, SchemaPending and SchemaTooNew."""
    dsn = settings.database_url.get_secret_value()
    try:
        pool = await create_pool(dsn, application_name=application_name, max_size=pool_size)
    except AWAY as error:
        raise Unavailable(
            f"the database cannot be reached ({type(error).__name__}); is it running, for instance by `flovify up`?"
        ) from None
    stack.push_async_callback(pool.close)
    await require_current(pool, SCHEMA)
    return pool
