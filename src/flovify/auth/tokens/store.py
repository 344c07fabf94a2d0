"""Sealed tokens and the lease under which they are refreshed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from flovify.auth.database import database_away
from flovify.auth.tokens.models import DueToken, SealedToken, StoredToken
from flovify.auth.vault.models import wrapped_key
from flovify.common.db import Connection, Pool, load_queries


class TokenStore:
    """The only caller of tokens/queries.sql. It never sees a plaintext."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.tokens")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Raises DatabaseAway, also out of the block."""
        with database_away():
            async with self._pool.acquire() as connection, connection.transaction():
                yield connection

    async def get(self, tenant_id: UUID) -> StoredToken | None:
        row = await self._pool.fetchrow(self._sql["get_token"], tenant_id)
        if row is None:
            return None
        return StoredToken(
            tenant_id=row["tenant_id"],
            token_type=row["token_type"],
            sealed_access=row["encrypted_access_token"],
            sealed_refresh=row["encrypted_refresh_token"],
            scopes=row["scopes"] or [],
            expires_at=row["expires_at"],
            generation=row["generation"],
            leased=row["leased"],
            blocked_seconds=row["blocked_seconds"],
            sealed_previous=row["previous_refresh_token"],
            previous_generation=row["previous_generation"],
            tenant_status=row["status"],
            tenant_reason=row["status_reason"],
            last_error=row["last_error"],
            registration_id=row["registration_id"],
            cloud=row["cloud"],
            external_tenant_id=row["external_tenant_id"],
            external_account_id=row["external_account_id"],
            account_email=row["account_email"],
            provider=row["provider"],
            data_key=wrapped_key(row),
        )

    async def next_generation(self, tenant_id: UUID, connection: Connection) -> int:
        """The generation of a new connection's tokens; the row stays locked until the transaction ends."""
        return int(await connection.fetchval(self._sql["lock_generation"], tenant_id) or 0) + 1

    async def put(
        self, tenant_id: UUID, token_type: str, sealed: SealedToken, generation: int, connection: Connection
    ) -> None:
        """The only tokens of the account from now on."""
        await connection.execute(self._sql["delete_other_type"], tenant_id, token_type)
        await connection.execute(
            self._sql["put_token"],
            tenant_id,
            token_type,
            sealed.access,
            sealed.refresh,
            sealed.scopes,
            sealed.expires_at,
            generation,
        )

    async def take_lease(self, tenant_id: UUID, generation: int, owner: str, seconds: float) -> bool:
        """Whether we are the one to refresh this generation."""
        return bool(await self._pool.fetchval(self._sql["take_lease"], tenant_id, generation, owner, seconds))

    async def finish(self, tenant_id: UUID, generation: int, sealed: SealedToken, connection: Connection) -> bool:
        """Write the result of a refresh; False means fenced out, nothing was written."""
        found = await connection.fetchval(
            self._sql["finish_refresh"],
            tenant_id,
            generation,
            sealed.access,
            sealed.refresh,
            sealed.scopes,
            sealed.expires_at,
        )
        return found is not None

    async def give_back_lease(self, tenant_id: UUID, generation: int, owner: str) -> None:
        """Leave the refresh to whoever comes next."""
        await self._pool.execute(self._sql["give_back_lease"], tenant_id, generation, owner)

    async def end_lease(
        self, tenant_id: UUID, generation: int, owner: str, error: dict[str, Any], blocked_seconds: float
    ) -> bool:
        """Record a failure and let nobody try for a while; False means that the lease was lost to somebody else."""
        row = (tenant_id, generation, owner, error, blocked_seconds)
        return await self._pool.fetchval(self._sql["end_lease"], *row) is not None

    async def flag_tenant(self, tenant_id: UUID, generation: int, reason: dict[str, Any]) -> bool:
        return await self._pool.fetchval(self._sql["flag_tenant"], tenant_id, generation, reason) is not None

    async def due_for_refresh(self, soon_seconds: float, idle_seconds: float) -> list[DueToken]:
        """Active tenants whose access token ends within `soon_seconds` or was refreshed `idle_seconds` ago or more."""
        rows = await self._pool.fetch(self._sql["due_for_refresh"], soon_seconds, idle_seconds)
        return [DueToken(row["tenant_id"], row["token_type"], row["registration_id"]) for row in rows]

    async def forget_previous(self) -> None:
        """Delete replaced refresh tokens whose day is over."""
        await self._pool.execute(self._sql["forget_previous"])
