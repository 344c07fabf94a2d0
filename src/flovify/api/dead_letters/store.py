"""Dead letters in PostgreSQL: the rows of the inbox that are given up."""

from __future__ import annotations

import uuid

from flovify.api.dead_letters.models import DeadLetter, Replay
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.dead_letters")


class DeadLetterStore:
    """Reading dead letters and putting them back."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(self, tenant_id: uuid.UUID | None, after: uuid.UUID | None, limit: int) -> tuple[DeadLetter, ...]:
        """The last received first, after the one with this id."""
        rows = await self._pool.fetch(_QUERIES["list"], tenant_id, after, limit)
        return tuple(DeadLetter(**row) for row in rows)

    async def get(self, event_id: uuid.UUID) -> DeadLetter | None:
        row = await self._pool.fetchrow(_QUERIES["get"], event_id)
        return DeadLetter(**row) if row else None

    async def replay(self, event_id: uuid.UUID) -> Replay | None:
        """Put a dead letter back into the queue. One replayed earlier is left alone and reported as it stands now.

        None when there is, and was, no such dead letter.
        """
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(_QUERIES["replay"], event_id)
            row = row or await connection.fetchrow(_QUERIES["find_replayed"], event_id)
        return Replay(row["id"], row["state"], row["outcome"], row["replays"]) if row else None
