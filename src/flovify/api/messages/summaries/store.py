"""The list of messages in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flovify.api.messages.summaries.models import Order, Place, SummaryFilter
from flovify.api.messages.summaries.schemas import MessageSummary
from flovify.common.db import Connection, Pool, Record, load_queries

_QUERIES = load_queries("flovify.api.messages.summaries")
_EXACT = 1000
_LISTS = {Order.NEWEST: "list_newest", Order.OLDEST: "list_oldest"}


@dataclass(frozen=True)
class Line:
    """A message of the list and its place in it."""

    shown: MessageSummary
    place: Place


@dataclass(frozen=True)
class Found:
    items: tuple[Line, ...]
    total_estimate: int


class SummaryStore:
    """Reading the list."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(self, wanted: SummaryFilter, order: Order, after: Place | None, limit: int) -> Found:
        """A page after a place, and how many there are about in all."""
        query, internet_message_id = _sought(wanted.query)
        values = (wanted.tenant_id, query, wanted.has_attachments, wanted.since, wanted.until, wanted.deleted)
        place = (after.at, after.id) if after else (None, None)
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            # A plan for any value would have to serve all switches of the conditions at once, and reads the table.
            await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")
            rows = await connection.fetch(_QUERIES[_LISTS[order]], *values, *place, internet_message_id, limit)
            total = await _total(connection, values, internet_message_id)
        return Found(tuple(_line(row) for row in rows), total)


async def _total(connection: Connection, values: Sequence[Any], internet_message_id: str | None) -> int:
    count: int = await connection.fetchval(_QUERIES["count_some"], *values, internet_message_id, _EXACT + 1)
    if count <= _EXACT:
        return count
    plan = msgspec.json.decode(await connection.fetchval(_QUERIES["guess"], *values))
    return max(count, int(plan[0]["Plan"]["Plan Rows"]))


def _sought(query: str | None) -> tuple[str | None, str | None]:
    """(words, internetMessageId): `<id@host>`, angle brackets and all, is the latter (RFC 5322, 3.6.4)."""
    if query and query.startswith("<") and query.endswith(">") and "@" in query and " " not in query:
        return None, query
    return query, None


def _line(row: Record) -> Line:
    fields = dict(row)
    place, sender = Place(fields.pop("sorted_at"), fields["id"]), fields.pop("from_address")
    return Line(MessageSummary(**fields, from_=sender), place)
