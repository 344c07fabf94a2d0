"""Messages in PostgreSQL: stored exactly once, in an order a reader can follow."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flovify.api.messages.models import FeedFilter, FeedItem, NormalizedMessage, Outcome, StoredMessage, StoredRef
from flovify.api.messages.rows import from_row, to_row
from flovify.common.db import Connection, Pool, Record, load_queries

_QUERIES = load_queries("flovify.api.messages")
_LAST_SEQ = 2**63 - 1
_ANY = (None,) * 6
# So many places of the feed are walked along before what is looked for is taken to be rare.
_STEPS = 1000
# How many messages found by an index are put in order; where there are more, a walk meets them soon.
_FEW = 5000
# A plan for any value would have to serve all switches of the conditions at once, and reads the table.
_BY_VALUES = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = off; SET LOCAL jit = off"


async def upsert_messages(
    connection: Connection,
    tenant_id: uuid.UUID,
    provider: str,
    messages: Sequence[NormalizedMessage],
    *,
    fetched_at: datetime,
    correlations: Mapping[str, uuid.UUID] | None = None,
) -> list[StoredRef]:
    """Store what was fetched of one mailbox, within the caller's transaction, and say where each message is.

    A message is one row however often it comes; of two states the newer one stands, whichever arrives last.
    `fetched_at` is when the fetch began, `correlations` what each message was fetched for, by its id at the provider: a
    row keeps its last one. Messages whose `StoredRef.unpublished` is set get their place in the feed from
    `publish`, which must be the last statement of the transaction.
    """
    latest = newest_of_each(messages)
    if not latest:
        return []
    of = correlations or {}
    rows = [to_row(message, of.get(message.provider_message_id)) for message in latest]
    records = await connection.fetch(_QUERIES["upsert_messages"], tenant_id, provider, rows, fetched_at)
    known = {row["provider_message_id"]: row["id"] for row in records}
    lost = [key for key, value in known.items() if value is None]
    if lost:
        # Stored by a transaction that committed after our statement began, and at least as new as ours.
        for row in await connection.fetch(_QUERIES["find_ids"], tenant_id, provider, lost):
            known[row["provider_message_id"]] = row["id"]
    return [
        StoredRef(
            known[row["provider_message_id"]], row["provider_message_id"], Outcome(row["outcome"]), row["unpublished"]
        )
        for row in records
    ]


async def mark_deleted(
    connection: Connection, tenant_id: uuid.UUID, provider: str, provider_message_ids: Iterable[str], at: datetime
) -> int:
    """Note that the provider has these messages no more; says how many rows changed.

    Content is kept. `at` is when the provider was asked. A message never seen gets a tombstone. A state that is fetched
    later brings a message back: deletions and states are both what the provider said when it was asked, and of one
    mailbox they are asked for and written one after the other, by whoever holds its lease.
    """
    ids = sorted(set(provider_message_ids))
    return len(await connection.fetch(_QUERIES["mark_deleted"], tenant_id, provider, ids, at)) if ids else 0


async def find_deleted(
    connection: Connection, tenant_id: uuid.UUID, provider: str, provider_message_ids: Iterable[str]
) -> set[str]:
    """Which of these messages, by their ids at the provider, are known to be deleted there."""
    ids = sorted(set(provider_message_ids))
    rows = await connection.fetch(_QUERIES["find_deleted"], tenant_id, provider, ids)
    return {row["provider_message_id"] for row in rows}


async def publish(connection: Connection, refs: Iterable[StoredRef]) -> int:
    """Give new messages their place in the feed; says how many. Must be the transaction's last statement.

    Takes a lock held until the commit, so that places are given in the order of commits; nothing slow may follow.
    """
    ids = [ref.id for ref in refs if ref.unpublished]
    if not ids:
        return 0
    return int(await connection.fetchval(_QUERIES["publish"], ids))


class MessageStore:
    """Reading messages."""

    def __init__(self, pool: Pool, *, steps: int = _STEPS, few: int = _FEW) -> None:
        self._pool = pool
        self._steps = steps
        self._few = few

    async def list_after(self, after: int, limit: int, wanted: FeedFilter) -> list[FeedItem]:
        """At most `limit` messages stored after the place `after`, in the order of storing."""
        return await self._list("", after, _LAST_SEQ, limit, wanted)

    async def list_before(self, before: int | None, limit: int, wanted: FeedFilter) -> list[FeedItem]:
        """At most `limit` messages stored before the place `before` (None: the end), the last stored first."""
        return await self._list("_newest", 0, _LAST_SEQ if before is None else before, limit, wanted)

    async def get(self, message_id: uuid.UUID, tenant_id: uuid.UUID | None = None) -> StoredMessage | None:
        """One message, or None when there is none with content (or, given `tenant_id`, it is another tenant's)."""
        row = await self._pool.fetchrow(_QUERIES["get_message"], message_id, tenant_id)
        return from_row(dict(row)) if row else None

    async def count(self, tenant_id: uuid.UUID) -> int:
        """How many messages of the tenant are stored, deleted ones included, tombstones not."""
        found: int = await self._pool.fetchval(_QUERIES["count_messages"], tenant_id)
        return found

    async def _list(self, way: str, after: int, before: int, limit: int, wanted: FeedFilter) -> list[FeedItem]:
        """The first between two places: the common by a walk, the rare by an index; each is slow at the other."""
        values = (wanted.tenant_id, wanted.query, wanted.folder_id, wanted.unread, wanted.since, wanted.kind)
        if values == _ANY:
            # Every plan for this walks along the feed: it needs one round trip.
            found = await self._pool.fetch(_QUERIES[f"list_feed{way}"], after, before, *values, limit)
            return [FeedItem(row["seq"], from_row(dict(row))) for row in found]
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            await connection.execute(_BY_VALUES)
            if wanted.since is not None:
                after = max(after, await connection.fetchval(_QUERIES["place_of_time"], wanted.since))
            rows = await self._search(connection, way, (after, before), values, limit)
        return [FeedItem(row["seq"], from_row(dict(row))) for row in rows]

    async def _search(
        self, connection: Connection, way: str, span: tuple[int, int], values: Sequence[Any], limit: int
    ) -> Sequence[Record]:
        tenant_id, query, folder_id, unread, _since, kind = values
        walk, is_choosy = _QUERIES[f"list_feed{way}"], (query, folder_id, unread, kind) != (None, None, None, None)
        ahead = is_choosy and await connection.fetchval(_QUERIES[f"place_ahead{way}"], *span, tenant_id, self._steps)
        if ahead:
            near = (ahead, span[1]) if way else (span[0], ahead)
            rows = await connection.fetch(walk, *near, *values, limit)
            if len(rows) == limit:
                return rows
            rows = await connection.fetch(_QUERIES[f"list_hits{way}"], *span, *values, limit, self._few)
            if rows[0]["hits"] < self._few:
                return [row for row in rows if row["seq"] is not None]
        return await connection.fetch(walk, *span, *values, limit)


def newest_of_each(messages: Iterable[NormalizedMessage]) -> list[NormalizedMessage]:
    """One state a message, the newest: an upsert may not touch a row twice."""
    latest: dict[str, NormalizedMessage] = {}
    for message in messages:
        other = latest.get(message.provider_message_id)
        if other is None or _age(message) >= _age(other):
            latest[message.provider_message_id] = message
    return list(latest.values())


def _age(message: NormalizedMessage) -> float:
    return message.last_modified_at.timestamp() if message.last_modified_at else 0.0
