"""How many mailboxes a worker has in hand, and when the next one is taken."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import cast

import pytest

from flovify.api.queue.models import Lease
from flovify.api.queue.store import PostgresQueue
from flovify.api.worker.loop import LEASES_PER_SLOT, WorkerLoop
from tests.support.wait import until

SLOTS = 2


class Queue:
    """Never empty."""

    def __init__(self) -> None:
        self.taken = 0

    async def take(self, owner: str, _seconds: float, _limit: int) -> Lease:
        self.taken += 1
        return Lease(uuid.uuid4(), owner, self.taken, 0, ())

    async def extend(self, _lease: Lease, _seconds: float) -> bool:
        return True


@dataclass
class Hand:
    """One mailbox that is worked on, as the test wants it."""

    done_asking: Callable[[], None]
    ended: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Work:
    def __init__(self) -> None:
        self.hands: list[Hand] = []

    async def process(self, _lease: Lease, done_asking: Callable[[], None]) -> None:
        self.hands.append(Hand(done_asking))
        await self.hands[-1].ended


@pytest.fixture
async def work() -> AsyncIterator[Work]:
    made = Work()
    stop = asyncio.Event()
    loop = WorkerLoop(cast(PostgresQueue, Queue()), made, SLOTS, 30, drain_seconds=0)
    task = asyncio.create_task(loop.run(stop))
    await until(lambda: len(made.hands) == SLOTS, 5, "all slots in use", 0.001)
    yield made
    stop.set()
    await task


async def in_hand(work: Work, count: int) -> None:
    await until(lambda: len(work.hands) == count, 1, f"{count} mailboxes in hand", 0.001)


async def settled(work: Work, count: int) -> bool:
    """Whether it stays at so many after everything that could happen at once has happened."""
    for _ in range(50):
        await asyncio.sleep(0)
    return len(work.hands) == count


async def test_a_slot_is_another_s_as_soon_as_nothing_is_asked_any_more(work: Work) -> None:
    assert await settled(work, SLOTS)
    work.hands[0].done_asking()
    await in_hand(work, SLOTS + 1)
    work.hands[0].done_asking()
    assert await settled(work, SLOTS + 1), "said twice, it is still one slot"


async def test_what_is_being_settled_is_bounded_too(work: Work) -> None:
    most = SLOTS * LEASES_PER_SLOT
    for number in range(most):
        await in_hand(work, min(number + SLOTS, most))
        work.hands[number].done_asking()
    assert await settled(work, SLOTS * LEASES_PER_SLOT)
    work.hands[0].ended.set_result(None)
    await in_hand(work, SLOTS * LEASES_PER_SLOT + 1)


async def test_work_that_fails_gives_its_slot_back(work: Work) -> None:
    work.hands[1].ended.set_exception(RuntimeError("a mistake"))
    await in_hand(work, SLOTS + 1)
    work.hands[0].ended.set_result(None)
    await in_hand(work, SLOTS + 2)
