"""Work that is due every so often, done once however many processes are ready to do it.

A task is a row: whoever finds it due takes a lease on it, does the work, and sets the next due time if the lease is
still its own (fencing). A process that dies holding the lease is replaced when the lease ends.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable

from flovify.common.db import Pool
from flovify.common.logs import get_logger

LEASE_SECONDS = 60.0
HEARTBEAT_SECONDS = 15.0

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


class LongTask:
    """One kind of periodic work in one schema, which may take minutes; a `Timetable` runs it.

    `handler` gets the event by which it is to end early, and must be safe to run again: after a crash it starts anew.
    Its failure is logged and kept in `last_error`; the next run is then due after a minute, or after the usual time if
    that is sooner.
    """

    def __init__(
        self,
        pool: Pool,
        schema: str,
        name: str,
        every_seconds: float,
        handler: Callable[[asyncio.Event], Awaitable[None]],
    ) -> None:
        self.name = name
        self._pool = pool
        self._schema = schema
        self._every = every_seconds
        self._handler = handler
        self._row_made = False
        self._owner = f"{socket.gethostname()}:{os.getpid()}"

    async def run_if_due(self, stop: asyncio.Event | None = None) -> bool:
        """Run the work if it is due and nobody else does; says whether it ran."""
        fence = await self._take()
        if fence is None:
            return False
        heartbeat = asyncio.create_task(self._keep_lease(fence))
        error: str | None = None
        try:
            await self._handler(stop or asyncio.Event())
        except Exception as failure:  # noqa: BLE001 - recorded in the row and logged, and run again
            error = type(failure).__name__
            get_logger().error("periodic_task_failed", task=self.name, error=error)
        finally:
            heartbeat.cancel()
        await self._finish(fence, error)
        return True

    async def _take(self) -> int | None:
        async with self._pool.acquire() as connection:
            fence: int | None = await connection.fetchval(self._sql(_TAKE), self.name, self._owner, LEASE_SECONDS)
            if fence is None and not self._row_made:
                await connection.execute(self._sql(_CREATE), self.name)
            self._row_made = True
            return fence

    async def _keep_lease(self, fence: int) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            try:
                await self._pool.execute(self._sql(_EXTEND), self.name, fence, LEASE_SECONDS)
            except Exception as error:  # noqa: BLE001 - losing the lease is safe: the finish is fenced
                get_logger().warning("periodic_lease_not_extended", task=self.name, error=type(error).__name__)

    async def _finish(self, fence: int, error: str | None) -> None:
        delay = min(60.0, self._every) if error else self._every
        await self._pool.execute(self._sql(_FINISH), self.name, fence, delay, error)

    def _sql(self, template: str) -> str:
        return template.format(schema=self._schema)


class PeriodicTask(LongTask):
    """Periodic work that is soon done."""

    def __init__(
        self, pool: Pool, schema: str, name: str, every_seconds: float, handler: Callable[[], Awaitable[None]]
    ) -> None:
        super().__init__(pool, schema, name, every_seconds, lambda _stop: handler())
