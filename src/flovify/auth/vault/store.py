"""Canaries and wrapped data keys in the database."""

from __future__ import annotations

from uuid import UUID

from flovify.common.db import Connection, Pool, load_queries


class VaultStore:
    """The only caller of vault/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.vault")

    async def canaries(self) -> dict[str, str]:
        """Key id to sealed canary."""
        rows = await self._pool.fetch(self._sql["list_vault_keys"])
        return {row["key_id"]: row["canary"] for row in rows}

    async def add_canary(self, key_id: str, canary: str) -> None:
        await self._pool.execute(self._sql["add_vault_key"], key_id, canary)

    async def data_key(self, owner: UUID, connection: Connection | None = None) -> tuple[str, str] | None:
        """Id of the wrapping key, and the wrapped key."""
        row = await (connection or self._pool).fetchrow(self._sql["get_data_key"], owner)
        return (row["key_id"], row["wrapped_key"]) if row else None

    async def add_data_key(self, owner: UUID, key_id: str, wrapped: str, connection: Connection | None = None) -> None:
        await (connection or self._pool).execute(self._sql["add_data_key"], owner, key_id, wrapped)

    async def delete_data_key(self, owner: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["delete_data_key"], owner)
