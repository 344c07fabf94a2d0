from __future__ import annotations

import asyncio

import pytest

from flovify.common.single_flight import SingleFlight


class Oracle:
    """Answers when it is let, and keeps what it was asked."""

    def __init__(self, flights: SingleFlight[str, int]) -> None:
        self.flights = flights
        self.gate = asyncio.Event()
        self.asked = 0
        self.kept: list[int] = []
        self.error: Exception | None = None

    async def question(self) -> int:
        self.asked += 1
        number = self.asked
        await self.gate.wait()
        if self.error:
            raise self.error
        if self.flights.wanted("key"):
            self.kept.append(number)
        return number

    def ask(self) -> asyncio.Task[int]:
        return asyncio.create_task(self.flights.ask("key", self.question))


@pytest.fixture
def oracle() -> Oracle:
    return Oracle(SingleFlight())


async def test_all_who_wait_get_the_one_answer_and_the_next_asks_anew(oracle: Oracle) -> None:
    waiting = [oracle.ask() for _ in range(5)]
    await asyncio.sleep(0)
    oracle.gate.set()
    assert await asyncio.gather(*waiting) == [1] * 5
    assert await oracle.ask() == 2
    assert oracle.kept == [1, 2]


async def test_who_gives_up_takes_nothing_from_the_others(oracle: Oracle) -> None:
    leaving, staying = oracle.ask(), oracle.ask()
    await asyncio.sleep(0)
    leaving.cancel()
    oracle.gate.set()
    assert await staying == 1
    assert oracle.asked == 1


async def test_an_error_is_everybodys_once(oracle: Oracle) -> None:
    oracle.error = LookupError("no")
    waiting = [oracle.ask() for _ in range(3)]
    await asyncio.sleep(0)
    oracle.gate.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in found] == [LookupError] * 3
    oracle.error = None
    assert await oracle.ask() == 2


async def test_what_was_forgotten_is_asked_anew_and_not_kept(oracle: Oracle) -> None:
    before = oracle.ask()
    await asyncio.sleep(0)
    oracle.flights.forget("key")
    after = oracle.ask()
    await asyncio.sleep(0)
    oracle.gate.set()
    assert (await before, await after) == (1, 2)
    assert oracle.kept == [2]
