"""Keeps the revocations known: told by NOTIFY, read whole from auth after every gap and now and then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from flovify.api.queue.listener import Listener
from flovify.api.revocations.known import KnownRevocations
from flovify.api.revocations.models import Revoked
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger

# Of auth's trigger functions (auth/migrations/0014_revocations.sql). To LISTEN needs no right on any table.
CHANNEL = "flovify_revocations"
# Should a NOTIFY be lost.
NET_SECONDS = 30.0
# While nothing is told, or auth's list could not be read.
RETRY_SECONDS = 1.0
ASK_SECONDS = 3.0


class RevocationFeed:
    """Between `start` and `stop` it holds one connection of the pool."""

    def __init__(
        self,
        pool: Pool,
        ask: Callable[[], Awaitable[Revoked]],
        known: KnownRevocations,
        clock: Clock,
        *,
        net_seconds: float = NET_SECONDS,
    ) -> None:
        """`ask` reads auth's whole list and raises FlovifyError."""
        self._ask = ask
        self._known = known
        self._clock = clock
        self._net_seconds = net_seconds
        self._gap = asyncio.Event()
        self._listener = Listener(pool, CHANNEL, known.hear, self._gap.set)
        self._complete = True
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def listening(self) -> bool:
        """Whether a NOTIFY would be heard now."""
        return self._listener.listening

    async def start(self) -> None:
        """Read the list once, three seconds at most, and go on in the background; auth may still be away."""
        await self._read()
        self._tasks = [asyncio.create_task(self._listener.run()), asyncio.create_task(self._read_on())]

    async def stop(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _read_on(self) -> None:
        while True:
            told = self.listening and self._complete
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._net_seconds if told else RETRY_SECONDS):
                    await self._gap.wait()
            self._gap.clear()
            await self._read()

    async def _read(self) -> None:
        asked_at = self._clock.monotonic()
        self._known.forget_old()
        try:
            async with asyncio.timeout(ASK_SECONDS):
                told = await self._ask()
        except (FlovifyError, TimeoutError) as error:
            self._note(False, error)
        else:
            self._known.replace(told, asked_at)
            self._note(True, None)

    def _note(self, complete: bool, error: Exception | None) -> None:
        """A line in the log for each change, not for each try."""
        if complete != self._complete:
            if complete:
                get_logger().info("revocations_read_again")
            else:
                get_logger().warning("revocations_not_read", error=str(error) or type(error).__name__)
        self._complete = complete
