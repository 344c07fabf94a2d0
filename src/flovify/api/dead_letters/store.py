"""Dead letters in PostgreSQL: the rows of the inbox that are given up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flovify.api.dead_letters.models import DeadLetter, DeadLetterFilter, Discarded, Group, Replay, Selection
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.like import anywhere

_QUERIES = load_queries("flovify.api.dead_letters")


class DeadLetterStore:
    """Reading dead letters, putting them back, and giving them up."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def pool(self) -> Pool:
        """For a transaction around a change and what is noted about it."""
        return self._pool

    async def list(self, wanted: DeadLetterFilter, after: uuid.UUID | None, limit: int) -> tuple[DeadLetter, ...]:
        """The last received first, after the one with this id."""
        values = (wanted.tenant_id, wanted.reason, wanted.since, wanted.query, after)
        pattern = None if wanted.query is None else anywhere(wanted.query)
        rows = await self._pool.fetch(_QUERIES["list"], *values, pattern, limit)
        return tuple(DeadLetter(**row) for row in rows)

    async def get(self, event_id: uuid.UUID) -> DeadLetter | None:
        row = await self._pool.fetchrow(_QUERIES["get"], event_id)
        return DeadLetter(**row) if row else None

    async def groups(self) -> tuple[Group, ...]:
        """By cause, the largest first."""
        return tuple(Group(**row) for row in await self._pool.fetch(_QUERIES["groups"]))

    async def replay(self, event_id: uuid.UUID) -> Replay | None:
        """Put a dead letter back into the queue. One replayed earlier is left alone and reported as it stands now.

        None when there is, and was, no such dead letter.
        """
        async with self._pool.acquire() as connection:
            row = await connection.fetchrow(_QUERIES["replay"], event_id)
            row = row or await connection.fetchrow(_QUERIES["find_replayed"], event_id)
        return Replay(row["id"], row["state"], row["outcome"], row["replays"]) if row else None

    async def discard(self, connection: Connection, chosen: Selection, who: str, why: str) -> int:
        """Settle dead letters as discarded; says how many."""
        count: int = await connection.fetchval(_QUERIES["discard"], *chosen.values(), who, why)
        return count

    async def restore(self, connection: Connection, event_ids: Sequence[uuid.UUID]) -> int:
        """Make discarded ones dead letters again; says how many."""
        count: int = await connection.fetchval(_QUERIES["restore"], event_ids)
        return count

    async def list_discarded(self, after: uuid.UUID | None, limit: int) -> tuple[Discarded, ...]:
        """The last discarded first, after the one with this id."""
        return tuple(Discarded(**row) for row in await self._pool.fetch(_QUERIES["list_discarded"], after, limit))
