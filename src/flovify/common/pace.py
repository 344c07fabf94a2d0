"""Passing time: between two looks, and in long work beside others, which rests more than it works."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

# What passes the time between two batches: until it is over, or the event is set.
Pause = Callable[[asyncio.Event, float], Awaitable[None]]
# So many times as long as a batch took nothing is done.
REST = 4


def rest_seconds(began: float) -> float:
    """How long to rest after a batch that began at this `time.monotonic()` and is over now."""
    return (time.monotonic() - began) * REST


async def wait(event: asyncio.Event, seconds: float) -> None:
    """Let so much time pass, or less where `event` is set before."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
