"""The log in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import asyncpg

from flovify.api.intake_log.encoding import Group
from flovify.api.intake_log.models import SEPARATOR, Carried, EventRow, LogDepth, to_event
from flovify.api.queue.models import NewEvent
from flovify.api.queue.store import event_columns, insert_events
from flovify.common.db import Connection, Pool, Record, load_queries
from flovify.common.pace import wait

LOG_CHANNEL = "flovify_intake_log"
# What PostgreSQL raises when the rows themselves are at fault; others may pass.
ROWS_AT_FAULT: tuple[type[Exception], ...] = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.StatementTooComplexError,
)
# The same, and a row that is none.
GROUP_AT_FAULT: tuple[type[Exception], ...] = (*ROWS_AT_FAULT, ValueError)
_QUERIES = load_queries("flovify.api.intake_log")
_EMPTY_ITEM = "{}"
# Counting further would cost more than anybody learns from it.
_MOST_COUNTED = 10_000


async def append(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Make one group durable, and wake the mover. Nothing is known yet of events that came before."""
    await connection.execute(_QUERIES["append"], *map(SEPARATOR.join, zip(*rows, strict=True)), len(rows))


async def add(connection: Connection, groups: Sequence[Group]) -> int:
    """Put groups that an engine kept into the inbox, in one statement; says how many of their events were new there.

    Raises one of GROUP_AT_FAULT when the inbox refuses an event, and then has none of them.
    """
    events = [to_event(row) for group in groups for row in group.rows]
    moments = [_moment(group) for group in groups for _ in group.rows]
    count: int = await connection.fetchval(_QUERIES["add"], *event_columns(events), moments)
    return count


async def add_singly(connection: Connection, group: Group) -> None:
    """Each event by itself. Raises one of GROUP_AT_FAULT for a row that is none, and then has none of them."""
    async with connection.transaction():
        await _put_all(connection, group.rows, _moment(group))


class PostgresIntakeLog:
    """`carry` moves what `append` wrote into the inbox; any number of workers may do it side by side."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def carry(self, groups: int, events: int) -> Carried:
        """The oldest `groups` in one transaction, and no further one after so many `events`.

        Raises one of ROWS_AT_FAULT when the inbox refuses an event, and then none of them is carried.
        """
        async with self._pool.acquire() as connection:
            return await _carry(connection, groups, events)

    async def carry_singly(self, groups: int) -> int:
        """The oldest so many, and those refused before, each group by itself; says how many stay because of refusal.

        An event that the inbox refuses is tried without what Microsoft wrote, and at last becomes a dead letter.
        """
        refused = 0
        async with self._pool.acquire() as connection:
            ids = [row["id"] for row in await connection.fetch(_QUERIES["oldest"], groups)]
            for group_id in ids:
                try:
                    await _carry(connection, 1, 1, [group_id])
                except ROWS_AT_FAULT:
                    refused += not await _spread(connection, group_id)
        return refused

    async def wait(self, wake: asyncio.Event, seconds: float) -> None:
        """What is announced sets `wake`."""
        await wait(wake, seconds)

    async def depth(self) -> LogDepth:
        """How much waits, counted over the oldest 10,000 groups."""
        row = await self._pool.fetchrow(_QUERIES["depth"], _MOST_COUNTED)
        if row is None:
            raise LookupError("an aggregate without a row")
        return LogDepth(**row)

    async def close(self) -> None:
        """The pool is whose it was."""


async def _carry(connection: Connection, groups: int, events: int, ids: Sequence[int] | None = None) -> Carried:
    row = await connection.fetchrow(_QUERIES["carry"], groups, events, ids)
    if row is None:
        raise LookupError("an aggregate without a row")
    return Carried(row["groups"], row["events"], row["new"], row["seconds"])


async def _spread(connection: Connection, group_id: int) -> bool:
    """Each event of a group by itself; whether the group is out of the log."""
    async with connection.transaction():
        group = await connection.fetchrow(_QUERIES["lock"], group_id)
        if group is None:
            return True
        try:
            async with connection.transaction():
                await _put_all(connection, _rows(group), group["received_at"])
        except GROUP_AT_FAULT as error:
            await connection.execute(_QUERIES["refuse"], group_id, type(error).__name__)
            return False
        await connection.execute(_QUERIES["remove"], group_id)
        return True


async def _put_all(connection: Connection, rows: Iterable[EventRow], received_at: datetime) -> None:
    for row in rows:
        await _put(connection, row, received_at)


async def _put(connection: Connection, row: EventRow, received_at: datetime) -> None:
    """As it is, else without its item, else as a dead letter with what is ours of it."""
    event = to_event(row)
    if await _is_taken(connection, event) or await _is_taken(connection, to_event(row._replace(item=_EMPTY_ITEM))):
        return
    await connection.execute(
        _QUERIES["bury"],
        event.id,
        event.tenant_id,
        event.provider,
        event.event_key,
        event.subscription_row_id,
        event.correlation_id,
        received_at,
        "the database refuses this notification's content",
    )


async def _is_taken(connection: Connection, event: NewEvent) -> bool:
    try:
        async with connection.transaction():
            await insert_events(connection, [event])
    except ROWS_AT_FAULT:
        return False
    return True


def _rows(group: Record) -> list[EventRow]:
    columns = (
        "ids", "tenant_ids", "providers", "event_keys", "subscription_row_ids", "subscription_ids", "kinds",
        "change_types", "message_ids", "items", "correlation_ids",
    )  # fmt: skip
    return [EventRow(*values) for values in zip(*(group[name].split(SEPARATOR) for name in columns), strict=True)]


def _moment(group: Group) -> datetime:
    return datetime.fromtimestamp(group.received_at, UTC)
