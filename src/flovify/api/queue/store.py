"""The queue in PostgreSQL."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any

from flovify.api.queue.errors import FencedOut
from flovify.api.queue.models import AttemptNote, BlockedMailbox, Depth, Event, EventKind, Lease, NewEvent
from flovify.common.db import Connection, Pool, Record, load_queries
from flovify.common.pace import rest_seconds

INBOX_CHANNEL = "flovify_inbox"
_QUERIES = load_queries("flovify.api.queue")
# How many of the oldest and of the newest due events a take looks at before it walks over the mailboxes instead. A
# mailbox that cannot be taken must not hide the others behind its backlog, and the walk costs more with every mailbox.
_WINDOW = 256
# How many mailboxes a walk from the one taken before looks at, and how many when nothing else has found one.
_STEPS = 256
_ALL = 2**31 - 1
_NOBODY = uuid.UUID(int=0)
_LAST_ID = uuid.UUID(int=2**128 - 1)
# How often a take may lose its mailbox to another worker before it gives up for this time.
_TRIES = 5
_MAX_ERROR_TEXT = 2000
# Counting and walking further would cost more than anybody learns from it.
MOST_COUNTED = 100_000
_MOST_MAILBOXES = 20_000
# How many of the oldest events may be of mailboxes that wait before the mailboxes are looked at instead.
_MOST_OLDEST = 10_000


async def settle_tenant(connection: Connection, tenant_id: uuid.UUID, reason: str) -> int:
    """Settle all waiting events of a mailbox as skipped, within the caller's transaction; says how many.

    Whoever works on some of them at this moment is fenced out. Dead letters stay.
    """
    await connection.execute(_QUERIES["fence_out"], tenant_id)
    count: int = await connection.fetchval(_QUERIES["settle_tenant"], tenant_id, reason)
    return count


async def delete_tenant(connection: Connection, tenant_id: uuid.UUID) -> None:
    """Forget all events of a mailbox that are not settled, dead letters too, within the caller's transaction.

    Whoever works on some of them at this moment is fenced out.
    """
    await connection.execute(_QUERIES["fence_out"], tenant_id)
    await connection.execute(_QUERIES["delete_tenant"], tenant_id)


async def wake_tenant(connection: Connection, tenant_id: uuid.UUID) -> int:
    """Make all waiting events of a mailbox due now and lift its block; says how many. For within a transaction."""
    await connection.execute(_QUERIES["unblock"], tenant_id)
    count: int = await connection.fetchval(_QUERIES["wake_tenant"], tenant_id)
    return count


async def insert_events(connection: Connection, events: Sequence[NewEvent]) -> int:
    """Add events in one statement, which also wakes the workers; says how many were new."""
    count: int = await connection.fetchval(_QUERIES["enqueue"], *event_columns(events))
    return count


def event_columns(events: Sequence[NewEvent]) -> list[list[object]]:
    """The events column by column, as statements take them that put many of them into the inbox."""
    return [
        [event.id for event in events],
        [event.tenant_id for event in events],
        [event.provider for event in events],
        [event.event_key for event in events],
        [event.subscription_row_id for event in events],
        [event.subscription_id for event in events],
        [event.kind for event in events],
        [event.change_type for event in events],
        [event.message_id for event in events],
        [event.item for event in events],
        [event.correlation_id for event in events],
    ]


class PostgresQueue:
    """Events by mailbox: at most one worker has a mailbox, and only it can say what became of its events.

    Its tables are inbox, mailbox_leases and webhook_events; all times are the database's. Another engine is no second
    implementation of this but a durable log before it (decisions/0001): what is here commits with the messages.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        # Whose turn it was last, and whether more was due then than a take looks at; both of this process alone.
        self._last = _NOBODY
        self._is_deep = False
        # When the next walk over all mailboxes may begin, by time.monotonic().
        self._rested_at = 0.0

    async def enqueue(self, events: Sequence[NewEvent]) -> int:
        """Store all or none, durably, and wake the workers. Known events are passed over; says how many were new."""
        if not events:
            return 0
        async with self._pool.acquire() as connection:
            return await insert_events(connection, events)

    async def take(self, owner: str, lease_seconds: float, limit: int = 20) -> Lease | None:
        """The next free mailbox in turn that has something due, with at most `limit` of its oldest due events, or None.

        Each mailbox gets one batch in turn, so fresh mail waits for no other's backlog. Attempts are counted here, so
        that a crash counts. An event that was in the hands of a worker which died comes alone: if it is what kills
        workers, it takes no others along. One event comes alone also after a wait of its mailbox for an outage. None
        may also mean that other workers were faster several times in a row.
        """
        async with self._pool.acquire() as connection:
            for _ in range(_TRIES):
                rows = await self._try_take(connection, owner, lease_seconds, limit)
                lease = _lease(rows, owner)
                if lease is not None and lease.events:
                    return lease
                if lease is not None:
                    # The last holder finished them between our snapshot and our lease.
                    await connection.execute(_QUERIES["release"], lease.tenant_id, lease.fence, owner)
                elif rows[0]["candidate"] is None:
                    return None
        return None

    async def _try_take(self, connection: Connection, owner: str, lease_seconds: float, limit: int) -> Sequence[Record]:
        async def ask(window: int, mailbox: uuid.UUID | None) -> Sequence[Record]:
            return await connection.fetch(_QUERIES["take"], owner, lease_seconds, limit, window, mailbox, self._last)

        following = await self._next_in_turn(connection, _STEPS) if self._is_deep else None
        rows = await ask(0 if following else _WINDOW, following)
        if following is None:
            self._is_deep = rows[0]["seen"] == _WINDOW
        if rows[0]["candidate"] is None and self._is_deep:
            hidden = await self._find_hidden(connection)
            rows = await ask(0, hidden) if hidden is not None else rows
        if rows[0]["leased_tenant"] is not None:
            self._last = rows[0]["leased_tenant"]
        return rows

    async def _next_in_turn(self, connection: Connection, steps: int) -> uuid.UUID | None:
        """While more is due than a take looks at, a backlog may hide the others: walk over the mailboxes instead."""
        for start, end in ((self._last, _LAST_ID), (_NOBODY, self._last)):
            found: uuid.UUID | None = await connection.fetchval(_QUERIES["next_mailbox"], start, steps, end)
            if found is not None:
                return found
        return None

    async def _find_hidden(self, connection: Connection) -> uuid.UUID | None:
        """Walk over all mailboxes. One walk in vain is followed by a rest that is longer than it was.

        So thousands of mailboxes that cannot be taken do not keep the database busy, and what such a rest hides is
        neither the oldest nor the newest and is found right after it.
        """
        began = time.monotonic()
        if began < self._rested_at:
            return None
        found = await self._next_in_turn(connection, _ALL)
        if found is None:
            self._rested_at = time.monotonic() + rest_seconds(began)
        return found

    async def extend(self, lease: Lease, lease_seconds: float) -> bool:
        """Hold the mailbox for `lease_seconds` from now; False when it is another's already."""
        found = await self._pool.fetchval(_QUERIES["extend"], lease.tenant_id, lease.fence, lease_seconds, lease.owner)
        return found is not None

    def settle(self, lease: Lease) -> AbstractAsyncContextManager[PostgresSettlement]:
        """Open the settlement of a lease; leaving the block commits and frees the mailbox, an exception undoes all.

        Raises FencedOut, and then nothing of the block was done.
        """
        return self._settle(lease)

    async def settle_stored(
        self,
        lease: Lease,
        messages: Sequence[Mapping[str, Any]],
        fetched_at: datetime,
        ends: Sequence[tuple[Event, str | None, str | None, str | None, float | None]],
    ) -> dict[uuid.UUID, str]:
        """The usual settlement in one round trip: `messages` (rows of `api.upsert_messages`) stored, all events done.

        `ends` says of each event its outcome (None: what storing says of the message with this key), the reason, that
        key, and how many seconds ago the message had come. Gives the outcomes by event. Raises FencedOut as `settle`
        does; whatever else it raises, nothing was done.
        """
        events, labels, reasons, keys, agos = zip(*ends, strict=True)
        rows = await self._pool.fetch(
            _QUERIES["settle_stored"], lease.tenant_id, lease.fence, lease.owner, lease.events[0].provider, messages,
            fetched_at, [event.id for event in events], labels, reasons, keys, agos,
        )  # fmt: skip
        if not rows:
            raise FencedOut
        return {row["event_id"]: row["outcome"] for row in rows}

    async def depth(self) -> Depth:
        """How much waits, counted as far as `MOST_COUNTED`."""
        row = await self._pool.fetchrow(_QUERIES["depth"], MOST_COUNTED, _MOST_MAILBOXES, _MOST_OLDEST)
        if row is None:
            raise LookupError("an aggregate without a row")
        return Depth(**dict(row))

    async def blocked(self) -> list[BlockedMailbox]:
        """All mailboxes that wait for some reason, a passing one too, with what waits for them."""
        return [BlockedMailbox(**row) for row in await self._pool.fetch(_QUERIES["blocked"])]

    @asynccontextmanager
    async def _settle(self, lease: Lease) -> AsyncIterator[PostgresSettlement]:
        async with self._pool.acquire() as connection, connection.transaction():
            released = await connection.fetchval(_QUERIES["release"], lease.tenant_id, lease.fence, lease.owner)
            if released is None:
                raise FencedOut
            yield PostgresSettlement(connection, lease)


