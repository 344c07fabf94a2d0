"""Two logs as one: the engine's, and what stands in PostgreSQL's from before the engine was chosen."""

from __future__ import annotations

import asyncio
import time

from flovify.api.intake_log.models import Carried, LogDepth
from flovify.api.intake_log.protocol import Back

# While the processes of the intake are restarted one by one, some still write where they did.
LOOK_SECONDS = 1.0


class Chained:
    """`Back` over an engine's; now and then over the one that nobody should write any more."""

    def __init__(self, engine: Back, former: Back) -> None:
        self._engine = engine
        self._former = former
        self._looked_at = float("-inf")

    async def carry(self, groups: int, events: int) -> Carried:
        if time.monotonic() - self._looked_at > LOOK_SECONDS:
            carried = await self._former.carry(groups, events)
            if carried.groups:
                return carried
            self._looked_at = time.monotonic()
        return await self._engine.carry(groups, events)

    async def carry_singly(self, groups: int) -> int:
        return await self._former.carry_singly(groups) + await self._engine.carry_singly(groups)

    async def wait(self, wake: asyncio.Event, seconds: float) -> None:
        await self._engine.wait(wake, seconds)

    async def depth(self) -> LogDepth:
        one, other = await self._former.depth(), await self._engine.depth()
        oldest = max(one.oldest_seconds, other.oldest_seconds)
        return LogDepth(one.events + other.events, oldest, one.refused + other.refused)

    async def close(self) -> None:
        await self._engine.close()
        await self._former.close()
