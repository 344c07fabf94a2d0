"""What the tests of every log stand on: fronts and backs of one engine, and the inbox behind them."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from flovify.api.intake.store import EventWriter
from flovify.api.intake_log.carrier import EngineLog
from flovify.api.intake_log.errors import NotStored
from flovify.api.intake_log.models import Carried, EventRow, to_row
from flovify.api.intake_log.protocol import Back, Engine, Front
from flovify.api.intake_log.store import PostgresIntakeLog
from flovify.common.db import Pool
from tests.integration.api_flow.queue_conformance import new_event


class Ground:
    """`engine` None is PostgreSQL itself."""

    def __init__(self, pool: Pool, engine: Engine | None = None) -> None:
        self.pool = pool
        self.engine = engine
        self._opened: list[Front | Back] = []

    def front(self) -> Front:
        front: Front = self.engine.front() if self.engine else EventWriter(self.pool)
        self._opened.append(front)
        return front

    def back(self) -> Back:
        back = EngineLog(self.pool, self.engine.source()) if self.engine else PostgresIntakeLog(self.pool)
        self._opened.append(back)
        return back

    async def write(self, *groups: Sequence[EventRow]) -> None:
        front = self.front()
        for group in groups:
            await front.write(group)

    async def inbox(self) -> dict[str, Any]:
        """What is in it, by key and in the order of its arrival."""
        rows = await self.pool.fetch("SELECT * FROM api.inbox ORDER BY received_at, id")
        return {row["event_key"]: row for row in rows}

    async def close(self) -> None:
        for one in self._opened:
            await one.close()
        if self.engine:
            await self.engine.close()


@contextlib.asynccontextmanager
async def standing_on(ground: Ground) -> AsyncIterator[Ground]:
    try:
        yield ground
    finally:
        await ground.close()


def rows(*names: str, tenant: uuid.UUID | None = None) -> list[EventRow]:
    return [to_row(new_event(tenant or uuid.uuid4(), name)) for name in names]


async def carry_events(back: Back, number: int, seconds: float = 10) -> list[Carried]:
    """Carry until so many events are through; what each step did."""
    steps: list[Carried] = []
    async with asyncio.timeout(seconds):
        while sum(step.events for step in steps) < number:
            steps.append(await back.carry(64, 2000))
            if not steps[-1].groups:
                await back.wait(asyncio.Event(), 0.05)
    return steps


async def write_again(front: Front, group: Sequence[EventRow], seconds: float = 30) -> int:
    """As Microsoft does: offer it until it is stored. How often it was not."""
    async with asyncio.timeout(seconds):
        for refused in range(10_000):
            with contextlib.suppress(NotStored):
                await front.write(group)
                return refused
            await asyncio.sleep(0.02)
    raise AssertionError("unreachable")
