"""Gaps in PostgreSQL: opened by whoever notices a risk, taken and closed by one worker at a time."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flovify.api.coverage.models import Gap, HeldGap, Risk, held_gap
from flovify.api.queue.models import NewEvent
from flovify.api.queue.store import insert_events
from flovify.common.db import Connection, Pool, load_queries, storable

COVERAGE_CHANNEL = "flovify_coverage"
KEPT_DAYS = 180
LEASE_SECONDS = 60.0
# How long after a risk a look is late enough to close the gap: changes may take time to show (delta-query-messages).
REST_SECONDS = 30.0
# How often a folder is looked through that no subscription watches.
POLL_SECONDS = 40.0
# How many quiet folders one look for them brings.
_MOST_SILENT = 500
_QUERIES = load_queries("flovify.api.coverage")
_MAX_ERROR_TEXT = 1000


class GapLost(Exception):
    """The gap is another worker's by now, or closed: what was found is dropped with the transaction."""


@dataclass(frozen=True)
class KnownState:
    """What is stored of a message; `etag` as the provider gave it.

    `is_on_its_way`: it has an event in the queue or among the dead letters, or somebody gave it up there.
    """

    etag: str | None
    is_stored: bool
    is_deleted: bool
    is_on_its_way: bool


async def open_gaps(
    connection: Connection,
    risk: Risk,
    *,
    rows: Iterable[uuid.UUID] | None = None,
    tenant_id: uuid.UUID | None = None,
    since: datetime | None = None,
    delay_seconds: float = 0.0,
) -> int:
    """Note that the folders of these subscriptions may have missed something; says how many folders.

    `since` None: since each was last known to work. Without `rows` and `tenant_id`: all. The first look comes after
    `delay_seconds`. For within a transaction, too.
    """
    ids = sorted(set(rows)) if rows is not None else None
    count: int = await connection.fetchval(_QUERIES["open"], ids, tenant_id, risk.value, since, delay_seconds)
    return count


async def hasten_gaps(connection: Connection, tenant_id: uuid.UUID) -> None:
    """Look at once where a look waits after a failure."""
    await connection.execute(_QUERIES["hasten"], tenant_id)


async def forget_coverage(connection: Connection, tenant_id: uuid.UUID) -> None:
    """Drop what is open of a tenant, and how far its folders were looked through."""
    await connection.execute(_QUERIES["forget_tenant"], tenant_id)


class CoverageStore:
    """Rows of api.coverage_gaps and api.folder_cursors."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def open(
        self, risk: Risk, row_id: uuid.UUID, *, since: datetime | None = None, delay_seconds: float = 0.0
    ) -> None:
        """See `open_gaps`, for one subscription in a transaction of its own."""
        async with self._pool.acquire() as connection:
            await open_gaps(connection, risk, rows=[row_id], since=since, delay_seconds=delay_seconds)

    async def take(self, owner: str) -> HeldGap | None:
        """The gap that is due and waits longest, leased; None when there is none."""
        row = await self._pool.fetchrow(_QUERIES["take"], owner, LEASE_SECONDS)
        return held_gap(dict(row)) if row is not None else None

    async def now(self) -> datetime:
        """The database's time."""
        moment: datetime = await self._pool.fetchval(_QUERIES["now"])
        return moment

    async def known_states(self, gap: HeldGap, message_ids: Sequence[str]) -> dict[str, KnownState]:
        """What is known of each of these messages of the gap's mailbox."""
        rows = await self._pool.fetch(_QUERIES["known_states"], gap.tenant_id, gap.provider, message_ids)
        return {
            row["id"]: KnownState(row["etag"], row["is_stored"], row["is_deleted"], row["is_on_its_way"])
            for row in rows
        }

    async def save_page(
        self,
        gap: HeldGap,
        events: Sequence[NewEvent],
        *,
        looked_at: int,
        recovered: int,
        removals: int,
        cursor: str | None,
        more: bool,
        began: datetime,
    ) -> None:
        """One page's events together with where to go on. Raises GapLost, and then nothing of it was done."""
        async with self._pool.acquire() as connection, connection.transaction():
            counts = (looked_at, recovered, removals)
            if await connection.fetchval(_QUERIES["hold"], gap.id, gap.fence, LEASE_SECONDS, *counts) is None:
                raise GapLost
            if events:
                await insert_events(connection, events)
            place = (gap.tenant_id, gap.provider, gap.resource)
            await connection.execute(_QUERIES["save_cursor"], *place, cursor, more, began)

    async def drop_cursor(self, gap: HeldGap) -> None:
        """The provider forgot it: the next round is a whole one."""
        await self._pool.execute(_QUERIES["drop_cursor"], gap.tenant_id, gap.provider, gap.resource)

    async def close(self, gap: HeldGap, began: datetime) -> Gap | None:
        """Close the gap after a whole round that began at `began`; None when it must be looked at once more.

        Without an active subscription of the folder it stays open and is looked at every 40 seconds: that is polling.
        """
        row = await self._pool.fetchrow(_QUERIES["close"], gap.id, gap.fence, gap.version, REST_SECONDS, began)
        if row is None:
            await self._pool.execute(_QUERIES["look_again"], gap.id, gap.fence, REST_SECONDS, POLL_SECONDS)
            return None
        return await self.get(gap.id)

    async def fail(self, gap: HeldGap, text: str, wait_seconds: float, risk: Risk | None = None) -> None:
        """Keep why the look failed; it is tried again after `wait_seconds`. `risk` is added to the gap's reasons."""
        shown = storable(text, _MAX_ERROR_TEXT)
        await self._pool.execute(_QUERIES["fail"], gap.id, gap.fence, shown, wait_seconds, risk.value if risk else None)

    async def get(self, gap_id: int) -> Gap | None:
        found = await self._pool.fetch(_QUERIES["list"], gap_id + 1, None, None, 1)
        return _gap(dict(found[0])) if found and found[0]["id"] == gap_id else None

    async def list(
        self, before: int | None, tenant_id: uuid.UUID | None, is_open: bool | None, limit: int
    ) -> tuple[Gap, ...]:
        """The last opened first, before the gap with this id."""
        rows = await self._pool.fetch(_QUERIES["list"], before, tenant_id, is_open, limit)
        return tuple(_gap(dict(row)) for row in rows)

    async def count_open(self) -> tuple[int, float]:
        """(how many are open, for how many seconds the oldest reaches back)."""
        row = await self._pool.fetchrow(_QUERIES["count_open"])
        return (row["count"], row["oldest_seconds"]) if row else (0, 0.0)

    async def open_silent(self) -> int:
        """Have the folders looked through that are quieter than their own rhythm; says how many."""
        rows = await self._pool.fetch(_QUERIES["find_silent"], _MOST_SILENT)
        if not rows:
            return 0
        async with self._pool.acquire() as connection:
            return await open_gaps(connection, Risk.SILENCE, rows=[row["id"] for row in rows])

    async def tidy(self) -> None:
        """Forget what nobody watches, and what was closed long ago."""
        await self._pool.execute(_QUERIES["tidy"], KEPT_DAYS)


def _gap(row: Mapping[str, Any]) -> Gap:
    return Gap(**dict(row) | {"reasons": tuple(row["reasons"])})
