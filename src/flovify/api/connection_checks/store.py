"""Checks under way in PostgreSQL, where every process that takes notifications finds them."""

from __future__ import annotations

import uuid

from flovify.common.db import Pool, load_queries

CHANNEL = "flovify_connection_checks"
_QUERIES = load_queries("flovify.api.connection_checks")


class CheckStore:
    """Rows of api.connection_checks."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool

    async def discard_old(self, tenant_id: uuid.UUID, seconds: float) -> list[str]:
        """Remove what a dead process left of this tenant; the provider's ids of its subscriptions."""
        rows = await self.pool.fetch(_QUERIES["discard_old"], seconds, tenant_id)
        return [row["subscription_id"] for row in rows if row["subscription_id"]]

    async def reserve(self, check_id: uuid.UUID, tenant_id: uuid.UUID, client_state_hash: bytes) -> bool:
        """False when another check of this tenant is under way."""
        return await self.pool.fetchval(_QUERIES["reserve"], check_id, tenant_id, client_state_hash) is not None

    async def note_subscription(self, check_id: uuid.UUID, subscription_id: str) -> None:
        await self.pool.execute(_QUERIES["note_subscription"], check_id, subscription_id)

    async def is_notified(self, check_id: uuid.UUID) -> bool:
        return bool(await self.pool.fetchval(_QUERIES["is_notified"], check_id))

    async def delete(self, check_id: uuid.UUID) -> None:
        await self.pool.execute(_QUERIES["delete"], check_id)
