"""The take stays cheap however deep the queue is: its plan on a seeded table, not its wording."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from flovify.common.db import STEADY_PLANS, load_queries
from tests.support.postgres import Cluster, Database

QUERIES = load_queries("flovify.api.queue")
MAILBOXES = 500
NOBODY, LAST = uuid.UUID(int=0), uuid.UUID(int=2**128 - 1)
SEED = """
INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, kind, change_type, message_id,
                       correlation_id, due_at, item)
SELECT gen_random_uuid(), md5((n % $1)::text)::uuid, 'ms365', 'key-' || n, md5('s')::uuid, 'change', 'created',
       'message-' || n, gen_random_uuid(), clock_timestamp() - make_interval(secs => $2 - n * 0.001),
       jsonb_build_object('resource', repeat('x', 300))
  FROM generate_series(1, $2) n
"""


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[10_000, pytest.param(50_000, marks=pytest.mark.nightly)]
)
async def flooded(cluster: Cluster, request: pytest.FixtureRequest) -> AsyncIterator[Database]:
    """A deep queue over many mailboxes, to be copied."""
    async with cluster.fresh(migrated=True) as database:
        connection = await asyncpg.connect(database.owner_dsn)
        await connection.execute(SEED, MAILBOXES, request.param)
        await connection.close()
        yield database


@pytest.fixture
async def seeded(cluster: Cluster, flooded: Database) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A copy of it; nothing has analyzed it yet, as after a sudden flood."""
    database = await cluster.create(f"{flooded.name}_copy", flooded.name)
    connection = await asyncpg.connect(database.owner_dsn)
    yield connection
    await connection.close()
    await cluster.drop(database.name)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


async def plan_of(connection: asyncpg.Connection[Any], query: str, *values: object) -> dict[str, Any]:
    """The plan of a prepared statement after it has been run often enough to be planned once for all."""
    types = {
        "take": "(text, float8, bigint, bigint, uuid, uuid)",
        "next_mailbox": "(uuid, int, uuid)",
        "depth": "(int, int, int)",
    }[query]
    await connection.execute("SET plan_cache_mode = force_generic_plan")
    for name, setting in STEADY_PLANS.items():
        await connection.execute(f"SET {name} = {setting}")
    await connection.execute(f"PREPARE plan_test {types} AS {QUERIES[query].rstrip(';')}")
    given = ", ".join("NULL" if value is None else f"'{value}'" for value in values)
    call = f"plan_test ({given})" if values else "plan_test"
    async with connection.transaction():
        text = await connection.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {call}")
    found: dict[str, Any] = json.loads(text)[0]
    return found


def assert_reads_little(explained: dict[str, Any], rows: int) -> None:
    scans = [node for node in nodes(explained["Plan"]) if node.get("Relation Name") in ("inbox", "webhook_events")]
    assert scans
    for node in scans:
        assert node["Node Type"] != "Seq Scan", node
        read = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        assert read <= rows, node


@pytest.mark.parametrize("analyzed", [False, True])
async def test_a_take_reads_a_few_hundred_rows_by_index(seeded: asyncpg.Connection[Any], analyzed: bool) -> None:
    if analyzed:
        await seeded.execute("ANALYZE api.inbox")
    explained = await plan_of(seeded, "take", "worker", 30.0, 20, 256, None, None)
    names = {node.get("Index Name") for node in nodes(explained["Plan"])}
    assert {"idx_inbox_due", "idx_inbox_tenant_due"} <= names
    assert_reads_little(explained, 300)


