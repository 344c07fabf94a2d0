"""The two ways of settling a lease: in one round trip where everything went well, else step by step."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flovify.api.intake_log.models import to_row
from flovify.api.intake_log.store import append
from flovify.api.worker import settle
from flovify.common.db import Pool
from tests.integration.api_flow.workbench import Bench
from tests.support.intake_log import carry_all
from tests.support.tables import Tables, empty
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def bench(pool: Pool) -> Bench:
    return Bench(pool)


_LEFT = (
    """SELECT provider_message_id, subject, body_text, search::text, correlation_id IS NOT NULL AS correlated,
              content_at < updated_at AS changed, seq IS NOT NULL AS published
         FROM api.messages message JOIN api.message_feed feed ON feed.message_id = message.id ORDER BY 1""",
    """SELECT message_id, outcome, reason, attempts, taken_at IS NOT NULL AS taken,
              fetched_at IS NOT NULL AS fetched, item
         FROM api.webhook_events WHERE kind = 'change' AND message_id IS NOT NULL ORDER BY 1, 2, 3""",
    "SELECT owner, lease_until, fence, failures, blocked_until FROM api.mailbox_leases",
    "SELECT count(*) AS left_over FROM api.inbox",
    "SELECT count(*) AS notes FROM api.event_attempts",
)


async def _rounds(bench: Bench) -> list[dict[str, Any]]:
    """Several takes with everything that ends well, and all rows they leave but for ids and times."""
    bench.graph.add("a", "b", "c")
    await bench.announce("a", "b")
    await bench.work_once()
    bench.graph.messages["a"]["subject"] = "another subject"
    bench.graph.messages["a"]["lastModifiedDateTime"] = "2027-01-01T10:00:00Z"
    known = bench.event("c", event_key="settled-before")
    await bench.pool.execute(
        "INSERT INTO api.webhook_events (tenant_id, provider, event_key, correlation_id) VALUES ($1, 'ms365', $2, $1)",
        bench.tenant, known.event_key,
    )  # fmt: skip
    async with bench.pool.acquire() as connection:
        await append(connection, [to_row(known), to_row(bench.event("a", "updated")), to_row(bench.event("a"))])
        await append(
            connection, [to_row(bench.event("b")), to_row(bench.event("c")), to_row(bench.event("b", "deleted"))]
        )
    await carry_all(bench.pool)
    await bench.work_once()
    return [dict(row) for query in _LEFT for row in await bench.pool.fetch(query)]


async def test_both_ways_of_settling_leave_the_same(
    bench: Bench, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = await _rounds(bench)
    outcomes = [row["outcome"] for row in usual if "outcome" in row]
    assert sorted(set(outcomes)) == ["moved", "stored", "unchanged", "updated"], outcomes
    await empty(tables.owner)
    monkeypatch.setattr(settle, "is_usual", lambda _plan: False)
    assert await _rounds(Bench(bench.pool, tenant=bench.tenant)) == usual


async def test_the_usual_end_of_a_lease_is_one_round_trip(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def long_way(*_: object) -> None:
        raise AssertionError("the usual settlement took the long way")

    monkeypatch.setattr(bench.queue, "settle", long_way)
    bench.graph.add("a", "b")
    await bench.announce("a", "b", "a")
    await bench.work_once()
    assert await bench.stored() == {"a", "b"}


async def test_a_message_stored_by_another_at_this_moment_is_settled_the_long_way(bench: Bench) -> None:
    """Its row is invisible to our statement and in its way: the usual settlement undoes itself."""
    bench.graph.add("a")
    await bench.announce("a")
    lease = await bench.queue.take("worker", 30)
    assert lease is not None
    async with bench.pool.acquire() as other, other.transaction():
        await other.execute(
            "INSERT INTO api.messages (tenant_id, provider, provider_message_id, content_at, last_modified_at, "
            "fetched_at) VALUES ($1, 'ms365', 'a', now(), '2030-01-01', now())",
            bench.tenant,
        )
        working = asyncio.create_task(bench.processor.process(lease))

        async def waits() -> bool:
            return bool(await bench.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"))

        await until(waits, 5, "the settlement at the row", 0.01)
    await working
    assert await bench.ledger() == {"a": ("unchanged", None)}
    assert await bench.waiting() == []


async def test_the_slot_is_free_before_the_settlement_begins(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    settled = bench.queue.settle_stored

    async def noted(*given: Any) -> Any:
        order.append("settling")
        return await settled(*given)

    monkeypatch.setattr(bench.queue, "settle_stored", noted)
    bench.graph.add("a")
    await bench.announce("a")
    lease = await bench.queue.take("worker", 30)
    assert lease is not None
    await bench.processor.process(lease, lambda: order.append("asked"))
    assert order == ["asked", "settling"]
