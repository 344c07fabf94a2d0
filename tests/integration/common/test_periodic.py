from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from flovify.common import timetable
from flovify.common.db import Pool, create_pool
from flovify.common.periodic import LongTask, PeriodicTask
from flovify.common.timetable import Timetable
from tests.support.postgres import Database

DUE = "UPDATE api.periodic_tasks SET due_at = clock_timestamp()"


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    made = await create_pool(database.api_dsn, application_name="test", max_size=10)
    yield made
    await made.close()


class Work:
    """Counts its runs, and can be held up or made to fail."""

    def __init__(self) -> None:
        self.runs = 0
        self.started = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None

    async def __call__(self) -> None:
        self.runs += 1
        self.started.set()
        await self.gate.wait()
        if self.error:
            raise self.error


async def due_task(pool: Pool, work: Work, every: float = 3600) -> PeriodicTask:
    task = PeriodicTask(pool, "api", "example", every, work)
    assert await task.run_if_due() is False, "the first look only makes the row"
    return task


async def test_twenty_processes_run_due_work_once(pool: Pool) -> None:
    work = Work()
    await due_task(pool, work)
    tasks = [PeriodicTask(pool, "api", "example", 3600, work) for _ in range(20)]
    assert sum(await asyncio.gather(*(task.run_if_due() for task in tasks))) == 1
    assert work.runs == 1


async def test_a_failure_is_kept_and_tried_again_sooner(pool: Pool) -> None:
    work = Work()
    work.error = RuntimeError("SECRET")
    task = await due_task(pool, work)
    assert await task.run_if_due()
    row = await pool.fetchrow(
        "SELECT last_error, due_at < now() + interval '61 seconds' AS soon FROM api.periodic_tasks"
    )
    assert row is not None
    assert (row["last_error"], row["soon"]) == ("RuntimeError", True)


async def test_a_holder_that_lost_its_lease_does_not_move_the_due_time(pool: Pool) -> None:
    slow, quick = Work(), Work()
    slow.gate.clear()
    task = await due_task(pool, slow)
    holding = asyncio.create_task(task.run_if_due())
    await asyncio.wait_for(slow.started.wait(), 10)
    await pool.execute("UPDATE api.periodic_tasks SET lease_until = clock_timestamp() - interval '1 second'")
    assert await PeriodicTask(pool, "api", "example", 7200, quick).run_if_due()
    due = await pool.fetchval("SELECT due_at FROM api.periodic_tasks")
    slow.gate.set()
    await holding
    assert await pool.fetchval("SELECT due_at FROM api.periodic_tasks") == due


async def test_stopping_waits_for_work_in_progress(pool: Pool) -> None:
    work = Work()
    work.gate.clear()
    task = await due_task(pool, work)
    stop = asyncio.Event()
    running = asyncio.create_task(Timetable(pool, "api", [task]).run(stop))
    await asyncio.wait_for(work.started.wait(), 10)
    stop.set()
    await asyncio.sleep(0)
    assert not running.done()
    work.gate.set()
    await asyncio.wait_for(running, 10)
    assert await pool.fetchval("SELECT lease_owner FROM api.periodic_tasks") is None


async def outage(database: Database) -> None:
    """All connections end, and what was leased by then is due again at once."""
    connection = await asyncpg.connect(database.api_dsn)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename = current_user AND datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.execute(
        "UPDATE api.periodic_tasks SET due_at = clock_timestamp(), lease_until = NULL WHERE name <> 'long'"
    )
    await connection.close()


async def test_what_is_due_runs_beside_what_takes_long_and_goes_on_after_an_outage(
    pool: Pool, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timetable, "POLL_SECONDS", 0.02)
    monkeypatch.setattr(timetable, "SPREAD_SECONDS", 0.01)
    ended: list[str] = []

    async def until_told(stop: asyncio.Event) -> None:
        await stop.wait()
        ended.append("long")

    short = [Work(), Work()]
    tasks = [PeriodicTask(pool, "api", f"short-{number}", 0.01, work) for number, work in enumerate(short)]
    stop = asyncio.Event()
    table = Timetable(pool, "api", [LongTask(pool, "api", "long", 3600, until_told), *tasks])
    running = asyncio.create_task(table.run(stop))
    for _ in range(3):
        for work in short:
            work.started.clear()
        for work in short:
            await asyncio.wait_for(work.started.wait(), 20)
        await outage(database)
    assert await pool.fetchval(
        "SELECT count(*) FROM api.periodic_tasks WHERE lease_owner IS NOT NULL AND name = 'long'"
    )
    stop.set()
    await asyncio.wait_for(running, 10)
    assert ended == ["long"]
    assert await pool.fetchval("SELECT fence FROM api.periodic_tasks WHERE name = 'long'") == 1
