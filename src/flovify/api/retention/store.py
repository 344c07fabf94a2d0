"""Taking out what is old, a batch at a time."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime

from flovify.api.retention.models import Taken
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.retention")
Before = Callable[[Sequence[Taken]], None]


class RetentionStore:
    """The only caller of retention/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def now(self) -> datetime:
        """The database's time: that of the rows."""
        found: datetime = await self._pool.fetchval("SELECT clock_timestamp()")
        return found

    async def take(self, kind: str, before: datetime, limit: int, keep: Before) -> int:
        """Delete the oldest rows of a kind; says how many.

        `keep` is given them first, inside the transaction: what it raises keeps them where they are.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(_QUERIES[f"take_{kind}"], before, limit)
            taken = [Taken(row["id"], row["at"], row["line"]) for row in rows]
            if taken:
                keep(taken)
            return len(taken)

    async def old_dead_letters(self, before: datetime, limit: int) -> tuple[uuid.UUID, ...]:
        return tuple(row["id"] for row in await self._pool.fetch(_QUERIES["old_dead_letters"], before, limit))

    async def delete_replays(self, before: datetime) -> None:
        """Finished ones; their items go with them."""
        await self._pool.execute(_QUERIES["take_replays"], before)
