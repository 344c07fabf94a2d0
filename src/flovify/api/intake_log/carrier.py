"""Carries what an engine keeps into the inbox: read, commit, and only then acknowledge.

Whoever dies in between leaves a group that is given out again; the inbox has its events by their keys then, or they are
recognised as settled when they are taken.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from flovify.api.intake_log.encoding import Group, decode
from flovify.api.intake_log.errors import Unreadable
from flovify.api.intake_log.models import Carried, LogDepth
from flovify.api.intake_log.protocol import Delivery, Source
from flovify.api.intake_log.store import GROUP_AT_FAULT, add, add_singly
from flovify.common.db import Pool
from flovify.common.logs import get_logger
from flovify.common.pace import wait

# Groups in this process's hands at most: while the database is away they wait here, the others in the engine.
MOST_HELD = 16


@dataclass(frozen=True, slots=True)
class _Held:
    delivery: Delivery
    group: Group


class EngineLog:
    """`Back` over an engine's source."""

    def __init__(self, pool: Pool, source: Source) -> None:
        self._pool = pool
        self._source = source
        # Read and not committed yet, the oldest first. A failure leaves them here, to be tried again.
        self._held: deque[_Held] = deque()

    async def carry(self, groups: int, events: int) -> Carried:
        """See `Back`: committed in one statement, then acknowledged."""
        if not self._held:
            await self._read(0)
        chosen = self._choose(groups, events)
        if not chosen:
            return Carried(0, 0, 0, 0.0)
        async with self._pool.acquire() as connection:
            new = await add(connection, [one.group for one in chosen])
        await self._done(chosen)
        seconds = time.time() - min(one.group.received_at for one in chosen)
        return Carried(len(chosen), sum(len(one.group.rows) for one in chosen), new, max(seconds, 0.0))

    async def carry_singly(self, groups: int) -> int:
        """See `Back`. What is held, and what was put aside before."""
        aside = self._readable(await self._source.refused(groups))
        refused = len(aside[1]) + sum([not await self._alone(one) for one in aside[0]])
        for delivery, reason in aside[1]:
            await self._source.refuse(delivery, reason)
        if not self._held:
            await self._read(0)
        while self._held:
            refused += not await self._alone(self._held[0])
            self._held.popleft()
        return refused

    async def wait(self, wake: asyncio.Event, seconds: float) -> None:
        """Engines tell by themselves when something comes. With something in hand the database is what is missing."""
        if self._held:
            await wait(wake, seconds)
        else:
            await self._read(seconds)

    async def depth(self) -> LogDepth:
        """What the engine says, and the age of what this process holds."""
        found = await self._source.depth()
        held = time.time() - self._held[0].group.received_at if self._held else 0.0
        return LogDepth(found.events, max(found.oldest_seconds, held), found.refused)

    async def close(self) -> None:
        await self._source.close()

    async def _read(self, seconds: float) -> None:
        good, bad = self._readable(await self._source.read(MOST_HELD, seconds))
        self._held.extend(good)
        for delivery, reason in bad:
            get_logger().error("intake_log_unreadable", reason=reason)
            await self._source.refuse(delivery, reason)

    @staticmethod
    def _readable(deliveries: Sequence[Delivery]) -> tuple[list[_Held], list[tuple[Delivery, str]]]:
        good: list[_Held] = []
        bad: list[tuple[Delivery, str]] = []
        for delivery in deliveries:
            try:
                good.append(_Held(delivery, decode(delivery.body)))
            except Unreadable as error:
                bad.append((delivery, str(error)))
        return good, bad

    def _choose(self, groups: int, events: int) -> list[_Held]:
        chosen: list[_Held] = []
        size = 0
        for one in self._held:
            if len(chosen) == groups or size >= events:
                break
            chosen.append(one)
            size += len(one.group.rows)
        return chosen

    async def _done(self, chosen: Sequence[_Held]) -> None:
        """Out of hand first: an acknowledgement that fails is one redelivery, not a group that never ends."""
        for _ in chosen:
            self._held.popleft()
        await self._source.acknowledge([one.delivery for one in chosen])

    async def _alone(self, one: _Held) -> bool:
        """One group by itself, else event by event; whether it is out of the engine's hands."""
        async with self._pool.acquire() as connection:
            try:
                await add(connection, [one.group])
            except GROUP_AT_FAULT:
                try:
                    await add_singly(connection, one.group)
                except GROUP_AT_FAULT as error:
                    await self._source.refuse(one.delivery, type(error).__name__)
                    return False
        await self._source.acknowledge([one.delivery])
        return True
