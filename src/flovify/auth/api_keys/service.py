"""Making, listing and revoking the keys of programs."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flovify.auth.api_keys.models import ApiKey, NewApiKey
from flovify.auth.api_keys.store import ApiKeyStore, UsableKey
from flovify.auth.audit.store import AuditLog
from flovify.common import api_keys
from flovify.common.db import Pool
from flovify.common.errors import InvalidRequest, NotFound


@dataclass(frozen=True)
class MadeApiKey:
    """`key` is told this once."""

    kept: ApiKey
    key: str


class ApiKeyService:
    """Each change is in the audit log, in the same transaction."""

    def __init__(self, pool: Pool, audit: AuditLog) -> None:
        self._pool = pool
        self._store = ApiKeyStore(pool)
        self._audit = audit

    async def make(self, new: NewApiKey, actor: str) -> MadeApiKey:
        """Raises InvalidRequest for a key that could do nothing."""
        if not new.name.strip() or not new.scopes or new.tenant_ids == []:
            raise InvalidRequest(
                "give the key a name, at least one scope, and at least one account where it is limited"
            )
        key = api_keys.make()
        async with self._pool.acquire() as connection, connection.transaction():
            key_id = await self._store.add(api_keys.digest(key), key[: api_keys.SHOWN], new, actor, connection)
            details = {"name": new.name, "scopes": new.scopes, "days": new.days}
            await self._audit.record(actor, "api_key.created", str(key_id), details, connection)
            (kept,) = await self._store.list(key_id, connection)
        return MadeApiKey(kept, key)

    async def list(self) -> list[ApiKey]:
        return await self._store.list()

    async def revoke(self, key_id: UUID, actor: str) -> None:
        """Nothing happens to one that is revoked already. Raises NotFound."""
        async with self._pool.acquire() as connection, connection.transaction():
            if not await self._store.list(key_id, connection):
                raise NotFound("there is no API key with this id; GET /auth/api-keys lists them")
            name = await self._store.revoke(key_id, actor, connection)
            if name is not None:
                await self._audit.record(actor, "api_key.revoked", str(key_id), {"name": name}, connection)

    async def use(self, key_hash: bytes) -> UsableKey | None:
        """What a good key may do; None for every other."""
        return await self._store.use(key_hash)
