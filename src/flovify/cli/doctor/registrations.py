"""The app registrations as auth keeps them, opened to be looked at: nothing is noted, nothing is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp

from flovify.auth.apps.environment import addresses
from flovify.auth.apps.models import Credential, RegistrationOverview
from flovify.auth.apps.service import AppService
from flovify.auth.apps.store import AppStore
from flovify.auth.audit.store import AuditLog
from flovify.auth.microsoft.ms365 import Ms365Client
from flovify.auth.organizations.graph import GraphDirectory
from flovify.auth.organizations.models import Organization
from flovify.auth.organizations.probe import OrganizationProbe
from flovify.auth.organizations.store import OrganizationStore
from flovify.auth.settings import AuthSettings
from flovify.auth.vault.keyring import Keyring
from flovify.auth.vault.service import Vault
from flovify.auth.vault.store import VaultStore
from flovify.cli.doctor.databases import RUN_THERE, Databases
from flovify.cli.doctor.found import Found
from flovify.cli.doctor.models import NotLookedAt
from flovify.cli.doctor.store import DoctorStore
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.outbound import microsoft_session

MOST_ORGANIZATIONS = 20


class _LookedAt:
    """Credentials for the client as `AppService` gives them, without keeping how Microsoft took them."""

    def __init__(self, apps: AppService) -> None:
        self._apps = apps

    async def credentials(self, registration_id: UUID) -> list[Credential]:
        return await self._apps.credentials(registration_id)

    async def note_credential_refused(self, credential: Credential, reason: dict[str, Any]) -> None:
        """The services note it when they meet it."""

    async def note_refused(self, registration_id: UUID, reason: dict[str, Any]) -> None:
        """The same."""

    async def note_accepted(self, registration_id: UUID, credential: Credential) -> None:
        """The same."""


@dataclass(frozen=True)
class Registrations:
    """What it takes to look at them; open while `asking` is."""

    settings: AuthSettings
    pool: Pool
    apps: AppService
    clock: Clock

    @classmethod
    async def open(cls, found: Found, databases: Databases, clock: Clock) -> Registrations:
        """Raises NotLookedAt without auth's settings or tables."""
        settings = found.of(AuthSettings, "auth")
        if settings is None:
            raise NotLookedAt("auth's settings are not here, or not whole", RUN_THERE.format(service="auth"))
        pool = await databases.tables("auth")
        vault = Vault(Keyring(settings.encryption_keys), VaultStore(pool))
        apps = AppService(AppStore(pool), vault, AuditLog(pool), clock, addresses(settings))
        return cls(settings, pool, apps, clock)

    async def overviews(self) -> list[RegistrationOverview]:
        return await self.apps.list_overviews()

    async def organizations(self) -> list[Organization]:
        """The first of those that agreed to application permissions."""
        return await OrganizationStore(self.pool).page(None, MOST_ORGANIZATIONS)

    async def organization_of(self, one: RegistrationOverview) -> str | None:
        """Where Microsoft gives this application a token of its own: only a concrete organisation does."""
        tenant = one.registration.authority_tenant
        if tenant not in {"common", "organizations", "consumers"}:
            return tenant
        return await DoctorStore(self.pool, "auth").organization(one.registration.id)

    @asynccontextmanager
    async def asking(self) -> AsyncIterator[tuple[aiohttp.ClientSession, Ms365Client, OrganizationProbe]]:
        """The way out, as auth has it."""
        places, proxy = addresses(self.settings), self.settings.flovify_https_proxy
        async with microsoft_session(("login", "graph"), stand_in=places.stand_in, proxy=proxy) as session:
            client = Ms365Client(session, places, _LookedAt(self.apps), self.clock, self.settings.microsoft_scopes)
            yield session, client, OrganizationProbe(client, GraphDirectory(session, places.stand_in))
