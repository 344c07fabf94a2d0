"""Hot statements read what they need by index, and little of it: their plans on filled tables, and the same answers."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

import asyncpg
import pytest
import pytest_asyncio

from flovify.api.messages.models import FeedFilter
from flovify.api.messages.store import MessageStore
from flovify.api.messages.summaries.store import SummaryStore
from flovify.api.queue.store import PostgresQueue
from flovify.cli.bench import hot
from flovify.cli.bench.growth import Sizes, fill
from flovify.common.db import Connection, Pool, create_pool, prepare_connection
from tests.support.postgres import Cluster, Database

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIZES = Sizes(mailboxes=200, ledger=6000, messages=8000, waiting=4000)
LARGE = ("messages", "message_feed", "webhook_events", "inbox")
# What a page, a walk and the hits of a search may read of a table with thousands of rows.
MOST_READ = 1500
STEPS, FEW = 100, 300
# These count, each up to a limit of its own.
COUNTING = ("figures for metrics", "gaps of silence", "depth of the queue")
# These look through the inbox, which is as large as what waits, not as old as the installation.
OF_THE_INBOX = ("figures of fifty accounts", "events of an account", "events of a message")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.fresh(migrated=True) as database:
        owner = await asyncpg.connect(database.owner_dsn)
        await fill(owner, SIZES, lambda _line: None)
        await owner.close()
        yield database


@dataclass
class Watched:
    """A connection in the place of a pool: what it is asked is explained first, as it is run."""

    connection: asyncpg.Connection[Any]
    plans: list[dict[str, Any]] = field(default_factory=list)

    def transaction(self, **how: Any) -> Any:
        return self.connection.transaction(**how)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Watched]:
        yield self

    async def execute(self, query: str, *values: object) -> Any:
        return await self.connection.execute(query, *values)

    async def fetch(self, query: str, *values: object) -> Any:
        if "EXPLAIN" not in query:
            undone = self.connection.transaction()
            await undone.start()
            text = await self.connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {query.rstrip(';')}", *values)
            await undone.rollback()
            self.plans.append(json.loads(text)[0]["Plan"])
        return await self.connection.fetch(query, *values)

    async def fetchrow(self, query: str, *values: object) -> Any:
        rows = await self.fetch(query, *values)
        return rows[0] if rows else None

    async def fetchval(self, query: str, *values: object) -> Any:
        rows = await self.fetch(query, *values)
        return rows[0][0] if rows else None


@pytest_asyncio.fixture(loop_scope="module")
async def watched(filled: Database) -> AsyncIterator[Watched]:
    """Where tables are this small, reading all of them is cheap: with this only what has no index for it still does."""
    connection = await asyncpg.connect(filled.api_dsn)
    await prepare_connection(connection)
    await connection.execute(
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;"
        "SET plan_cache_mode = force_custom_plan"
    )
    yield Watched(connection)
    await connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def assert_reads_little(one: hot.Hot, plans: list[dict[str, Any]]) -> None:
    assert plans, one.name
    for node in itertools.chain.from_iterable(map(nodes, plans)):
        if node.get("Relation Name") in LARGE:
            assert node["Node Type"] != "Seq Scan", (one.name, node)
            read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
            assert read <= MOST_READ or one.name in COUNTING, (one.name, node)


async def test_no_hot_statement_reads_a_large_table_or_much_of_it(watched: Watched) -> None:
    pool = cast("Pool", watched)
    now = await watched.connection.fetchval("SELECT now()")
    messages = MessageStore(pool, steps=STEPS, few=FEW)
    for one in [
        *hot.feed(messages, now),
        *hot.console(pool, SummaryStore(pool, few=FEW), now),
        *hot.upkeep(pool, now),
        *hot.taking(PostgresQueue(pool)),
    ]:
        if one.name in OF_THE_INBOX:
            continue
        watched.plans.clear()
        await one.run()
        assert_reads_little(one, watched.plans)


def _filters(now: datetime) -> list[FeedFilter]:
    big, small = hot.mailbox(1), hot.mailbox(7)
    return [
        FeedFilter(),
        FeedFilter(query="rare"),
        FeedFilter(query="seldom"),
        FeedFilter(query="common -seldom"),
        FeedFilter(query="nobody"),
        FeedFilter(big, "seldom"),
        FeedFilter(small, "common"),
        FeedFilter(folder_id=f"folder-{big}-3"),
        FeedFilter(folder_id=f"folder-{small}-3"),
        FeedFilter(folder_id="nowhere"),
        FeedFilter(unread=True),
        FeedFilter(big, unread=False),
        FeedFilter(kind="eventMessage"),
        FeedFilter(since=now - timedelta(days=1)),
        FeedFilter(since=now - timedelta(days=60)),
        FeedFilter(small, since=now - timedelta(days=400)),
        FeedFilter(query="seldom", since=now - timedelta(days=400)),
        FeedFilter(since=now + timedelta(days=1)),
    ]


async def _truth(connection: Connection, wanted: FeedFilter) -> list[uuid.UUID]:
    """Every message that is wanted, in the order of storing, by reading all of them."""
    rows = await connection.fetch(
        """SELECT message.id FROM api.messages message JOIN api.message_feed feed ON feed.message_id = message.id
            WHERE ($1::uuid IS NULL OR feed.tenant_id = $1)
              AND ($2::text IS NULL OR search @@ websearch_to_tsquery('simple', $2))
              AND ($3::text IS NULL OR folder_id = $3) AND ($4::boolean IS NULL OR is_read IS DISTINCT FROM $4)
              AND ($5::timestamptz IS NULL OR received_at >= $5) AND ($6::text IS NULL OR kind = $6)
            ORDER BY feed.seq""",
        wanted.tenant_id, wanted.query, wanted.folder_id, wanted.unread, wanted.since, wanted.kind,
    )  # fmt: skip
    return [row["id"] for row in rows]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def odd(filled: Database) -> AsyncIterator[Pool]:
    """Some messages that are unlike the others: about a meeting, and one received long after it was stored."""
    owner = await asyncpg.connect(filled.owner_dsn)
    await owner.execute(
        "UPDATE api.messages SET kind = 'eventMessage', is_read = NULL WHERE subject IN ('Message 4000', 'Message 77')"
    )
    await owner.execute("UPDATE api.messages SET received_at = now() + interval '2 days' WHERE subject = 'Message 40'")
    await owner.close()
    pool = await create_pool(filled.api_dsn, application_name="test", max_size=2)
    yield pool
    await pool.close()


@pytest.mark.parametrize("few", [FEW, 1])
async def test_walk_and_index_give_the_same_pages_in_both_directions(odd: Pool, few: int) -> None:
    store, now = MessageStore(odd, steps=STEPS, few=few), await odd.fetchval("SELECT now()")
    for wanted in _filters(now):
        async with odd.acquire() as connection:
            expected = await _truth(connection, wanted)
        onward, backward = await store.list_after(0, 40, wanted), await store.list_before(None, 40, wanted)
        assert [item.stored.id for item in onward] == expected[:40], wanted
        assert [item.stored.id for item in backward] == expected[::-1][:40], wanted
        if len(expected) > 40:
            assert [one.stored.id for one in await store.list_after(onward[-1].seq, 7, wanted)] == expected[40:47]
            assert [one.stored.id for one in await store.list_before(backward[-1].seq, 7, wanted)] == (
                expected[::-1][40:47]
            )
