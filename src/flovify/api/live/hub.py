"""One reader of the log for all streams of this process. It reads while anybody follows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from flovify.api.live.models import LiveEvent
from flovify.api.live.store import CHANNEL, LiveStore
from flovify.api.queue.listener import Listener
from flovify.common.db import DATABASE_ERRORS
from flovify.common.logs import get_logger

# Many transactions make one look; a person does not notice.
GATHER_SECONDS = 0.2
# Should a NOTIFY be lost.
LOOK_SECONDS = 5.0
MAX_BEHIND = 1000


class Follower:
    """What one stream has yet to send. `resync` is set when it cannot be told everything."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[LiveEvent | None] = asyncio.Queue()
        self.sent = 0
        self.resync = False
        self.ended = False

    def end(self) -> None:
        """Send nothing any more, not even what is waiting."""
        self.ended = True
        self.events.put_nowait(None)

    def offer(self, event: LiveEvent) -> None:
        """Add an event; one who is too far behind is told to look anew instead."""
        if self.events.qsize() >= MAX_BEHIND:
            while not self.events.empty():
                self.events.get_nowait()
            self.resync = True
        self.events.put_nowait(event)


class LiveHub:
    """Reads the log and hands it to every follower."""

    def __init__(self, store: LiveStore) -> None:
        self._store = store
        self._followers: set[Follower] = set()
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._last = 0
        self._closed = False
        self._starting = asyncio.Lock()

    @asynccontextmanager
    async def follow(self, after: int | None) -> AsyncIterator[Follower]:
        """A follower that first has what came after the id `after` (None: from now on), then what comes.

        Its `resync` is set when the log does not reach back that far.
        """
        follower = Follower()
        try:
            await self._begin(follower)
            await self._catch_up(follower, after)
            yield follower
        finally:
            self._followers.discard(follower)
            if not self._followers:
                await self._halt()

    async def close_when(self, stop: asyncio.Event) -> None:
        """End all streams once `stop` is set, so that a shutdown need not wait for them."""
        await stop.wait()
        await self.close()

    async def close(self) -> None:
        """End all streams."""
        self._closed = True
        for follower in self._followers:
            follower.events.put_nowait(None)
        await self._halt()

    async def _begin(self, follower: Follower) -> None:
        async with self._starting:
            await self._store.collect()
            extent = await self._store.extent()
            follower.sent = extent.last
            if not self._tasks and not self._closed:
                self._last = extent.last
                listener = Listener(self._store.pool, CHANNEL, lambda _payload: self._wake.set())
                self._tasks = [asyncio.create_task(listener.run()), asyncio.create_task(self._read_on())]
            self._followers.add(follower)
            if self._closed:
                follower.events.put_nowait(None)

    async def _catch_up(self, follower: Follower, after: int | None) -> None:
        """Queue what is behind `after`. The hub may offer the same meanwhile: `sent` keeps it from being told twice."""
        if after is None:
            return
        extent = await self._store.extent()
        if after + 1 < extent.oldest or after > extent.last:
            follower.resync = True
            return
        earlier = await self._store.read(after, MAX_BEHIND)
        if len(earlier) == MAX_BEHIND:
            follower.resync = True
            return
        follower.sent = after
        waiting = [follower.events.get_nowait() for _ in range(follower.events.qsize())]
        for event in [*earlier, *waiting]:
            follower.events.put_nowait(event)

    async def _read_on(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()
            try:
                await self._read()
            except DATABASE_ERRORS as error:
                get_logger().warning("live_events_not_read", error=type(error).__name__)

    async def _read(self) -> None:
        await self._store.collect()
        for event in await self._store.read(self._last):
            self._last = event.id
            for follower in self._followers:
                follower.offer(event)

    async def _halt(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
