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
# How many are counted. So many and no more are found by an index and put in order; where there are more, a walk in the
# order of the list meets them soon.
_FEW = 5000
_LISTS = {Order.NEWEST: "list_newest", Order.OLDEST: "list_oldest"}
_LISTS_OF_FEW = {Order.NEWEST: "list_few_newest", Order.OLDEST: "list_few_oldest"}
# A plan for any value would have to serve all switches of the conditions at once, and reads the table.
_BY_VALUES = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = off; SET LOCAL jit = off"


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

    def __init__(self, pool: Pool, *, few: int = _FEW) -> None:
        self._pool = pool
        self._few = few

    async def list(self, wanted: SummaryFilter, order: Order, after: Place | None, limit: int) -> Found:
        """A page after a place, and how many there are about in all."""
        query, internet_message_id = _sought(wanted.query)
        values = (wanted.tenant_id, query, wanted.has_attachments, wanted.since, wanted.until, wanted.deleted)
        place = (after.at, after.id) if after else (None, None)
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(_BY_VALUES)
            count = await connection.fetchval(_QUERIES["count_some"], *values, internet_message_id, self._few + 1)
            lists = _LISTS if count > self._few else _LISTS_OF_FEW
            rows = await connection.fetch(_QUERIES[lists[order]], *values, *place, internet_message_id, limit)
            total = count if count <= self._few else await _guess(connection, values)
        return Found(tuple(_line(row) for row in rows), max(count, total))


async def _guess(connection: Connection, values: Sequence[Any]) -> int:
    plan = msgspec.json.decode(await connection.fetchval(_QUERIES["guess"], *values))
    return int(plan[0]["Plan"]["Plan Rows"])


def _sought(query: str | None) -> tuple[str | None, str | None]:
    """(words, internetMessageId): `<id@host>`, angle brackets and all, is the latter (RFC 5322, 3.6.4)."""
    if query and query.startswith("<") and query.endswith(">") and "@" in query and " " not in query:
        return None, query
    return query, None


def _line(row: Record) -> Line:
    fields = dict(row)
    place, sender = Place(fields.pop("sorted_at"), fields["id"]), fields.pop("from_address")
    return Line(MessageSummary(**fields, from_=sender), place)
