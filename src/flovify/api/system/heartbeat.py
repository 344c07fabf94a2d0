"""A worker's sign of life, for people who look at the console; the queue does without it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import asyncpg

from flovify import __version__
from flovify.api.subscriptions.timeline.store import Timeline
from flovify.api.system.store import SystemStore
from flovify.common.clock import Clock
from flovify.common.db import AWAY, Pool
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask

BEAT_SECONDS = 10.0
TIDY_SECONDS = 86_400.0
_NOT_NOW: tuple[type[Exception], ...] = (*AWAY, asyncpg.PostgresError)


class Heartbeat:
    """Writes one row every ten seconds, and takes it away at the end."""

    def __init__(self, store: SystemStore, clock: Clock, name: str, in_flight: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._in_flight = in_flight

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set. While the database is away there is no sign of life, and that is right."""
        while not stop.is_set():
            await self._try(self._store.beat(self._name, self._clock.now(), __version__, self._in_flight()))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await stop.wait()
        await self._try(self._store.leave(self._name))

    async def _try(self, call: Awaitable[None]) -> None:
        try:
            await call
        except _NOT_NOW as error:
            get_logger().warning("heartbeat_not_written", error=type(error).__name__)


def tidy_task(pool: Pool) -> PeriodicTask:
    """Removes what nobody looks at any more: workers of yesterday, and what happened to subscriptions long ago."""

    async def tidy() -> None:
        await SystemStore(pool).delete_old_workers()
        await Timeline(pool).delete_old()

    return PeriodicTask(pool, "api", "tidy_console", TIDY_SECONDS, tidy)
