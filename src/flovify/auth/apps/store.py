"""Registrations and their sealed credentials in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from flovify.auth.apps.errors import RegistrationInUse
from flovify.auth.apps.models import CredentialOverview, Kind, NewCredential, NewRegistration, Registration, Source
from flovify.auth.vault.models import WrappedKey, wrapped_key
from flovify.common.db import Connection, Pool, Record, load_queries

_REGISTRATION = tuple(Registration.__dataclass_fields__)
_CREDENTIAL = tuple(CredentialOverview.__dataclass_fields__)


@dataclass(frozen=True)
class SealedCredential:
    """A credential as stored; with its data key where no transaction holds that."""

    id: UUID
    kind: Kind
    sealed: str
    certificate_pem: str | None
    refused: bool = False
    data_key: WrappedKey | None = None


class AppStore:
    """The only caller of apps/queries.sql. It never sees a plaintext."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.apps")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def lock(self, connection: Connection) -> None:
        """Let nobody else change registrations until the transaction ends; reading goes on."""
        await connection.execute(self._sql["lock_registrations"])

    async def get(self, registration_id: UUID) -> Registration | None:
        return _registration(await self._pool.fetchrow(self._sql["get_registration"], registration_id))

    async def default(self, provider: str, connection: Connection | None = None) -> Registration | None:
        return _registration(await (connection or self._pool).fetchrow(self._sql["get_default"], provider))

    async def by_client_id(self, provider: str, client_id: str) -> list[Registration]:
        """One client id may be registered once in each cloud."""
        rows = await self._pool.fetch(self._sql["find_by_client_id"], provider, client_id)
        return [found for row in rows if (found := _registration(row))]

    async def find(self, provider: str, cloud: str, client_id: str, connection: Connection) -> Registration | None:
        return _registration(await connection.fetchrow(self._sql["find_registration"], provider, cloud, client_id))

    async def rows(self, only: UUID | None = None) -> list[tuple[Registration, Record]]:
        """Registrations, the default first, each with the rest of its row."""
        rows = await self._pool.fetch(self._sql["list_registrations"], only)
        return [(found, row) for row in rows if (found := _registration(row))]

    async def add(
        self, provider: str, new: NewRegistration, source: Source, connection: Connection
    ) -> Registration | None:
        """None when the client id is registered already. Being the default is a step of its own."""
        row = await connection.fetchrow(
            self._sql["add_registration"],
            provider,
            new.client_id,
            new.cloud,
            new.authority_tenant,
            new.display_name,
            False,
            source,
        )
        return _registration(row)

    async def adopt_as_environment(self, provider: str, new: NewRegistration, connection: Connection) -> None:
        await connection.execute(
            self._sql["adopt_as_environment"], provider, new.cloud, new.client_id, new.authority_tenant
        )

    async def release_environment(self, provider: str, kept: UUID, connection: Connection) -> list[UUID]:
        """Make other registrations of the environment stored ones, with their credentials; returns which."""
        rows = await connection.fetch(self._sql["release_environment"], provider, kept)
        await connection.execute(self._sql["release_credentials"])
        return [row["id"] for row in rows]

    async def make_default(self, provider: str, registration_id: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["clear_default"], provider, registration_id)
        await connection.execute(self._sql["make_default"], registration_id)

    async def change(
        self, registration_id: UUID, display_name: str | None, authority_tenant: str | None, connection: Connection
    ) -> bool:
        """None leaves a column as it is; False when there is no such registration."""
        row = (registration_id, display_name, authority_tenant)
        return await connection.fetchval(self._sql["change_registration"], *row) is not None

    async def give_to_tenants(self, provider: str, registration_id: UUID, connection: Connection) -> None:
        """Accounts from before there were registrations belong to this one."""
        await connection.execute(self._sql["give_to_tenants"], provider, registration_id)

    async def delete(self, registration_id: UUID, reason: dict[str, Any] | None, connection: Connection) -> bool:
        """Delete; with a reason its accounts are flagged with it first. Raises RegistrationInUse."""
        if reason is not None:
            await connection.execute(self._sql["release_tenants"], registration_id, reason)
        try:
            return await connection.fetchval(self._sql["delete_registration"], registration_id) is not None
        except asyncpg.ForeignKeyViolationError:
            raise RegistrationInUse("something still belongs to this registration; nothing was removed") from None

    async def note_error(self, registration_id: UUID, reason: dict[str, Any]) -> bool:
        """Whether it is the first since the registration last worked."""
        return bool(await self._pool.fetchval(self._sql["note_error"], registration_id, reason))

    async def clear_error(self, registration_id: UUID, connection: Connection | None = None) -> bool:
        """Whether there was one."""
        return await (connection or self._pool).fetchval(self._sql["clear_error"], registration_id) is not None

    async def unblock_tokens(self, registration_id: UUID, connection: Connection) -> None:
        """End the waiting of tokens that could not be refreshed because a credential was refused."""
        await connection.execute(self._sql["unblock_tokens"], registration_id)

    async def credentials(self, only: UUID | None = None) -> dict[UUID, list[CredentialOverview]]:
        """By registration, newest first."""
        found: dict[UUID, list[CredentialOverview]] = {}
        for row in await self._pool.fetch(self._sql["list_credentials"], only):
            overview = CredentialOverview(**{name: row[name] for name in _CREDENTIAL})
            found.setdefault(row["registration_id"], []).append(overview)
        return found

    async def usable(self, registration_id: UUID) -> list[SealedCredential]:
        """At most two, the one to present first first."""
        rows = await self._pool.fetch(self._sql["usable_credentials"], registration_id)
        return [
            SealedCredential(
                row["id"], row["kind"], row["sealed"], row["certificate_pem"], row["refused"], wrapped_key(row)
            )
            for row in rows
        ]

    async def credential_mark(self, registration_id: UUID) -> str:
        """A text that changes when a credential is added or taken away."""
        return str(await self._pool.fetchval(self._sql["credential_mark"], registration_id))

    async def environment_credential(self, registration_id: UUID, connection: Connection) -> SealedCredential | None:
        """The credential the environment gave at the last start, retired or not."""
        row = await connection.fetchrow(self._sql["environment_credential"], registration_id)
        return SealedCredential(row["id"], row["kind"], row["sealed"], row["certificate_pem"]) if row else None

    async def add_credential(
        self,
        registration_id: UUID,
        credential_id: UUID,
        new: NewCredential,
        sealed: str,
        source: Source,
        connection: Connection,
    ) -> None:
        await connection.execute(
            self._sql["add_credential"],
            credential_id,
            registration_id,
            new.kind,
            source,
            sealed,
            new.certificate_pem,
            new.thumbprint,
            new.subject,
            new.expires_at,
        )

    async def retire_surplus(self, registration_id: UUID, connection: Connection) -> list[UUID]:
        """Take away all but two, valid and newest ones first; returns which."""
        rows = await connection.fetch(self._sql["surplus_credentials"], registration_id)
        for row in rows:
            await self.take_away(row["id"], row["source"], connection)
        return [row["id"] for row in rows]

    async def credential_source(
        self, registration_id: UUID, credential_id: UUID, connection: Connection
    ) -> Source | None:
        """None when the registration has no such credential."""
        row = await connection.fetchrow(self._sql["get_credential"], credential_id, registration_id)
        source: Source | None = row["source"] if row else None
        return source

    async def take_away(self, credential_id: UUID, source: Source, connection: Connection) -> None:
        """Delete a stored one; one of the environment only rests, else the next start would take it for a new one."""
        name = "retire_credential" if source == "environment" else "delete_credential"
        await connection.execute(self._sql[name], credential_id)

    async def date_credential(self, credential_id: UUID, expires_at: datetime | None, connection: Connection) -> None:
        """Note when it ends; None leaves what is known."""
        await connection.execute(self._sql["date_credential"], credential_id, expires_at)

    async def delete_credential(self, credential_id: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["delete_credential"], credential_id)

    async def mark_refused(self, credential_id: UUID, reason: dict[str, Any]) -> None:
        await self._pool.execute(self._sql["mark_refused"], credential_id, reason)

    async def mark_accepted(self, credential_id: UUID) -> None:
        await self._pool.execute(self._sql["mark_accepted"], credential_id)


def _registration(row: Record | None) -> Registration | None:
    return Registration(**{name: row[name] for name in _REGISTRATION}) if row else None
