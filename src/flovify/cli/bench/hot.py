"""What runs often in an installation, each as the product runs it, and how long it may take after years."""

from __future__ import annotations

import hashlib
import itertools
import uuid
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from flovify.api.accounts.store import FigureStore
from flovify.api.coverage.store import CoverageStore
from flovify.api.events.models import EventFilter
from flovify.api.events.store import EventStore
from flovify.api.messages.models import FeedFilter, NormalizedMessage
from flovify.api.messages.store import MessageStore, publish, upsert_messages
from flovify.api.messages.summaries.models import Order, SummaryFilter
from flovify.api.messages.summaries.store import SummaryStore
from flovify.api.overview.store import OverviewStore
from flovify.api.queue.store import PostgresQueue
from flovify.api.readings.store import FigureReader
from flovify.api.retention.store import RetentionStore
from flovify.common.db import Pool

PAGE = 50
# No batch that a worker settles is larger.
BATCH = 20
YEARS = timedelta(days=4 * 365)


@dataclass(frozen=True)
class Hot:
    """Something to run again and again; `most_ms`: the 95th percentile that is still good."""

    name: str
    most_ms: float
    run: Callable[[], Awaitable[object]]


def mailbox(number: int) -> uuid.UUID:
    """The account with this number, as growth.sql makes it."""
    return uuid.UUID(hashlib.md5(f"mailbox {number}".encode(), usedforsecurity=False).hexdigest())


def feed(messages: MessageStore, now: datetime) -> Iterator[Hot]:
    """The list of messages that programs read. The first account has a tenth of them all."""
    big, small = mailbox(1), mailbox(7)
    wanted = {
        "everything": (FeedFilter(), 20),
        "the big account": (FeedFilter(big), 20),
        "a small account": (FeedFilter(small), 20),
        "a word of half of all": (FeedFilter(query="common"), 50),
        "a word of one in a hundred": (FeedFilter(query="seldom"), 100),
        "a rare word": (FeedFilter(query="rare"), 200),
        "a word of nobody": (FeedFilter(query="nobody"), 200),
        "a rare word, the big account": (FeedFilter(big, "rare"), 200),
        "a rare word, a small account": (FeedFilter(small, "rare"), 50),
        "a folder": (FeedFilter(folder_id=f"folder-{small}-3"), 50),
        "a folder of the big account": (FeedFilter(folder_id=f"folder-{big}-3"), 200),
        "a folder that is not there": (FeedFilter(folder_id="nowhere"), 50),
        "unread": (FeedFilter(unread=True), 50),
        "answers to invitations, of which there are none": (FeedFilter(kind="eventMessageResponse"), 50),
        "since a day": (FeedFilter(since=now - timedelta(days=1)), 50),
        "since a month": (FeedFilter(since=now - timedelta(days=30)), 50),
        "since a month, a rare word": (FeedFilter(query="rare", since=now - timedelta(days=30)), 200),
    }
    for name, (one, most_ms) in wanted.items():
        yield Hot(f"feed, {name}", most_ms, partial(messages.list_after, 0, PAGE, one))
        yield Hot(f"feed, newest first, {name}", most_ms, partial(messages.list_before, None, PAGE, one))
    last = FeedFilter(query="common")
    yield Hot("feed, a word, nothing new behind the last", 20, lambda: messages.list_after(2**62, PAGE, last))
    yield Hot("count of the big account", 100, lambda: messages.count(big))


def console(pool: Pool, lines: SummaryStore, now: datetime) -> Iterator[Hot]:
    """What pages of the console ask for."""
    figures, events = FigureStore(pool), EventStore(pool)
    words = {"no choice": None, "a word of half of all": "common", "a rare word": "rare", "a word of nobody": "nobody"}
    for name, word in words.items():
        one = SummaryFilter(query=word)
        most_ms = 200 if word else 50
        yield Hot(f"list, {name}", most_ms, partial(lines.list, one, Order.NEWEST, None, PAGE))
        yield Hot(f"list, oldest first, {name}", most_ms, partial(lines.list, one, Order.OLDEST, None, PAGE))
    gone = SummaryFilter(deleted=True)
    yield Hot("list, removed ones, of which there are none", 50, lambda: lines.list(gone, Order.NEWEST, None, PAGE))
    some = [mailbox(number) for number in range(1, PAGE + 1)]
    yield Hot("figures of fifty accounts", 200, lambda: figures.figures(some, now))
    yield Hot("events", 50, lambda: events.list(EventFilter(), None, PAGE))
    yield Hot("events of an account", 50, lambda: events.list(EventFilter(tenant_id=mailbox(7)), None, PAGE))
    yield Hot("events of a message", 200, lambda: events.list(EventFilter(q="AAkALg-event-77"), None, PAGE))
    yield Hot("what was settled in a day", 200, lambda: OverviewStore(pool).settled([now - timedelta(days=1)], now))


def upkeep(pool: Pool, now: datetime) -> Iterator[Hot]:
    """What the worker does now and then by itself."""
    retention = RetentionStore(pool)
    yield Hot("figures for metrics", 200, FigureReader(pool).take)
    yield Hot("gaps of silence", 1000, CoverageStore(pool).open_silent)
    for kind in ("events", "messages", "discarded"):
        yield Hot(f"old {kind}", 20, partial(retention.take, kind, now - YEARS, 100, lambda _taken: None))


def storing(pool: Pool, now: datetime) -> Iterator[Hot]:
    """A batch of new messages, undone each time."""
    numbers = itertools.count()

    async def store() -> None:
        batch = [
            NormalizedMessage(
                f"AAkALg-new-{next(numbers)}", subject="New", received_at=now, body_text="Some words " * 50
            )
            for _ in range(BATCH)
        ]
        async with pool.acquire() as connection:
            undone = connection.transaction()
            await undone.start()
            refs = await upsert_messages(connection, mailbox(7), "ms365", batch, fetched_at=now)
            await publish(connection, refs)
            await undone.rollback()

    yield Hot(f"store and publish {BATCH} messages", 100, store)


def taking(queue: PostgresQueue, name: str = "", depth_ms: float = 100) -> Iterator[Hot]:
    """The worker's way through the queue; what is taken is given back."""

    async def take() -> None:
        lease = await queue.take("bench", 30.0, BATCH)
        if lease is not None:
            async with queue.settle(lease) as settlement:
                await settlement.give_back(lease.events)

    # Two commits are in it, each waiting for the disk.
    yield Hot(f"take{name}", 100, take)
    yield Hot(f"depth of the queue{name}", depth_ms, queue.depth)
