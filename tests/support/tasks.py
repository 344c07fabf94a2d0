"""Things that wait for their turn."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any


async def waiting(stack: AsyncExitStack, turns: Sequence[AbstractAsyncContextManager[Any]]) -> None:
    """Have each wait to be entered; they give up when the stack is closed."""
    tasks = [asyncio.create_task(turn.__aenter__()) for turn in turns]

    async def give_up() -> None:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    stack.push_async_callback(give_up)
    await asyncio.sleep(0)  # each runs until it waits
    assert not any(task.done() for task in tasks)
