"""Work that is due every so often, done once however many processes are ready to do it.

A task is a row: whoever finds it due takes a lease on it, does the work, and sets the next due time if the lease is
still its own (fencing). A process that dies holding the lease is replaced when the lease ends.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
from collections.abc import Awaitable, Callable
from functools import partial

from flovify.common.db import Pool
from flovify.common.logs import get_logger
from flovify.common.pace import wait

LEASE_SECONDS = 60.0
HEARTBEAT_SECONDS = 15.0
POLL_SECONDS = 5.0
FIRST_SECONDS = 1.0

_CREATE = "INSERT INTO {schema}.periodic_tasks (name) VALUES ($1) ON CONFLICT (name) DO NOTHING"
_TAKE = """
UPDATE {schema}.periodic_tasks
   SET lease_owner = $2, lease_until = clock_timestamp() + make_interval(secs => $3), fence = fence + 1,
       last_started_at = clock_timestamp()
 WHERE name = $1 AND due_at <= clock_timestamp() AND (lease_until IS NULL OR lease_until < clock_timestamp())
RETURNING fence"""
_EXTEND = """
UPDATE {schema}.periodic_tasks SET lease_until = clock_timestamp() + make_interval(secs => $3)
 WHERE name = $1 AND fence = $2"""
_FINISH = """
UPDATE {schema}.periodic_tasks
   SET lease_owner = NULL, lease_until = NULL, due_at = clock_timestamp() + make_interval(secs => $3),
       last_finished_at = clock_timestamp(), last_error = $4
 WHERE name = $1 AND fence = $2"""


class PeriodicTask:
    """One kind of periodic work in one schema.

    `handler` gets no arguments and must be safe to run again: after a crash it starts anew. Its failure is logged and
    kept in `last_error`; the next run is then due after a minute, or after the usual time if that is sooner.
    """

    def __init__(
        self, pool: Pool, schema: str, name: str, every_seconds: float, handler: Callable[[], Awaitable[None]]
    ) -> None:
        self._pool = pool
        self._schema = schema
        self._name = name
        self._every = every_seconds
        self._handler = handler
        self._row_made = False
        self._owner = f"{socket.gethostname()}:{os.getpid()}"

    async def run(self, stop: asyncio.Event) -> None:
        """Look for due work every few seconds until `stop` is set; work in progress is finished first."""
        # All tasks of a process begin at once: without this each would have the pool open a connection of its own.
        await wait(stop, random.uniform(0, FIRST_SECONDS))  # noqa: S311
        while not stop.is_set():
            try:
                await self.run_if_due()
            except Exception as error:  # noqa: BLE001 - the database may be away; the loop must outlive it
                get_logger().warning("periodic_task_not_run", task=self._name, error=type(error).__name__)
            # A little chance keeps several processes from asking in step.
            await wait(stop, POLL_SECONDS * random.uniform(0.8, 1.2))  # noqa: S311

    async def run_if_due(self) -> bool:
        """Run the work if it is due and nobody else does; says whether it ran."""
        fence = await self._take()
        if fence is None:
            return False
        heartbeat = asyncio.create_task(self._keep_lease(fence))
        error: str | None = None
        try:
            await self._handler()
        except Exception as failure:  # noqa: BLE001 - recorded in the row and logged, and run again
            error = type(failure).__name__
            get_logger().error("periodic_task_failed", task=self._name, error=error)
        finally:
            heartbeat.cancel()
        await self._finish(fence, error)
        return True

    async def _take(self) -> int | None:
        async with self._pool.acquire() as connection:
            fence: int | None = await connection.fetchval(self._sql(_TAKE), self._name, self._owner, LEASE_SECONDS)
            if fence is None and not self._row_made:
                await connection.execute(self._sql(_CREATE), self._name)
            self._row_made = True
            return fence

    async def _keep_lease(self, fence: int) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._pool.execute(self._sql(_EXTEND), self._name, fence, LEASE_SECONDS)
            except Exception as error:  # noqa: BLE001 - losing the lease is safe: the finish is fenced
                get_logger().warning("periodic_lease_not_extended", task=self._name, error=type(error).__name__)

    async def _finish(self, fence: int, error: str | None) -> None:
        delay = min(60.0, self._every) if error else self._every
        await self._pool.execute(self._sql(_FINISH), self._name, fence, delay, error)

    def _sql(self, template: str) -> str:
        return template.format(schema=self._schema)


class LongTask:
    """Periodic work that may take minutes: its handler is given the event by which it is to end early."""

    def __init__(
        self,
        pool: Pool,
        schema: str,
        name: str,
        every_seconds: float,
        handler: Callable[[asyncio.Event], Awaitable[None]],
    ) -> None:
        self._task = partial(PeriodicTask, pool, schema, name, every_seconds)
        self._handler = handler

    async def run(self, stop: asyncio.Event) -> None:
        """As `PeriodicTask.run`."""
        await self._task(lambda: self._handler(stop)).run(stop)
