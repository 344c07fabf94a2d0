"""The periodic tasks of one process: one look every few seconds says which of them are due."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

from flovify.common.db import Pool
from flovify.common.logs import get_logger
from flovify.common.pace import wait
from flovify.common.periodic import LongTask

POLL_SECONDS = 5.0
# Many are due at once when a process starts: together they would have the pool open a connection for each.
SPREAD_SECONDS = 1.0

# One without a row is due, so that it makes its row.
_DUE = """
SELECT name FROM unnest($1::text[]) AS name LEFT JOIN {schema}.periodic_tasks AS task USING (name)
 WHERE task.name IS NULL
    OR due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())"""


class Timetable:
    """All tasks of one schema that a process is ready to do."""

    def __init__(self, pool: Pool, schema: str, tasks: Sequence[LongTask]) -> None:
        self._pool = pool
        self._sql = _DUE.format(schema=schema)
        self._tasks = {task.name: task for task in tasks}
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Run what is due until `stop` is set; work in progress is finished first."""
        while not stop.is_set():
            try:
                await self._begin_due(stop)
            except Exception as error:  # noqa: BLE001 - the database may be away; the loop must outlive it
                get_logger().warning("timetable_not_read", error=type(error).__name__)
            # A little chance keeps several processes from asking in step.
            await wait(stop, POLL_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311
        await asyncio.gather(*self._running.values())

    async def _begin_due(self, stop: asyncio.Event) -> None:
        waiting = [name for name in self._tasks if name not in self._running]
        for row in await self._pool.fetch(self._sql, waiting):
            name: str = row["name"]
            self._running[name] = asyncio.create_task(self._run(self._tasks[name], stop))

    async def _run(self, task: LongTask, stop: asyncio.Event) -> None:
        try:
            await wait(stop, SPREAD_SECONDS * random.random())  # noqa: S311
            if not stop.is_set():
                await task.run_if_due(stop)
        except Exception as error:  # noqa: BLE001 - the database may be away; the next look finds it due again
            get_logger().warning("periodic_task_not_run", task=task.name, error=type(error).__name__)
        finally:
            del self._running[task.name]
