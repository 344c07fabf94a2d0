from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
POLL_SECONDS = 0.05


@overload
async def until(
    predicate: Callable[[], Awaitable[T | None]], timeout: float = ..., what: str = ..., poll: float = ...
) -> T: ...
@overload
async def until(predicate: Callable[[], T | None], timeout: float = ..., what: str = ..., poll: float = ...) -> T: ...


async def until(
    predicate: Callable[[], Any], timeout: float = 15, what: str = "the awaited state", poll: float = POLL_SECONDS
) -> Any:
    """Ask `predicate`, a plain or an async function, again and again until it answers something true; return that.

    Raises AssertionError naming `what` and the last answer after `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come within {timeout} s; last answer: {value!r}")
        await asyncio.sleep(poll)
