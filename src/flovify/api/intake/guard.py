"""Closes the intake before there is no room: what is refused with 503 Microsoft delivers again, for up to four hours.

A full disk is worse than a closed door: PostgreSQL stops as a whole, and with it what would make room again.
"""

from __future__ import annotations

import asyncio
import math
import shutil
from collections.abc import Callable
from pathlib import Path

from flovify.api.intake.metrics import CLOSED, DISK_FREE, DISK_LEAST
from flovify.api.intake_log.errors import EngineAway
from flovify.api.intake_log.protocol import Engine
from flovify.api.system.store import DISK, INTAKE, SystemStore
from flovify.common.db import DATABASE_ERRORS, Pool, load_queries
from flovify.common.logs import get_logger

LOOK_SECONDS = 5.0
# Open again only with this much more room than at closing, so that the door does not flap.
REOPEN = 1.25
# What is smaller than this holds nowhere near as many events as any limit: it need not be counted.
_SMALL_BYTES_AN_EVENT = 100
_SCARCE_BYTES = 1e9
_AWAY: tuple[type[Exception], ...] = (*DATABASE_ERRORS, EngineAway)
_QUERIES = load_queries("flovify.api.intake")

CLOSING = ("disk", "depth")
_REFUSED = "Notifications are answered 503, and Microsoft sends them again for four hours."
_WORDS: dict[str | None, str] = {
    None: "Notifications are taken.",
    "disk": f"The disk is nearly full. {_REFUSED} Make room, or lower FLOVIFY_MIN_FREE_MB.",
    "depth": f"Too many events wait. {_REFUSED} See why the queue is behind, or raise FLOVIFY_MAX_WAITING.",
}


class IntakeGuard:
    """`reason` is why nothing is taken at this moment: "disk", "depth", or None."""

    def __init__(
        self,
        pool: Pool,
        data_dir: Path,
        *,
        min_free_bytes: int,
        max_waiting: int,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
        engine: Engine | None = None,
    ) -> None:
        """`engine`: what waits there counts too."""
        self._pool = pool
        self._system = SystemStore(pool)
        self._told_well = set[str]()
        self._data_dir = data_dir
        self._min_free = min_free_bytes
        self._max_waiting = max_waiting
        self._free_bytes = free_bytes
        self._engine = engine
        self._free = math.nan
        self.reason: str | None = None
        DISK_LEAST.set(min_free_bytes)

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once, and say how it stands where the console sees it.

        While the database or the engine is away the depth is not known, and only what the disk says changes anything.
        """
        try:
            reason = "disk" if self._disk_is_low() else "depth" if await self._is_deep() else None
            self._change_to(reason)
            await self._tell(INTAKE, ok=reason is None, detail=_WORDS[reason])
            # The limits of FlovifyDiskLow in deploy/prometheus/rules.
            scarce = self._free < max(2 * self._min_free, _SCARCE_BYTES)
            known = not math.isnan(self._free)
            room = f"{self._free / 1e9:.1f} GB are left on the disk" if known else "The disk is on another machine"
            await self._tell(DISK, ok=not scarce, detail=room)
        except _AWAY as error:
            get_logger().warning("intake_guard_cannot_look", error=type(error).__name__)

    async def _tell(self, name: str, *, ok: bool, detail: str) -> None:
        """Again and again while it is bad: what a dead process said last is not believed for long."""
        if ok and name in self._told_well:
            return
        await self._system.note_check(name, ok=ok, detail=detail)
        (self._told_well.add if ok else self._told_well.discard)(name)

    def _change_to(self, reason: str | None) -> None:
        if reason != self.reason:
            get_logger().warning("intake_closed" if reason else "intake_open_again", reason=reason or self.reason)
        self.reason = reason
        for name in CLOSING:
            CLOSED.labels(name).set(name == reason)

    def _disk_is_low(self) -> bool:
        """False where the data directory is not on this machine: then somebody else keeps PostgreSQL's disk."""
        if not self._data_dir.is_dir():
            self._free = math.nan
            DISK_FREE.set(math.nan)
            return False
        self._free = free = self._free_bytes(self._data_dir)
        DISK_FREE.set(free)
        return bool(self._min_free) and free < self._min_free * (REOPEN if self.reason == "disk" else 1)

    async def _is_deep(self) -> bool:
        if not self._max_waiting:
            return False
        most = int(self._max_waiting / (REOPEN if self.reason == "depth" else 1))
        before = (await self._engine.depth()).events if self._engine else 0
        if before > most:
            return True
        if await self._pool.fetchval(_QUERIES["waiting_bytes"]) < (most - before) * _SMALL_BYTES_AN_EVENT:
            return False
        return bool(await self._pool.fetchval(_QUERIES["waiting_up_to"], most + 1) + before > most)
