from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLL_SECONDS = 0.05


async def until(
    predicate: Callable[[], Awaitable[T] | T],
    timeout: float = 15,
    what: str = "the awaited state",
) -> T:
    """Ask `predicate` again and again until it answers something true, and return that.

    Raises AssertionError naming `what` and the last answer after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        value: T = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {timeout} s; last answer: {value!r}")
        await asyncio.sleep(POLL_SECONDS)
