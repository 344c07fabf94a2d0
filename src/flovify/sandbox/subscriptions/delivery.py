"""Notifications on their way to subscribers: gathered for a moment, posted, and tried again until taken.

Source: graph/change-notifications-delivery-webhooks (2026-04-22): delivered is any 2xx within 3 seconds; otherwise
retries with exponential backoff for up to 4 hours, each given 10 seconds. Order is not promised.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import aiohttp
import msgspec
from yarl import URL

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.subscriptions.attempts import AttemptLog, masked
from flovify.sandbox.subscriptions.channel import Channel
from flovify.sandbox.subscriptions.models import Attempt, Pending

FIRST_DEADLINE_SECONDS = 3.0
RETRY_DEADLINE_SECONDS = 10.0
FIRST_BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 600.0
GIVE_UP_AFTER = timedelta(hours=4)


class DeliveryEngine:
    """Owns the channels and their tasks. `save` and `forget` keep what is under way over a restart."""

    def __init__(
        self, clock: SandboxClock, save: Callable[[Pending], None], forget: Callable[[list[Pending]], None]
    ) -> None:
        self._clock = clock
        self._save = save
        self._forget = forget
        self._session: aiohttp.ClientSession | None = None
        self._early: list[Pending] = []
        self._channels: dict[tuple[str, str, int], Channel] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self.attempts = AttemptLog()

    def start(self, session: aiohttp.ClientSession) -> None:
        """Begin to post; what was added before goes out now."""
        self._session = session
        early, self._early = self._early, []
        for pending in early:
            self.resume(pending)

    async def stop(self) -> None:
        """End all tasks; what was not delivered stays saved."""
        self._session = None
        await asyncio.gather(*self._cancelled(), return_exceptions=True)

    def clear(self) -> None:
        """Drop what is on its way and the record of attempts."""
        self._cancelled()
        self._early.clear()
        self.attempts.clear()

    def _cancelled(self) -> list[asyncio.Task[None]]:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        self._channels.clear()
        return tasks

    def add(self, pending: Pending) -> None:
        """Take over one new notification."""
        self._save(pending)
        self.resume(pending)

    def resume(self, pending: Pending) -> None:
        """Take over one notification that is saved already; one that is not due yet waits for its time."""
        if self._session is None:
            self._early.append(pending)
        elif pending.queued_at > self._clock.now():
            self.spawn(self._hold(pending))
        else:
            self._channel(pending).add(pending)

    async def _hold(self, pending: Pending) -> None:
        while (seconds := (pending.queued_at - self._clock.now()).total_seconds()) > 0:
            await self._wait(seconds)
        self._channel(pending).add(pending)

    def retry_now(self) -> None:
        """End all waits between attempts, and look again what is due: to be called after the clock was moved."""
        self._wake.set()
        self._wake = asyncio.Event()

    def _channel(self, pending: Pending) -> Channel:
        # Copies of one notification must not meet in one POST.
        key = pending.url, pending.channel, pending.copy
        if key not in self._channels:
            self._channels[key] = Channel(self, pending.url)
        return self._channels[key]

    def spawn(self, work: object) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def post(self, url: str, batch: list[Pending]) -> bool:
        """One attempt for all items together; True when the answer is a 2xx in time."""
        attempt = batch[0].attempts + 1
        started = time.monotonic()
        status, error = await self._send(url, batch, RETRY_DEADLINE_SECONDS if attempt > 1 else FIRST_DEADLINE_SECONDS)
        record = Attempt(
            at=self._clock.now(),
            url=url,
            channel=batch[0].channel,
            items=len(batch),
            subscription_ids=tuple(dict.fromkeys(one.subscription_id for one in batch)),
            attempt=attempt,
            status=status,
            error=error,
            milliseconds=int((time.monotonic() - started) * 1000),
            body=[masked(one.item) for one in batch],
        )
        self.attempts.add(record)
        for pending in batch:
            pending.attempts = attempt
        return record.delivered

    async def _send(self, url: str, batch: list[Pending], seconds: float) -> tuple[int | None, str | None]:
        if self._session is None:
            return None, "stopped"
        body = msgspec.json.encode({"value": [one.item for one in batch]})
        headers = {"Content-Type": "application/json; charset=utf-8"}
        try:
            async with asyncio.timeout(seconds):
                target = URL(url, encoded=True)
                async with self._session.post(target, data=body, headers=headers, allow_redirects=False) as answer:
                    return answer.status, None
        except TimeoutError:
            return None, f"no answer within {seconds:g} s"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return None, type(error).__name__

    def still_wanted(self, batch: list[Pending]) -> bool:
        return self._clock.now() - batch[0].queued_at < GIVE_UP_AFTER

    async def back_off(self, attempts: int) -> None:
        await self._wait(min(FIRST_BACKOFF_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_BACKOFF_SECONDS))

    async def _wait(self, seconds: float) -> None:
        """Until so much time is over, or the clock was moved."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return

    def settle(self, batch: list[Pending]) -> None:
        """Delivered, or given up after four hours: either way the items are done with."""
        self._forget(batch)

    @property
    def busy(self) -> bool:
        """Whether anything waits or is being delivered."""
        return bool(self._tasks or self._early)
