"""What a look into a mailbox needs to know of what is stored."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from flovify.api.queue.models import NewEvent
from flovify.api.queue.store import insert_events
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.sync")


class SyncStore:
    """Reads messages and the queue, and adds to the queue."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def last_received(self, tenant_id: uuid.UUID) -> datetime | None:
        """When the account's last stored message was received; None without one."""
        found: datetime | None = await self._pool.fetchval(_QUERIES["last_received"], tenant_id)
        return found

    async def find_unknown(self, tenant_id: uuid.UUID, provider: str, message_ids: Sequence[str]) -> set[str]:
        """Of these ids those that are neither stored nor on their way."""
        rows = await self._pool.fetch(_QUERIES["find_unknown"], tenant_id, provider, message_ids)
        return {row["id"] for row in rows}

    async def enqueue(self, events: Sequence[NewEvent]) -> int:
        """Put events into the queue; says how many were new."""
        if not events:
            return 0
        async with self._pool.acquire() as connection:
            return await insert_events(connection, events)
