"""Everything the service auth is made of, built once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Self

from flovify.auth.api_keys.service import ApiKeyService
from flovify.auth.apps.environment import addresses, environment_credential, environment_registration
from flovify.auth.apps.service import AppService
from flovify.auth.audit.handouts.service import HandoutWatch
from flovify.auth.audit.handouts.store import HandoutStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.connecting.admin_consent import AdminConsentService
from flovify.auth.connecting.flows import Flows
from flovify.auth.connecting.service import OAuthService
from flovify.auth.connecting.shared import SharedMailboxes
from flovify.auth.connecting.store import OAuthStateStore
from flovify.auth.housekeeping import Housekeeping
from flovify.auth.links.service import LinkService
from flovify.auth.microsoft.id_token import IdTokenVerifier
from flovify.auth.organizations.service import OrganizationService
from flovify.auth.parts import Parts, Records
from flovify.auth.people.service import PeopleService
from flovify.auth.people.store import PeopleStore
from flovify.auth.readings.figures import FIGURES
from flovify.auth.readings.store import FigureReader
from flovify.auth.sessions.store import SessionStore
from flovify.auth.settings import AuthSettings
from flovify.auth.system.routes import SystemReader
from flovify.auth.tenants.blocked import BlockedAccounts
from flovify.auth.tenants.service import TenantService
from flovify.auth.tokens.service import TokenService
from flovify.auth.users.live_role import LiveUser
from flovify.auth.users.passwords import Passwords
from flovify.auth.users.service import UserService, ensure_first_administrator
from flovify.auth.users.signing import TokenSigner
from flovify.auth.users.store import UserStore
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.jwt import AccessTokenVerifier
from flovify.common.readings.service import Readings
from flovify.common.readings.store import ReadingStore
from flovify.common.service_tokens import ServiceTokenGuard

POOL_SIZE = 10
# The keys are in our own database, and a new one may sign at once.
OWN_REFETCH_SECONDS = 1.0


@dataclass(frozen=True)
class AuthDeps:
    """The parts the applications and the tasks are given."""

    settings: AuthSettings
    pool: Pool
    users: UserService
    people: PeopleService
    sessions: SessionStore
    system: SystemReader
    signer: TokenSigner
    verifier: AccessTokenVerifier
    oauth: OAuthService
    consent: AdminConsentService
    links: LinkService
    organizations: OrganizationService
    tenants: TenantService
    blocked: BlockedAccounts
    tokens: TokenService
    apps: AppService
    clock: Clock
    audit: AuditLog
    handouts: HandoutWatch
    readings: Readings
    figures: FigureReader
    guard: ServiceTokenGuard
    api_keys: ApiKeyService
    live_user: LiveUser
    clean_up: Callable[[], Awaitable[None]]

    @classmethod
    async def open(cls, settings: AuthSettings, stack: AsyncExitStack) -> Self:
        """Open the parts, make what the environment names (administrator, registration), and wire.

        Raises Unavailable, SchemaPending, SchemaTooNew, SettingError.
        """
        parts = await Parts.open(settings, stack, "flovify-auth", POOL_SIZE)
        records, users, passwords = parts.records, UserStore(parts.records.pool), Passwords()
        await _make_what_the_environment_names(settings, records)
        signer = await TokenSigner.load(users, records.vault, records.clock)
        flows = Flows(OAuthStateStore(records.pool), records.vault, records.apps, parts.links, users.live_user)
        id_tokens = IdTokenVerifier(parts.microsoft_session, addresses(settings), records.clock)
        people, sessions = PeopleStore(records.pool), SessionStore(records.pool)
        return cls(
            settings=settings,
            pool=records.pool,
            users=UserService(users, passwords, signer, records.audit),
            people=PeopleService(people, users, sessions, passwords, records.audit),
            sessions=sessions,
            system=SystemReader(records.pool, settings, records.apps, records.clock),
            signer=signer,
            verifier=AccessTokenVerifier(signer.jwks, records.clock, refetch_seconds=OWN_REFETCH_SECONDS),
            oauth=OAuthService(
                flows,
                parts.microsoft,
                id_tokens,
                records.apps,
                parts.tenants,
                parts.links,
                SharedMailboxes(parts.graph),
            ),
            consent=AdminConsentService(flows, parts.microsoft, records.apps, parts.organizations, parts.links),
            links=parts.links,
            organizations=parts.organizations,
            tenants=parts.tenants,
            blocked=parts.blocked,
            tokens=parts.tokens,
            apps=records.apps,
            clock=records.clock,
            audit=records.audit,
            handouts=HandoutWatch(HandoutStore(records.pool), records.audit),
            readings=Readings(ReadingStore(records.pool, "auth"), records.clock, FIGURES),
            figures=FigureReader(records.pool, records.apps),
            guard=ServiceTokenGuard(settings.service_secrets),
            api_keys=ApiKeyService(records.pool, records.audit),
            live_user=users.live_user,
            clean_up=Housekeeping(users, people, sessions, parts.tokens, parts.tenants, parts.links, records.audit).run,
        )

    async def check_database(self) -> None:
        """For readiness: the database answers."""
        await self.pool.fetchval("SELECT 1")


async def _make_what_the_environment_names(settings: AuthSettings, records: Records) -> None:
    await ensure_first_administrator(
        records.pool, settings.flovify_admin_email, settings.flovify_admin_password.get_secret_value()
    )
    credential = environment_credential(settings, records.clock)
    await records.apps.ensure_environment(environment_registration(settings), credential)
