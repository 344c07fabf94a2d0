"""Events in PostgreSQL, waiting and settled ones in one list."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flovify.api.events.models import EventFilter, EventItem, EventRecord
from flovify.common.db import Pool, load_queries
from flovify.common.like import anywhere
from flovify.common.uuid7 import neighbours

_QUERIES = load_queries("flovify.api.events")
# A search is for one thing: what it leads to is never many.
_MOST_FOUND = 1000
# A request is answered within seconds; the rest is for clocks that differ.
_CORRELATED_SECONDS = 30.0


class EventStore:
    """Reading events."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(self, wanted: EventFilter, before: uuid.UUID | None, limit: int) -> tuple[EventRecord, ...]:
        """The last received first, before the event with this id."""
        found = await self._find(wanted.q) if wanted.q else None
        rows = await self._pool.fetch(
            _QUERIES["list"],
            before,
            wanted.tenant_id,
            wanted.state.value if wanted.state else None,
            wanted.outcome,
            wanted.since,
            wanted.until,
            limit,
            wanted.kind,
            found,
            wanted.reason,
            wanted.stuck,
        )
        return tuple(EventRecord(**row) for row in rows)

    async def get(self, event_id: uuid.UUID) -> EventItem | None:
        """An event with its notification, waiting, dead or settled."""
        row = await self._pool.fetchrow(_QUERIES["get"], event_id)
        if row is None:
            return None
        event = EventRecord(**{name: row[name] for name in EventRecord.__dataclass_fields__})
        return EventItem(event, row["item"], row["stored_id"])

    async def _find(self, q: str) -> Sequence[uuid.UUID]:
        """The ids of the events that `q` names."""
        try:
            one = uuid.UUID(q)
            near = neighbours(one, _CORRELATED_SECONDS) or (None, None)
            rows = await self._pool.fetch(_QUERIES["find_by_id"], one, _MOST_FOUND, *near)
        except ValueError:
            rows = []
        rows += await self._pool.fetch(_QUERIES["find_by_text"], q, anywhere(q), _MOST_FOUND)
        return [row["id"] for row in rows]
