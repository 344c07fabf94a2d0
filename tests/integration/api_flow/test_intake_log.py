"""From the intake's log into the inbox: in order, once, whoever carries and whatever is in between."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Any, Self

import asyncpg
import pytest

from flovify.api.intake_log.models import EventRow, to_row
from flovify.api.intake_log.mover import Mover
from flovify.api.intake_log.store import LOG_CHANNEL, PostgresIntakeLog, append
from flovify.api.queue.listener import Listener
from flovify.api.queue.store import PostgresQueue
from flovify.common.db import Pool
from tests.integration.api_flow.queue_conformance import finish_all, new_event, take
from tests.support.intake_log import carry_all
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def log(pool: Pool, *groups: Sequence[EventRow]) -> None:
    async with pool.acquire() as connection:
        for group in groups:
            await append(connection, group)


def rows(*names: str, tenant: uuid.UUID | None = None) -> list[EventRow]:
    return [to_row(new_event(tenant or uuid.uuid4(), name)) for name in names]


async def inbox(pool: Pool) -> list[Any]:
    return await pool.fetch("SELECT * FROM api.inbox ORDER BY due_at, id")


async def test_a_carried_event_is_what_was_appended_and_comes_in_the_order_of_its_arrival(pool: Pool) -> None:
    given = [new_event(uuid.uuid4(), name, item='{"a": "\u00e4"}') for name in ("first", "two", "three")]
    await log(pool, [to_row(given[0])], [to_row(given[1]), to_row(given[2])])
    assert await carry_all(pool) == 3
    first, *others = await inbox(pool)
    found = [first, *sorted(others, key=lambda row: str(row["event_key"]), reverse=True)]
    for row, event in zip(found, given, strict=True):
        for name in ("id", "tenant_id", "provider", "event_key", "subscription_row_id", "subscription_id", "kind",
                     "change_type", "message_id"):  # fmt: skip
            assert row[name] == getattr(event, name), name
        assert row["item"] == {"a": "\u00e4"}
        assert row["correlation_id"] == event.id
        assert row["received_at"] == row["due_at"]
    assert found[0]["received_at"] < found[1]["received_at"] == found[2]["received_at"]
    assert await pool.fetchval("SELECT count(*) FROM api.intake_log") == 0


async def test_what_is_null_stays_null(pool: Pool) -> None:
    event = new_event(uuid.uuid4(), "life", subscription_id=None, message_id=None, change_type=None)
    await log(pool, [to_row(event)])
    await carry_all(pool)
    (found,) = await inbox(pool)
    assert (found["subscription_id"], found["message_id"], found["change_type"]) == (None, None, None)


async def test_a_redelivery_is_one_event_wherever_the_first_one_is(pool: Pool) -> None:
    queue, (row,) = PostgresQueue(pool), rows("same")
    await log(pool, [row], [row._replace(id=uuid.uuid4().hex)])
    assert await carry_all(pool) == 1, "both in the log"
    await log(pool, [row._replace(id=uuid.uuid4().hex)])
    assert await carry_all(pool) == 0, "one in the inbox"
    assert [str(one["id"]) for one in await inbox(pool)] == [str(uuid.UUID(row.id))], "the first stays"
    await finish_all(queue, await take(queue))
    await log(pool, [row._replace(id=uuid.uuid4().hex)])
    await carry_all(pool)
    (event,) = (await take(queue)).events
    assert event.settled, "one in the ledger: recognised when it is taken"


async def test_movers_side_by_side_carry_each_event_once(pool: Pool) -> None:
    groups = [rows(f"{number}-a", f"{number}-b", "shared") for number in range(60)]
    await log(pool, *groups)
    one = PostgresIntakeLog(pool)

    async def carry() -> int:
        new = 0
        while (carried := await one.carry(3, 100)).groups:
            new += carried.new
        return new

    assert sum(await asyncio.gather(*(carry() for _ in range(4)))) == 121
    await carry_all(pool)
    assert len(await inbox(pool)) == 121


async def test_a_step_is_bounded_by_groups_and_by_events(pool: Pool) -> None:
    await log(pool, *(rows(*(f"{group}-{part}" for part in range(10))) for group in range(5)))
    one = PostgresIntakeLog(pool)
    assert ((await one.carry(2, 1000)).groups, (await one.depth()).events) == (2, 30)
    carried = await one.carry(10, 11)
    assert (carried.groups, carried.events, carried.new) == (2, 20, 20)
    assert 0 < carried.seconds < 60
    depth = await one.depth()
    assert (depth.events, depth.refused) == (10, 0)
    assert 0 < depth.oldest_seconds < 60


async def test_what_jsonb_refuses_loses_its_trace_and_nothing_else(pool: Pool) -> None:
    bad = to_row(new_event(uuid.uuid4(), "bad"))._replace(item=r'{"half": "\ud800"}')
    good = rows("good")
    await log(pool, [*good, bad], rows("another"))
    one = PostgresIntakeLog(pool)
    with pytest.raises(asyncpg.DataError):
        await one.carry(10, 10)
    assert await one.carry_singly(10) == 0
    assert {row["event_key"]: row["item"] for row in await inbox(pool)} == {
        "bad": {},
        "good": {"a": 1},
        "another": {"a": 1},
    }
    assert (await one.depth()).events == 0


async def test_what_the_inbox_refuses_in_every_way_is_a_dead_letter_with_its_reason(pool: Pool) -> None:
    (odd,) = rows("odd")
    await log(pool, [odd._replace(kind="nonsense"), *rows("good")])
    assert await PostgresIntakeLog(pool).carry_singly(10) == 0
    found = {row["event_key"]: row for row in await inbox(pool)}
    assert (found["odd"]["state"], found["odd"]["reason"]) == ("dead", "not_storable")
    assert found["odd"]["last_error"] == "the database refuses this notification's content"
    assert found["good"]["state"] == "waiting"


async def test_a_group_that_cannot_be_read_stays_in_sight_and_holds_nobody_up(pool: Pool) -> None:
    (broken,) = rows("broken")
    await log(pool, [broken._replace(tenant_id="nobody"), *rows("beside")], rows("after"))
    one = PostgresIntakeLog(pool)
    assert await one.carry_singly(10) == 1
    assert [row["event_key"] for row in await inbox(pool)] == ["after"]
    depth = await one.depth()
    assert (depth.events, depth.refused) == (2, 1)
    assert (await one.carry(10, 10)).groups == 0
    assert await one.carry_singly(10) == 0, "not again within a minute"
    await pool.execute(
        "UPDATE api.intake_log SET tried_at = tried_at - interval '2 minutes', tenant_ids = replace(tenant_ids, "
        "'nobody', $1)",
        uuid.uuid4().hex,
    )
    assert await one.carry_singly(10) == 0
    assert {row["event_key"] for row in await inbox(pool)} == {"after", "beside", "broken"}
    assert (await one.depth()).events == 0


class Running:
    """A mover with its listener, as in a worker."""

    def __init__(self, pool: Pool, sweep_seconds: float) -> None:
        self.mover = Mover(PostgresIntakeLog(pool), sweep_seconds=sweep_seconds)
        self.listener = Listener(pool, LOG_CHANNEL, lambda _payload: self.mover.wake())
        self.stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        self.tasks = [asyncio.create_task(self.mover.run(self.stop)), asyncio.create_task(self.listener.run())]
        await until(lambda: self.listener.listening, what="the listener")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop.set()
        await self.tasks[0]
        self.tasks[1].cancel()


async def _count(pool: Pool) -> int:
    return len(await inbox(pool))


async def test_the_mover_carries_what_is_announced_at_once(pool: Pool) -> None:
    async with Running(pool, sweep_seconds=3600):
        await log(pool, rows("announced"))
        await until(lambda: _count(pool), 5, "the event in the inbox", 0.01)


async def test_the_mover_finds_what_nobody_announced(pool: Pool) -> None:
    async with Running(pool, sweep_seconds=0.05) as running:
        running.listener._on_notify = lambda _payload: None
        await log(pool, rows("quiet"))
        await until(lambda: _count(pool), 5, "the event in the inbox", 0.01)


async def test_a_bad_event_neither_ends_the_mover_nor_keeps_the_others(pool: Pool) -> None:
    bad = to_row(new_event(uuid.uuid4(), "bad"))._replace(item="no json")
    async with Running(pool, sweep_seconds=0.05):
        await log(pool, rows("good"), [bad], rows("after"))
        await until(lambda: _three(pool), 5, "all three", 0.01)


async def _three(pool: Pool) -> bool:
    return await _count(pool) == 3


@pytest.mark.parametrize("error", [asyncpg.ConnectionDoesNotExistError, asyncpg.InternalClientError, KeyError])
async def test_the_mover_outlives_outages_and_whatever_else_goes_wrong(pool: Pool, error: type[Exception]) -> None:
    one = PostgresIntakeLog(pool)
    real, calls = one.carry, 0

    async def away(groups: int, events: int) -> Any:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise error
        return await real(groups, events)

    one.carry = away  # type: ignore[method-assign]
    mover, stop = Mover(one, sweep_seconds=0.01), asyncio.Event()
    await log(pool, rows("waits"))
    task = asyncio.create_task(mover.run(stop))
    await until(lambda: _count(pool), 5, "the event in the inbox", 0.01)
    stop.set()
    await task


async def test_a_mover_that_dies_in_the_middle_has_done_nothing(pool: Pool) -> None:
    await log(pool, rows("kept"))
    async with pool.acquire() as other, other.transaction():
        # The inbox is locked, so that the step hangs between its two tables, and then its connection is cut.
        await other.execute("LOCK TABLE api.inbox IN SHARE MODE")
        step = asyncio.create_task(PostgresIntakeLog(pool).carry(10, 10))

        async def hanging() -> int | None:
            # Not by `other`: what a transaction has once seen of this view it sees until its end.
            pid: int | None = await pool.fetchval(
                "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%api.intake_log%' "
                "AND datname = current_database()"
            )
            return pid

        pid = await until(hanging, 5, "the step at the lock", 0.01)
        await other.execute("SELECT pg_terminate_backend($1)", pid)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
            await step
    assert (await PostgresIntakeLog(pool).depth()).events == 1
    assert await carry_all(pool) == 1
