"""Everything auth is made of, built once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from flovify.auth.apps.environment import addresses, environment_credential, environment_registration
from flovify.auth.apps.service import AppService
from flovify.auth.apps.store import AppStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.housekeeping import Housekeeping
from flovify.auth.links.service import LinkService
from flovify.auth.links.store import LinkStore
from flovify.auth.oauth.admin_consent import AdminConsentService
from flovify.auth.oauth.flows import Flows
from flovify.auth.oauth.id_token import IdTokenVerifier
from flovify.auth.oauth.ms365 import Ms365Client
from flovify.auth.oauth.service import OAuthService
from flovify.auth.oauth.store import OAuthStateStore
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
from flovify.auth.users.live_role import LiveUser
from flovify.auth.users.passwords import Passwords
from flovify.auth.users.service import UserService, ensure_first_administrator
from flovify.auth.users.signing import TokenSigner
from flovify.auth.users.store import UserStore
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import Vault
from flovify.auth.vault.store import VaultStore
from flovify.common.clock import Clock, SystemClock
from flovify.common.db import Pool, create_pool
from flovify.common.http import create_session
from flovify.common.jwt import AccessTokenVerifier
from flovify.common.migrations import Schema, require_current
from flovify.common.service_tokens import ServiceTokenGuard

SCHEMA = Schema("auth", "flovify.auth.migrations")
POOL_SIZE = 10


@dataclass(frozen=True)
class AuthDeps:
    """The parts the applications and the tasks are given."""

    settings: AuthSettings
    pool: Pool
    users: UserService
    signer: TokenSigner
    verifier: AccessTokenVerifier
    oauth: OAuthService
    consent: AdminConsentService
    links: LinkService
    organizations: OrganizationService
    tenants: TenantService
    tokens: TokenService
    apps: AppService
    clock: Clock
    audit: AuditLog
    guard: ServiceTokenGuard
    live_user: LiveUser
    clean_up: Callable[[], Awaitable[None]]

    @classmethod
    async def open(cls, settings: AuthSettings, stack: AsyncExitStack) -> Self:
        """Connect, check schema and keys, and wire. Raises SchemaPending, SchemaTooNew, SettingError."""
        pool = await create_pool(
            settings.database_url.get_secret_value(), application_name="flovify-auth", max_size=POOL_SIZE
        )
        stack.push_async_callback(pool.close)
        await require_current(pool, SCHEMA)
        vault = Vault(Keyring(settings.encryption_keys), VaultStore(pool))
        await vault.check_keys()
        session = await stack.enter_async_context(create_session())
        clock, audit, user_store = SystemClock(), AuditLog(pool), UserStore(pool)
        await ensure_first_administrator(
            pool, settings.flovify_admin_email, settings.flovify_admin_password.get_secret_value()
        )
        signer = await TokenSigner.load(user_store, vault, clock)
        places = addresses(settings)
        apps = AppService(AppStore(pool), vault, audit, clock, places)
        await apps.ensure_environment(environment_registration(settings), environment_credential(settings, clock))
        await apps.list_overviews()  # every process shows as a metric when the credentials end
        client = Ms365Client(session, places, apps, clock, settings.microsoft_scopes)
        token_store = TokenStore(pool)
        tokens = TokenService(token_store, vault, client, apps, clock)
        api = ApiClient(session, settings.api_service_url, settings.service_secrets[0])
        tenants = TenantService(TenantStore(pool), tokens, vault, api, audit)
        links = LinkService(LinkStore(pool), audit, settings.public_url)
        flows = Flows(OAuthStateStore(pool), vault, apps, links, user_store.live_user)
        graph = GraphDirectory(session, places.stand_in)
        organizations = OrganizationService(
            OrganizationStore(pool), apps, OrganizationProbe(client, graph), graph, tenants, audit
        )
        return cls(
            settings=settings,
            pool=pool,
            users=UserService(user_store, Passwords(), signer, audit),
            signer=signer,
            verifier=AccessTokenVerifier(signer.jwks, clock),
            oauth=OAuthService(flows, client, IdTokenVerifier(session, places, clock), apps, tenants, links),
            consent=AdminConsentService(flows, client, apps, organizations, links),
            links=links,
            organizations=organizations,
            tenants=tenants,
            tokens=tokens,
            apps=apps,
            clock=clock,
            audit=audit,
            guard=ServiceTokenGuard(settings.service_secrets),
            live_user=user_store.live_user,
            clean_up=Housekeeping(user_store, token_store, links, audit).run,
        )

    async def check_database(self) -> None:
        """For readiness: the database answers."""
        await self.pool.fetchval("SELECT 1")
