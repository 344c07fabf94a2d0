"""Canaries and wrapped data keys in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from flovify.auth.database import database_away
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

    async def data_key(self, owner: UUID, connection: Connection | None = None) -> tuple[str, str] | None:
        """Id of the wrapping key, and the wrapped key. Raises DatabaseAway."""
        with database_away():
            row = await (connection or self._pool).fetchrow(self._sql["get_data_key"], owner)
        return (row["key_id"], row["wrapped_key"]) if row else None

    async def add_data_key(self, owner: UUID, key_id: str, wrapped: str, connection: Connection | None = None) -> None:
        await (connection or self._pool).execute(self._sql["add_data_key"], owner, key_id, wrapped)

    async def delete_data_key(self, owner: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["delete_data_key"], owner)

    async def foreign_data_keys(self, current_id: str, after: UUID | None) -> list[tuple[UUID, str, str]]:
        """Up to a hundred data keys that another key wraps, in order of owner: owner, id of that key, wrapped key."""
        rows = await self._pool.fetch(self._sql["foreign_data_keys"], current_id, after)
        return [(row["owner_id"], row["key_id"], row["wrapped_key"]) for row in rows]

    async def replace_wrapping(self, owner: UUID, before: str, key_id: str, wrapped: str) -> bool:
        """Whether the wrapping was still the one given."""
        return await self._pool.fetchval(self._sql["replace_wrapping"], owner, before, key_id, wrapped) is not None