class PostgresSettlement:
    """The end of one take: effects and verdicts that become real together, or not at all.

    Every event of the lease must get exactly one verdict; one without stays as it was taken and counts as a crash. It
    is one transaction, and the mailbox's lease row stays locked until its end.
    """

    def __init__(self, connection: Connection, lease: Lease) -> None:
        self._connection = connection
        self._lease = lease

    @property
    def connection(self) -> Connection:
        """For the effects: what is written through it is committed together with the verdicts."""
        return self._connection

    async def finish(
        self, outcomes: Sequence[tuple[Event, str, str | None]], came_ago: Mapping[uuid.UUID, float] | None = None
    ) -> None:
        """(event, outcome, reason): out of the queue, into the ledger."""
        if outcomes:
            events, names, reasons = zip(*outcomes, strict=True)
            ids = [event.id for event in events]
            ago = [(came_ago or {}).get(event_id) for event_id in ids]
            await self._connection.execute(_QUERIES["finish"], ids, names, reasons, ago)

    async def retry(self, event: Event, delay_seconds: float, error_kind: str, error: str, *, spend: bool) -> None:
        """Due again later. With `spend` the attempt stays counted, else it is given back and the wait is counted."""
        await self._connection.execute(
            _QUERIES["retry"], event.id, float(delay_seconds), error_kind, _clean(error), spend
        )

    async def bury(self, event: Event, reason: str, error_kind: str, error: str) -> None:
        """To the dead letters, where it stays until it is replayed."""
        await self._connection.execute(_QUERIES["bury"], event.id, reason, error_kind, _clean(error))

    async def give_back(self, events: Sequence[Event], error_kind: str | None = None, error: str | None = None) -> None:
        """Due as before, the attempts not spent: the trouble was not theirs."""
        if events:
            text = _clean(error) if error is not None else None
            await self._connection.execute(_QUERIES["give_back"], [event.id for event in events], error_kind, text)

    async def note(self, attempts: Sequence[AttemptNote]) -> None:
        """See `Settlement.note`."""
        if attempts:
            columns = [
                [one.event.id for one in attempts],
                [one.event.tenant_id for one in attempts],
                [one.stage for one in attempts],
                [one.outcome for one in attempts],
                [one.error_kind for one in attempts],
                [_clean(one.error) if one.error else None for one in attempts],
                [one.status for one in attempts],
                [_clean(one.request_id) if one.request_id else None for one in attempts],
                [one.wait_seconds for one in attempts],
            ]
            await self._connection.execute(_QUERIES["note"], *columns)

    async def block(self, seconds: float, reason: str, failures: int) -> None:
        """Let nobody take this mailbox for a while. `failures`: its waits in a row without any success."""
        # Fewer waits in a row than before: something was given meanwhile, so it is blocked anew.
        since = self._lease.blocked_since if failures >= self._lease.failures else None
        await self._connection.execute(
            _QUERIES["block"], self._lease.tenant_id, float(seconds), reason, failures, since
        )


def _lease(rows: Sequence[Record], owner: str) -> Lease | None:
    head = rows[0]
    if head["leased_tenant"] is None:
        return None
    events = tuple(_event(row) for row in rows if row["id"] is not None)
    return Lease(head["leased_tenant"], owner, head["fence"], head["failures"], events, head["blocked_since"])


def _event(row: Record) -> Event:
    return Event(
        id=row["id"],
        tenant_id=row["tenant_id"],
        provider=row["provider"],
        event_key=row["event_key"],
        subscription_row_id=row["subscription_row_id"],
        subscription_id=row["subscription_id"],
        kind=EventKind(row["kind"]),
        change_type=row["change_type"],
        message_id=row["message_id"],
        correlation_id=row["correlation_id"],
        received_at=row["received_at"],
        attempts=row["attempts"],
        last_error_kind=row["last_error_kind"],
        waits=row["waits"],
        settled=row["settled"],
    )


def _clean(text: str) -> str:
    """What PostgreSQL takes: no NUL, no lone surrogates, not without end."""
    return text[:_MAX_ERROR_TEXT].replace("\x00", "").encode("utf-8", "replace").decode()
