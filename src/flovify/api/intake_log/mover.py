"""Carries events from the intake's log into the inbox, in every worker, as soon as they are there."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Coroutine
from typing import Any

from flovify.api.intake_log.errors import EngineAway
from flovify.api.intake_log.metrics import CARRY_SECONDS, EVENTS_ADDED, REFUSED
from flovify.api.intake_log.protocol import Back
from flovify.api.intake_log.store import GROUP_AT_FAULT
from flovify.common.db import DATABASE_ERRORS
from flovify.common.logs import get_logger, place_of
from flovify.common.pace import wait

# Large enough that a burst is carried in few statements, small enough that its first events need not wait for its last.
GROUPS = 64
EVENTS = 2000
# The announcement is a hint; this is how long an event waits when it is lost.
SWEEP_SECONDS = 1.0
# How often groups that were refused are tried again.
REFUSED_SECONDS = 60.0


# For whoever waits: both pass, and nothing was lost with them.
_AWAY: tuple[type[Exception], ...] = (*DATABASE_ERRORS, EngineAway)


class Mover:
    """`wake` says that there may be something to carry."""

    def __init__(self, log: Back, *, sweep_seconds: float = SWEEP_SECONDS) -> None:
        self._log = log
        self._sweep_seconds = sweep_seconds
        self._wake = asyncio.Event()
        self._singly_at = float("-inf")

    def wake(self) -> None:
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Carry until `stop` is set."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self.wake())
        try:
            while not stop.is_set():
                self._wake.clear()
                if not await self._survive(self._step()):
                    await self._pause(self._sweep_seconds * random.uniform(0.75, 1.25))  # noqa: S311
        finally:
            stopping.cancel()

    async def _pause(self, seconds: float) -> None:
        if not await self._survive(self._wait(seconds)):
            await wait(self._wake, seconds)

    async def _wait(self, seconds: float) -> bool:
        await self._log.wait(self._wake, seconds)
        return True

    async def _step(self) -> bool:
        """Carry once; whether there may be more at once."""
        try:
            if time.monotonic() - self._singly_at > REFUSED_SECONDS:
                await self._singly()
            carried = await self._log.carry(GROUPS, EVENTS)
        except GROUP_AT_FAULT as error:
            get_logger().error("intake_log_refused", error=type(error).__name__)
            # One bad event fails the statement for all; by themselves the good ones pass.
            await self._singly()
            return True
        if carried.groups:
            EVENTS_ADDED.inc(carried.new)
            CARRY_SECONDS.observe(carried.seconds)
        return carried.groups > 0

    @staticmethod
    async def _survive(work: Coroutine[Any, Any, bool]) -> bool:
        """What it says, and False for whatever goes wrong: nobody else carries, so the mover outlives all of it."""
        try:
            return await work
        except _AWAY as error:
            get_logger().warning("intake_log_not_carried", error=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - also a driver that loses its place when a connection is cut
            get_logger().error("intake_log_failed", error=type(error).__name__, place=place_of(error))
        return False

    async def _singly(self) -> None:
        self._singly_at = time.monotonic()
        REFUSED.set(await self._log.carry_singly(GROUPS))
