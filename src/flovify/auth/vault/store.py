"""Canaries and wrapped data keys in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from flovify.auth.vault.models import WrappedKey, wrapped_key
from flovify.common.db import Connection, Pool, load_queries


class VaultStore:
    """The only caller of vault/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.vault")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def lock_keys(self, connection: Connection) -> None:
        """Let no other process check or register keys until the transaction ends."""
        await connection.execute(self._sql["lock_vault_keys"])

    async def canaries(self, connection: Connection) -> dict[str, str]:
        """Key id to sealed canary."""
        rows = await connection.fetch(self._sql["list_vault_keys"])
        return {row["key_id"]: row["canary"] for row in rows}

    async def key_ids_in_use(self, connection: Connection) -> set[str]:
        """The keys that some data key is wrapped with."""
        return {row["key_id"] for row in await connection.fetch(self._sql["list_key_ids_in_use"])}

    async def add_canary(self, key_id: str, canary: str, connection: Connection) -> None:
        await connection.execute(self._sql["add_vault_key"], key_id, canary)

    async def hold_data_key(self, owner: UUID, connection: Connection) -> WrappedKey | None:
        """It stays what it is until the transaction ends."""
        row = await connection.fetchrow(self._sql["hold_data_key"], owner)
        return wrapped_key(row) if row else None

    async def add_data_key(self, owner: UUID, key: WrappedKey, connection: Connection) -> None:
        await connection.execute(self._sql["add_data_key"], owner, key.key_id, key.wrapped)

    async def lock_stale_data_key(
        self, owner: UUID, since: datetime, current_id: str, connection: Connection
    ) -> WrappedKey | None:
        """One older than `since`, or under another key than the current one, for nobody else; None when it is fresh."""
        row = await connection.fetchrow(self._sql["lock_stale_data_key"], owner, since, current_id)
        return wrapped_key(row) if row else None

    async def replace_data_key(self, owner: UUID, key: WrappedKey, connection: Connection) -> None:
        await connection.execute(self._sql["replace_data_key"], owner, key.key_id, key.wrapped)

    async def count_data_keys(self, since: datetime, current_id: str) -> tuple[int, int]:
        """All, and those older than `since` or under another key than the current one."""
        row = await self._pool.fetchrow(self._sql["count_data_keys"], since, current_id)
        assert row is not None  # noqa: S101 - an aggregate
        return row["owners"], row["stale"]

    async def stale_owners(self, since: datetime, current_id: str, after: UUID | None, limit: int) -> list[UUID]:
        """Owners of such keys, in order."""
        rows = await self._pool.fetch(self._sql["stale_owners"], since, current_id, after, limit)
        return [row["owner_id"] for row in rows]

    async def delete_data_key(self, owner: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["delete_data_key"], owner)

    async def foreign_data_keys(self, current_id: str, after: UUID | None) -> list[tuple[UUID, str, str]]:
        """Up to a hundred data keys that another key wraps, in order of owner: owner, id of that key, wrapped key."""
        rows = await self._pool.fetch(self._sql["foreign_data_keys"], current_id, after)
        return [(row["owner_id"], row["key_id"], row["wrapped_key"]) for row in rows]

    async def replace_wrapping(self, owner: UUID, before: str, key_id: str, wrapped: str) -> bool:
        """Whether the wrapping was still the one given."""
        return await self._pool.fetchval(self._sql["replace_wrapping"], owner, before, key_id, wrapped) is not None
