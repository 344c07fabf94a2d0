"""Connected accounts in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.microsoft.id_token import Identity
from flovify.auth.tenants.models import Blocked, Status, Subscribe, Tenant, TenantOverview, TokenEvent
from flovify.common.db import Connection, Pool, Record, load_queries

KEPT_EVENTS = 50
_COLUMNS = tuple(Tenant.__dataclass_fields__)


class TenantStore:
    """The only caller of tenants/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.tenants")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def upsert(
        self,
        registration: Registration,
        identity: Identity,
        actor: str,
        subscribe: Subscribe | None,
        connection: Connection,
    ) -> tuple[Tenant, bool]:
        """The account's row, and whether it is new."""
        row = await connection.fetchrow(
            self._sql["upsert_tenant"],
            registration.provider,
            identity.tenant_id,
            identity.object_id,
            identity.address,
            identity.display_name,
            registration.id,
            actor,
            subscribe,
        )
        assert row is not None  # noqa: S101 - INSERT … RETURNING
        return _tenant(row), row["is_new"]

    async def get(self, tenant_id: UUID) -> Tenant | None:
        row = await self._pool.fetchrow(self._sql["get_tenant"], tenant_id)
        return _tenant(row) if row else None

    async def overviews(self, after: UUID | None, limit: int | None, only: UUID | None = None) -> list[TenantOverview]:
        """In order of id, after the given one."""
        rows = await self._pool.fetch(self._sql["list_tenants"], after, limit, only)
        return [
            TenantOverview(
                tenant=_tenant(row),
                token_type=row["token_type"],
                scopes=row["scopes"] or [],
                token_expires_at=row["token_expires_at"],
                last_refreshed_at=row["last_refreshed_at"],
                registration_id=row["registration_id"],
                cloud=row["cloud"] or "global",
                organization_name=row["organization_name"],
                connected_by=row["connected_by"],
                blocked=_blocked(row),
            )
            for row in rows
        ]

    async def set_status(self, tenant_id: UUID, status: Status, reason: Mapping[str, Any] | None) -> None:
        await self._pool.execute(self._sql["set_status"], tenant_id, status, dict(reason) if reason else None)

    async def put_blocked(self, blocked: Mapping[UUID, Blocked]) -> list[UUID]:
        """These accounts are blocked, and no others; gives those that became so or ceased, or have another reason."""
        columns = (
            list(blocked),
            [one.since for one in blocked.values()],
            [one.reason for one in blocked.values()],
            [one.waiting for one in blocked.values()],
        )
        return [row["id"] for row in await self._pool.fetch(self._sql["put_blocked"], *columns)]

    async def lock(self, tenant_id: UUID, connection: Connection) -> None:
        """Let nobody else change the account until the transaction ends."""
        await connection.execute(self._sql["lock_tenant"], tenant_id)

    async def delete_disconnecting(self, tenant_id: UUID, connection: Connection) -> bool:
        """Whether it was there and still being disconnected."""
        return await connection.fetchval(self._sql["delete_tenant"], tenant_id) is not None

    async def add_token_event(self, tenant_id: UUID, kind: str, detail: str, connection: Connection) -> None:
        await connection.execute(self._sql["add_token_event"], tenant_id, kind, detail)

    async def token_events(self, tenant_id: UUID) -> list[TokenEvent]:
        """The last ones, newest first."""
        rows = await self._pool.fetch(self._sql["token_events"], tenant_id, KEPT_EVENTS)
        return [TokenEvent(**row) for row in rows]

    async def delete_old_token_events(self) -> None:
        await self._pool.execute(self._sql["delete_old_token_events"], KEPT_EVENTS)

    async def wanted_subscriptions(self) -> list[tuple[UUID, Subscribe]]:
        """What the api has not been told yet."""
        rows = await self._pool.fetch(self._sql["wanted_subscriptions"])
        return [(row["id"], row["wanted_subscription"]) for row in rows]

    async def subscription_told(self, tenant_id: UUID, subscribe: Subscribe) -> None:
        await self._pool.execute(self._sql["subscription_told"], tenant_id, subscribe)


def _blocked(row: Record) -> Blocked | None:
    if row["blocked_since"] is None:
        return None
    return Blocked(row["blocked_since"], row["blocked_reason"] or "unknown", row["blocked_waiting"] or 0)


def _tenant(row: Record) -> Tenant:
    return Tenant(**{name: row[name] for name in _COLUMNS})
