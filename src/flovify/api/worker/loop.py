"""The worker's loop: takes mailboxes as long as slots are free, keeps their leases alive, drains at the end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import secrets
import socket
import uuid
from collections.abc import Callable
from typing import Protocol

from flovify.api.queue.models import Lease
from flovify.api.queue.store import PostgresQueue
from flovify.api.worker.metrics import LEASES
from flovify.common.db import DATABASE_ERRORS
from flovify.common.logs import get_logger

POLL_SECONDS = 2.0
DRAIN_SECONDS = 6.0
CANCEL_SECONDS = 1.5
EVENTS_PER_LEASE = 20
_TAKE_PAUSE_SECONDS = 1.0


# For each slot, so many mailboxes in hand: one that is asked about, and others whose results are being settled.
LEASES_PER_SLOT = 2


class Work(Protocol):
    """See `Processor`."""

    async def process(self, lease: Lease, done_asking: Callable[[], None]) -> None: ...


class WorkerLoop:
    """Several mailboxes at a time, one task each. A slot is held while the provider is asked; settling needs none."""

    def __init__(
        self,
        queue: PostgresQueue,
        processor: Work,
        concurrency: int,
        lease_seconds: float,
        *,
        drain_seconds: float = DRAIN_SECONDS,
    ) -> None:
        """`drain_seconds`: how long what is in hand may take to finish when the worker is told to stop."""
        self._queue = queue
        self._processor = processor
        self._concurrency = concurrency
        self._lease_seconds = lease_seconds
        self._drain_seconds = drain_seconds
        # Unlike any other worker's, and unlike ours of an earlier life with the same process id.
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._tasks: set[asyncio.Task[None]] = set()
        # Those of them that still ask the provider.
        self._asking: set[tuple[uuid.UUID, int]] = set()
        self._wake = asyncio.Event()

    @property
    def owner(self) -> str:
        """The name under which this worker holds mailboxes."""
        return self._owner

    @property
    def in_flight(self) -> int:
        """How many mailboxes are worked on at this moment."""
        return len(self._tasks)

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish what is in hand; what takes too long is given back instead."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _task: self.wake())
        try:
            while not stop.is_set():
                self._wake.clear()
                if not await self._fill():
                    await self._rest()
        finally:
            stopping.cancel()
            await self._drain()

    async def _fill(self) -> bool:
        """Take one mailbox if a slot is free; whether it is worth asking again at once."""
        if len(self._asking) >= self._concurrency or len(self._tasks) >= self._concurrency * LEASES_PER_SLOT:
            return False
        try:
            lease = await self._queue.take(self._owner, self._lease_seconds, EVENTS_PER_LEASE)
        except DATABASE_ERRORS as error:
            get_logger().warning("take_failed", error=type(error).__name__)
            await asyncio.sleep(_TAKE_PAUSE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
            return False
        if lease is None:
            return False
        self._asking.add((lease.tenant_id, lease.fence))
        task = asyncio.create_task(self._work(lease))
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return True

    async def _rest(self) -> None:
        """Until something is announced, a slot gets free, or it is time to look anyway."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS * random.uniform(0.75, 1.25)):  # noqa: S311
                await self._wake.wait()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            get_logger().error("lease_task_failed", error=type(error).__name__)
        self._wake.set()

    async def _work(self, lease: Lease) -> None:
        heartbeat = asyncio.create_task(self._keep(lease))
        try:
            with LEASES.track_inprogress():
                await self._processor.process(lease, lambda: self._free(lease))
        finally:
            heartbeat.cancel()
            self._free(lease)

    def _free(self, lease: Lease) -> None:
        """The slot is another's."""
        if (held := (lease.tenant_id, lease.fence)) in self._asking:
            self._asking.discard(held)
            self._wake.set()

    async def _keep(self, lease: Lease) -> None:
        """Extend the lease while it is worked on. Losing it is no danger, only wasted work: the finish is fenced."""
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            try:
                if not await self._queue.extend(lease, self._lease_seconds):
                    get_logger().warning("lease_lost", tenant=str(lease.tenant_id))
                    return
            except DATABASE_ERRORS as error:
                get_logger().warning("lease_not_extended", error=type(error).__name__)

    async def _drain(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._drain_seconds)
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CANCEL_SECONDS)
