"""The part of the worker that closes gaps, a few at a time."""

from __future__ import annotations

import asyncio
import random

from flovify.api.coverage.catch_up import CatchUp
from flovify.api.coverage.store import COVERAGE_CHANNEL, CoverageStore
from flovify.api.queue.listener import Listener
from flovify.common.db import DATABASE_ERRORS, Pool
from flovify.common.logs import get_logger, place_of
from flovify.common.pace import wait
from flovify.common.periodic import PeriodicTask

AT_ONCE = 3
POLL_SECONDS = 5.0
TIDY_SECONDS = 3600.0
WATCH_SECONDS = 300.0


class CatchUpLoop:
    """Takes due gaps as long as there are any. A gap whose worker dies is another's when its lease has ended."""

    def __init__(self, pool: Pool, store: CoverageStore, catch_up: CatchUp, owner: str) -> None:
        self._store = store
        self._catch_up = catch_up
        self._owner = owner
        self._wake = asyncio.Event()
        self._listener = Listener(pool, COVERAGE_CHANNEL, lambda _payload: self._wake.set())

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; what is in hand is given up then, and begun again by another from its last page."""
        tasks = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        tasks.append(asyncio.create_task(self._listener.run()))
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            try:
                gap = await self._store.take(self._owner)
                if gap is not None:
                    await self._catch_up.work(gap)
                    continue
            except DATABASE_ERRORS as error:
                get_logger().warning("catch_up_interrupted", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001 - one gap's trouble must not end the others'; its lease ends
                get_logger().error("catch_up_failed", error=type(error).__name__, where=place_of(error))
            await self._rest()

    async def _rest(self) -> None:
        self._wake.clear()
        # Between them they look so often.
        await wait(self._wake, AT_ONCE * POLL_SECONDS * random.uniform(0.75, 1.25))  # noqa: S311


def watchdog_task(pool: Pool, store: CoverageStore) -> PeriodicTask:
    """Notices folders that are too quiet, by one worker at a time."""

    async def watch() -> None:
        found = await store.open_silent()
        if found:
            get_logger().info("silent_folders_looked_through", folders=found)

    return PeriodicTask(pool, "api", "watch_silence", WATCH_SECONDS, watch)


def tidy_coverage_task(pool: Pool, store: CoverageStore) -> PeriodicTask:
    """Forgets what nobody watches any more, by one worker at a time."""
    return PeriodicTask(pool, "api", "tidy_coverage", TIDY_SECONDS, store.tidy)
