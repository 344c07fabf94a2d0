from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.integration.auth.house import House, surroundings
from tests.support.postgres import Database


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    """A running auth with one administrator."""
    async with surroundings(database) as prepared:
        await prepared.start()
        yield prepared


@pytest.fixture
async def plot(database: Database) -> AsyncIterator[House]:
    """The same before auth is started."""
    async with surroundings(database) as prepared:
        yield prepared
