"""What every log between intake and inbox must do; a module for each gives the `ground` fixture."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
import uuid
from datetime import UTC, datetime

import pytest

from flovify.api.intake.routes import ANSWER_SECONDS
from flovify.api.intake_log import encoding
from flovify.api.intake_log.errors import NotStored, RowsRefused
from flovify.api.intake_log.models import LogDepth, to_row
from flovify.api.intake_log.mover import Mover
from flovify.api.intake_log.protocol import Front
from flovify.api.intake_log.store import GROUP_AT_FAULT
from flovify.api.queue.store import PostgresQueue
from tests.integration.api_flow.queue_conformance import finish_all, new_event, take
from tests.integration.engines.ground import Ground, carry_events, rows, write_again
from tests.support.engines import Engine as EngineServer
from tests.support.tables import Tables
from tests.support.wait import until


class LogConformance:
    """The suite."""

    async def test_what_was_written_comes_out_as_it_was_in_the_order_of_its_arrival(self, ground: Ground) -> None:
        began = datetime.now(UTC)
        given = [new_event(uuid.uuid4(), name, item='{"a": "\u00e4"}') for name in ("first", "second")]
        bare = new_event(uuid.uuid4(), "third", subscription_id=None, message_id=None, change_type=None)
        await ground.write([to_row(given[0])], [to_row(given[1])], [to_row(bare)])
        await carry_events(ground.back(), 3)
        found = await ground.inbox()
        assert list(found) == ["first", "second", "third"]
        for event in (*given, bare):
            row = found[event.event_key]
            for name in ("id", "tenant_id", "provider", "subscription_row_id", "subscription_id", "kind", "change_type",
                         "message_id"):  # fmt: skip
                assert row[name] == getattr(event, name), name
            assert row["correlation_id"] == event.id
            assert began <= row["received_at"] == row["due_at"] <= datetime.now(UTC)
        assert found["first"]["item"] == {"a": "\u00e4"}

    async def test_a_redelivery_is_one_event_wherever_the_first_one_is(self, ground: Ground) -> None:
        queue, back, (row,) = PostgresQueue(ground.pool), ground.back(), rows("same")
        again = [[row._replace(id=uuid.uuid4().hex)] for _ in range(3)]
        await ground.write([row], again[0])
        assert sum(step.new for step in await carry_events(back, 2)) == 1, "both in the log"
        await ground.write(again[1])
        assert sum(step.new for step in await carry_events(back, 1)) == 0, "one in the inbox"
        await finish_all(queue, await take(queue))
        await ground.write(again[2])
        await carry_events(back, 1)
        (event,) = (await take(queue)).events
        assert event.settled, "one in the ledger: recognised when it is taken"

    async def test_movers_side_by_side_carry_each_event_once(self, ground: Ground) -> None:
        await ground.write(*(rows(f"{number}-a", f"{number}-b") for number in range(60)))
        new: list[int] = []

        async def carry() -> None:
            back = ground.back()
            while sum(new) < 120:
                new.append((await back.carry(3, 100)).new)
                await back.wait(asyncio.Event(), 0.01)

        async with asyncio.timeout(20):
            await asyncio.gather(*(carry() for _ in range(4)))
        assert (sum(new), len(await ground.inbox())) == (120, 120)

    async def test_a_step_is_bounded_by_groups_and_by_events(self, ground: Ground) -> None:
        await ground.write(*(rows(*(f"{group}-{part}" for part in range(10))) for group in range(5)))
        back = ground.back()
        await back.wait(asyncio.Event(), 0.2)
        assert 1 <= (await back.carry(2, 1000)).groups <= 2
        carried = await back.carry(10, 11)
        assert (carried.groups, carried.events) in ((1, 10), (2, 20))
        assert 0 <= carried.seconds < 60

    async def test_depth_is_what_waits(self, ground: Ground) -> None:
        assert (await ground.back().depth()).events == 0
        await ground.write(*(rows(f"{number}") for number in range(7)))
        depth = await ground.back().depth()
        assert (depth.events, depth.refused) == (7, 0)
        assert 0 <= depth.oldest_seconds < 60
        await carry_events(ground.back(), 7)
        assert (await ground.back().depth()).events == 0

    async def test_what_the_inbox_refuses_loses_its_trace_or_becomes_a_dead_letter(self, ground: Ground) -> None:
        half, odd = rows("half", "odd")
        await ground.write(
            [half._replace(item=r'{"half": "\ud800"}'), *rows("good")], [odd._replace(kind="none")], rows("after")
        )
        mover, stop = Mover(ground.back(), sweep_seconds=0.05), asyncio.Event()
        running = asyncio.create_task(mover.run(stop))
        await until(lambda: _has(ground, 4), 10, "all four")
        stop.set()
        await running
        found = await ground.inbox()
        assert {key: row["item"] for key, row in found.items() if key != "odd"} == {
            "half": {}, "good": {"a": 1}, "after": {"a": 1},
        }  # fmt: skip
        assert (found["odd"]["state"], found["odd"]["reason"]) == ("dead", "not_storable")
        assert (await ground.back().depth()).events == 0

    async def test_a_group_of_no_rows_stays_in_sight_and_holds_nobody_up(self, ground: Ground) -> None:
        (broken,) = rows("broken")
        await ground.write([broken._replace(tenant_id="nobody")], rows("after"))
        back = ground.back()
        await back.wait(asyncio.Event(), 0.2)
        with pytest.raises(GROUP_AT_FAULT):
            await carry_events(back, 2)
        assert await back.carry_singly(64) == 1
        assert list(await ground.inbox()) == ["after"]
        assert (await back.depth()).refused == 1

    async def test_a_text_that_is_none_is_the_row_s_fault(self, ground: Ground) -> None:
        (bad,) = rows("bad")
        front = ground.front()
        with pytest.raises(RowsRefused):
            await front.write([bad._replace(message_id="\ud800")])
        await front.write(rows("good"))
        await carry_events(ground.back(), 1)
        assert list(await ground.inbox()) == ["good"]

    async def test_while_the_inbox_cannot_be_written_everything_waits(self, ground: Ground) -> None:
        await ground.write(rows("one"), rows("two"))
        back, stop = ground.back(), asyncio.Event()
        mover = Mover(back, sweep_seconds=0.02)
        async with ground.pool.acquire() as other, other.transaction():
            await other.execute("LOCK TABLE api.inbox IN SHARE MODE")
            running = asyncio.create_task(mover.run(stop))
            for _ in range(3):
                pid = await until(lambda: _hanging(ground), 10, "a step at the lock", 0.01)
                await other.execute("SELECT pg_terminate_backend($1)", pid)
            assert await ground.inbox() == {}
        await until(lambda: _has(ground, 2), 10, "both")
        stop.set()
        await running
        assert list(await ground.inbox()) == ["one", "two"]


async def _hanging(ground: Ground) -> int | None:
    pid: int | None = await ground.pool.fetchval(
        "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ~ 'api.(inbox|intake_log)' "
        "AND datname = current_database()"
    )
    return pid


async def _has(ground: Ground, number: int) -> bool:
    return len(await ground.inbox()) == number


class EngineConformance(LogConformance):
    """What an engine beside PostgreSQL must do as well; a module also gives its `server`, and its `kind`."""

    kind = ""

    async def test_what_was_committed_and_not_acknowledged_is_carried_again_and_there_once(
        self, ground: Ground, server: EngineServer, tables: Tables
    ) -> None:
        await ground.write(rows("one", "two"))
        command = [sys.executable, "-m", "tests.integration.engines.dying_mover", self.kind, server.url]
        dying = await asyncio.create_subprocess_exec(*command, tables.database.api_dsn)
        assert await asyncio.wait_for(dying.wait(), 30) == -signal.SIGKILL
        assert await _has(ground, 2), "committed"
        steps = await carry_events(ground.back(), 2)
        assert sum(step.new for step in steps) == 0, "given out again, and there already"
        assert (await ground.back().depth()).events == 0

    async def test_what_cannot_be_read_is_put_aside_until_somebody_can(
        self, ground: Ground, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as later:
            later.setattr(encoding, "VERSION", 2)
            await ground.write(rows("of a later version"))
        await ground.write(rows("good"))
        await carry_events(ground.back(), 1)
        assert list(await ground.inbox()) == ["good"]
        back = ground.back()
        assert await back.carry_singly(64) == 1, "counted, and still there"
        assert (await back.depth()).refused == 1
        monkeypatch.setattr(encoding, "VERSION", 2)
        assert await back.carry_singly(64) == 0
        assert set(await ground.inbox()) == {"good", "of a later version"}
        assert await back.depth() == LogDepth(0, 0.0, 0)

    async def test_an_engine_that_does_not_answer_is_told_apart_in_time(
        self, ground: Ground, server: EngineServer
    ) -> None:
        front, began = ground.front(), time.monotonic()
        await front.write(rows("before"))
        server.pause()
        try:
            with pytest.raises(NotStored):
                await front.write(rows("lost"))
        finally:
            server.resume()
        assert time.monotonic() - began < ANSWER_SECONDS
        await write_again(front, rows("after"))
        await until(lambda: _carried(ground, {"before", "after"}), 20, "both")

    async def test_nothing_confirmed_is_lost_when_the_engine_is_killed(
        self, ground: Ground, server: EngineServer
    ) -> None:
        fronts, confirmed = [ground.front() for _ in range(2)], list[str]()

        async def write(front: Front, name: str) -> None:
            for number in range(150):
                await write_again(front, rows(f"{name}-{number}"))
                confirmed.append(f"{name}-{number}")

        back, stop = ground.back(), asyncio.Event()
        moving = asyncio.create_task(Mover(back, sweep_seconds=0.05).run(stop))
        writing = [asyncio.create_task(write(front, name)) for front, name in zip(fronts, "ab", strict=True)]
        await until(lambda: len(confirmed) > 50, 20, "some", 0.001)
        await until(lambda: server.is_settled, 10, "the engine to have written all of its own")
        server.kill9()
        await asyncio.to_thread(server.start)
        await asyncio.gather(*writing)
        await until(lambda: _carried(ground, set(confirmed)), 20, "all that was confirmed")
        stop.set()
        await moving
        assert len(confirmed) == 300


async def _carried(ground: Ground, names: set[str]) -> bool:
    """All of them; what was offered in vain may be there too, for nobody knows."""
    await ground.back().carry(64, 2000)
    return names <= set(await ground.inbox())
