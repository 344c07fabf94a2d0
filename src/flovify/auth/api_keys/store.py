"""Keys of programs in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flovify.auth.api_keys.models import ApiKey, NewApiKey
from flovify.common.db import Connection, Pool, load_queries


@dataclass(frozen=True)
class UsableKey:
    """What a service must know of a key that is good."""

    id: UUID
    name: str
    scopes: list[str]
    tenant_ids: list[UUID] | None
    expires_at: datetime | None


class ApiKeyStore:
    """The only caller of api_keys/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.api_keys")

    async def add(self, key_hash: bytes, shown: str, new: NewApiKey, actor: str, connection: Connection) -> UUID:
        row = (key_hash, shown, new.name, new.scopes, new.tenant_ids, actor, new.days)
        made: UUID = await connection.fetchval(self._sql["add_key"], *row)
        return made

    async def list(self, key_id: UUID | None = None, connection: Connection | None = None) -> list[ApiKey]:
        """The newest first; one only where it is named."""
        rows = await (connection or self._pool).fetch(self._sql["list_keys"], key_id)
        return [ApiKey(**row) for row in rows]

    async def use(self, key_hash: bytes) -> UsableKey | None:
        """The key, if it is good; it was used now."""
        row = await self._pool.fetchrow(self._sql["use_key"], key_hash)
        return UsableKey(**row) if row else None

    async def revoke(self, key_id: UUID, actor: str, connection: Connection) -> str | None:
        """Its name; None when there is no such key that is not revoked already."""
        name: str | None = await connection.fetchval(self._sql["revoke_key"], key_id, actor)
        return name
