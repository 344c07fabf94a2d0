"""Events in PostgreSQL, waiting and settled ones in one list."""

from __future__ import annotations

import uuid

from flovify.api.events.models import EventFilter, EventRecord
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.events")


class EventStore:
    """Reading events."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(self, wanted: EventFilter, before: uuid.UUID | None, limit: int) -> tuple[EventRecord, ...]:
        """The last received first, before the event with this id."""
        state = wanted.state.value if wanted.state else None
        rows = await self._pool.fetch(
            _QUERIES["list"], before, wanted.tenant_id, state, wanted.outcome, wanted.since, wanted.until, limit
        )
        return tuple(EventRecord(**row) for row in rows)
