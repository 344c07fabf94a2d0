from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from flovify.common.db import Pool, create_pool
from flovify.common.periodic import PeriodicTask
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
    running = asyncio.create_task(task.run(stop))
    await asyncio.wait_for(work.started.wait(), 10)
    stop.set()
    await asyncio.sleep(0)
    assert not running.done()
    work.gate.set()
    await asyncio.wait_for(running, 10)
    assert await pool.fetchval("SELECT lease_owner FROM api.periodic_tasks") is None
