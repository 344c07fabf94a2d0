"""The queue for the hasher: nobody takes all of it."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest

from flovify.auth.users.passwords import KEPT_PLACES, MAX_OF_ONE_NETWORK, MAX_WAITING, Passwords
from flovify.common.errors import Unavailable
from tests.support.tasks import waiting


async def test_one_network_takes_a_part_of_the_places_and_unknown_browsers_leave_some() -> None:
    passwords = Passwords()
    async with AsyncExitStack() as stack:
        await _all_slots(passwords, stack)
        await waiting(stack, [passwords.turn("198.51.100.0/24") for _ in range(MAX_OF_ONE_NETWORK)])
        with pytest.raises(Unavailable):
            await passwords.turn("198.51.100.0/24").__aenter__()
        left = MAX_WAITING - KEPT_PLACES - MAX_OF_ONE_NETWORK
        await waiting(stack, [passwords.turn(f"192.0.{number}.0/24") for number in range(left)])
        with pytest.raises(Unavailable):
            await passwords.turn("203.0.113.0/24").__aenter__()
        await waiting(stack, [passwords.turn() for _ in range(KEPT_PLACES)])
        with pytest.raises(Unavailable):
            await passwords.turn().__aenter__()


async def test_places_are_free_again_when_those_who_waited_are_gone() -> None:
    passwords = Passwords()
    async with AsyncExitStack() as stack:
        await _all_slots(passwords, stack)
        await waiting(stack, [passwords.turn("198.51.100.0/24") for _ in range(MAX_OF_ONE_NETWORK)])
    async with passwords.turn("198.51.100.0/24"):
        pass
    assert await passwords.verify(None, "x") is False


async def _all_slots(passwords: Passwords, stack: AsyncExitStack) -> None:
    while not passwords._slots.locked():
        await stack.enter_async_context(passwords.turn())
