"""The parts of auth that a command needs beside the running service: nothing is served, made or changed by opening."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from flovify.auth.apps.environment import addresses
from flovify.auth.apps.service import AppService
from flovify.auth.apps.store import AppStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.links.service import LinkService
from flovify.auth.links.store import LinkStore
from flovify.auth.oauth.ms365 import Ms365Client
from flovify.auth.organizations.graph import GraphDirectory
from flovify.auth.organizations.probe import OrganizationProbe
from flovify.auth.organizations.service import OrganizationService
from flovify.auth.organizations.store import OrganizationStore
from flovify.auth.settings import AuthSettings
from flovify.auth.tenants.api_client import ApiClient
from flovify.auth.tenants.service import TenantService
from flovify.auth.tenants.store import TenantStore
from flovify.auth.tokens.service import TokenService
from flovify.auth.tokens.store import TokenStore
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import Vault
from flovify.auth.vault.store import VaultStore
from flovify.common.clock import SystemClock
from flovify.common.db import create_pool
from flovify.common.http import create_session
from flovify.common.migrations import Schema, require_current


@dataclass(frozen=True)
class Toolbox:
    """What `flovify tenants` works with."""

    settings: AuthSettings
    apps: AppService
    tenants: TenantService
    links: LinkService
    organizations: OrganizationService
    api: ApiClient

    @classmethod
    async def open(cls, settings: AuthSettings, stack: AsyncExitStack) -> Self:
        """Connect, check schema and keys. Raises SchemaPending, SchemaTooNew, SettingError."""
        pool = await create_pool(settings.database_url.get_secret_value(), application_name="flovify-cli", max_size=4)
        stack.push_async_callback(pool.close)
        await require_current(pool, Schema("auth", "flovify.auth.migrations"))
        vault = Vault(Keyring(settings.encryption_keys), VaultStore(pool))
        await vault.check_keys()
        session = await stack.enter_async_context(create_session())
        clock, audit, places = SystemClock(), AuditLog(pool), addresses(settings)
        apps = AppService(AppStore(pool), vault, audit, clock, places)
        client = Ms365Client(session, places, apps, clock, settings.microsoft_scopes)
        api = ApiClient(session, settings.api_service_url, settings.service_secrets[0])
        tenants = TenantService(
            TenantStore(pool), TokenService(TokenStore(pool), vault, client, apps, clock), vault, api, audit
        )
        graph = GraphDirectory(session, places.stand_in)
        organizations = OrganizationService(
            OrganizationStore(pool), apps, OrganizationProbe(client, graph), graph, tenants, audit
        )
        return cls(
            settings, apps, tenants, LinkService(LinkStore(pool), audit, settings.public_url), organizations, api
        )
