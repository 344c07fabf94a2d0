"""Seals what was added to an audit log, every few seconds, beside the service's work.

Callers add entries in transactions of their own and wait for nobody; only sealing is one at a time.
"""

from __future__ import annotations

import asyncio
import random

from prometheus_client import Gauge

from flovify.common.audit.chain import Link, LogKeys, head_digits
from flovify.common.audit.store import SealStore
from flovify.common.clock import Clock, SystemClock
from flovify.common.db import Pool
from flovify.common.logs import get_logger
from flovify.common.pace import wait

EVERY_SECONDS = 3.0
HEAD_SECONDS = 60.0
BATCH = 500
POSITION = Gauge("flovify_audit_sealed_position", "The last seal of an audit log; it never goes back.", ["log"])
UNSEALED = Gauge("flovify_audit_unsealed", "Entries of an audit log without a seal, counted up to 10,000.", ["log"])


class Sealer:
    """Any number of processes may run one for the same log."""

    def __init__(self, store: SealStore, keys: LogKeys, clock: Clock, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._store = store
        self._key = keys.first
        self._clock = clock
        self._every = every_seconds
        self._told = 0
        self._told_at = -HEAD_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Seal until `stop` is set; while the database is away it is tried again."""
        while not stop.is_set():
            try:
                await self.seal_waiting()
            except Exception as error:  # noqa: BLE001 - the database may be away; the loop must outlive it
                get_logger().warning("audit_not_sealed", log=self._store.log, error=type(error).__name__)
            # A little chance keeps several processes from asking in step.
            await wait(stop, self._every * random.uniform(0.8, 1.2))  # noqa: S311

    async def seal_waiting(self) -> None:
        """Seal what waits now, in batches, and tell where the chain ends."""
        state = await self._store.state()
        if state.waiting:
            while await self._store.seal_batch(self._key, BATCH) == BATCH:
                pass
            state = await self._store.state()
        POSITION.labels(self._store.log).set(state.head.position)
        UNSEALED.labels(self._store.log).set(state.waiting)
        self._tell(state.head)

    def _tell(self, head: Link) -> None:
        """Write the head to the log: outside of the database, where its owner cannot take it back."""
        now = self._clock.monotonic()
        if head.position != self._told and now - self._told_at >= HEAD_SECONDS:
            self._told, self._told_at = head.position, now
            get_logger().info("audit_sealed", log=self._store.log, position=head.position, mac=head_digits(head.mac))


def sealer(pool: Pool, log: str, secrets: tuple[str, ...], clock: Clock | None = None) -> Sealer:
    """Of one log; `secrets` are those of AUDIT_KEY."""
    return Sealer(SealStore(pool, log), LogKeys(secrets, log), clock or SystemClock())