async def test_a_plan_made_while_the_queue_was_empty_holds_when_it_is_deep(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    await connection.execute("ANALYZE api.inbox")
    empty = await plan_of(connection, "take", "worker", 30.0, 20, 256, None, None)
    names = {node.get("Index Name") for node in nodes(empty["Plan"])}
    assert {"idx_inbox_due", "idx_inbox_tenant_due"} <= names
    await connection.close()


async def test_the_walk_over_mailboxes_takes_one_step_a_mailbox(seeded: asyncpg.Connection[Any]) -> None:
    await seeded.execute(
        "INSERT INTO api.mailbox_leases (tenant_id, lease_until) "
        "SELECT DISTINCT tenant_id, now() + interval '1 hour' FROM api.inbox WHERE tenant_id <> md5('7')::uuid"
    )
    await seeded.execute("ANALYZE api.inbox, api.mailbox_leases")
    span = (NOBODY, 2**31 - 1, LAST)
    explained = await plan_of(seeded, "next_mailbox", *span)
    assert_reads_little(explained, MAILBOXES + 1)
    assert await seeded.fetchval(QUERIES["next_mailbox"], *span) == uuid.UUID("8f14e45f-ceea-167a-5a36-dedd4bea2543")


async def test_the_next_mailbox_in_turn_is_found_in_one_step(seeded: asyncpg.Connection[Any]) -> None:
    await seeded.execute("ANALYZE api.inbox")
    ids = [row[0] for row in await seeded.fetch("SELECT DISTINCT tenant_id FROM api.inbox ORDER BY tenant_id LIMIT 3")]
    explained = await plan_of(seeded, "next_mailbox", ids[0], 256, LAST)
    assert_reads_little(explained, 2)
    assert await seeded.fetchval(QUERIES["next_mailbox"], ids[0], 256, LAST) == ids[1]
    await seeded.execute(
        "INSERT INTO api.mailbox_leases (tenant_id, lease_until) VALUES ($1, now() + interval '1 hour')", ids[1]
    )
    assert await seeded.fetchval(QUERIES["next_mailbox"], ids[0], 256, LAST) == ids[2]
    assert await seeded.fetchval(QUERIES["next_mailbox"], ids[0], 1, LAST) is None, "no more steps than it may take"
    assert await seeded.fetchval(QUERIES["next_mailbox"], ids[0], 256, ids[1]) is None, "no further than it may go"


async def test_counting_reads_no_more_than_it_may_however_deep_the_queue_is(seeded: asyncpg.Connection[Any]) -> None:
    await seeded.execute("ANALYZE api.inbox")
    explained = await plan_of(seeded, "depth", 2000, MAILBOXES + 1, 1000)
    assert_reads_little(explained, 2000)
    found = await seeded.fetchrow(QUERIES["depth"], 2000, MAILBOXES + 1, 1000)
    assert found is not None
    assert (found["waiting"], found["dead"]) == (2000, 0)
    assert found["oldest_seconds"] == pytest.approx(found["oldest_served_seconds"], abs=0.1)
    assert found["oldest_served_seconds"] > 1000


async def test_the_oldest_event_that_is_served_is_found_behind_any_number_of_others(
    seeded: asyncpg.Connection[Any],
) -> None:
    """By the events while few wait, by the mailboxes when all of the oldest events wait."""
    await seeded.execute(
        "INSERT INTO api.mailbox_leases (tenant_id, block_reason) "
        "SELECT DISTINCT tenant_id, 'throttled' FROM api.inbox WHERE tenant_id <> md5('7')::uuid"
    )
    # Apart from the others' by more than the clocks' course in this test.
    await seeded.execute("UPDATE api.inbox SET due_at = due_at + interval '100 s' WHERE tenant_id = md5('7')::uuid")
    ages = []
    for oldest in (1000, 3):
        found = await seeded.fetchrow(QUERIES["depth"], 10, MAILBOXES + 1, oldest)
        assert found is not None
        ages.append(found["oldest_served_seconds"])
    seconds = "SELECT extract(epoch FROM clock_timestamp() - min(due_at))::float8 FROM api.inbox WHERE tenant_id = $1"
    served = await seeded.fetchval(seconds, uuid.UUID("8f14e45f-ceea-167a-5a36-dedd4bea2543"))
    assert ages == [pytest.approx(served, abs=1), pytest.approx(served, abs=1)]
