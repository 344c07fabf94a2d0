"""What goes to one URL: gathered for a moment, so that one POST carries what happened together."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from flovify.sandbox.subscriptions.models import Pending

if TYPE_CHECKING:
    from flovify.sandbox.subscriptions.delivery import DeliveryEngine

GATHER_SECONDS = 0.02
MAX_ITEMS = 100
POSTS_AT_ONCE = 8


class Channel:
    """All that goes to one URL: items that are being gathered and batches that are being tried."""

    def __init__(self, engine: DeliveryEngine, url: str) -> None:
        self._engine = engine
        self.url = url
        self._waiting: list[Pending] = []
        self._full = asyncio.Event()
        self._gathering: asyncio.Task[None] | None = None
        self._slots = asyncio.Semaphore(POSTS_AT_ONCE)

    def add(self, pending: Pending) -> None:
        self._waiting.append(pending)
        if len(self._waiting) >= MAX_ITEMS:
            self._full.set()
        if self._gathering is None or self._gathering.done():
            self._gathering = self._engine.spawn(self._gather())

    async def _gather(self) -> None:
        """Turn what waits into batches, a moment after the first came; ends when nothing waits."""
        while self._waiting:
            if len(self._waiting) < MAX_ITEMS:
                self._full.clear()
                try:
                    async with asyncio.timeout(GATHER_SECONDS):
                        await self._full.wait()
                except TimeoutError:
                    pass
            await self._slots.acquire()
            batch, self._waiting = self._waiting[:MAX_ITEMS], self._waiting[MAX_ITEMS:]
            if any(one.reorder for one in batch):
                batch.reverse()
            self._engine.spawn(self._deliver(batch))

    async def _deliver(self, batch: list[Pending]) -> None:
        """Try the first time holding a slot; what is refused waits outside, so that it blocks nobody."""
        try:
            delivered = await self._engine.post(self.url, batch)
        finally:
            self._slots.release()
        while not delivered and self._engine.still_wanted(batch):
            await self._engine.back_off(batch[0].attempts)
            delivered = await self._engine.post(self.url, batch)
        self._engine.settle(batch)
