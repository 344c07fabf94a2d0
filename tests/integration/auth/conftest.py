from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.auth.house import House, surroundings
from tests.support.postgres import Cluster, Database


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_house(cluster: Cluster) -> AsyncIterator[House]:
    """A running auth with one administrator, for all tests of a module."""
    async with cluster.fresh(migrated=True) as database, surroundings(database) as prepared:
        await prepared.start()
        yield prepared


@pytest_asyncio.fixture(loop_scope="module")
async def house(shared_house: House) -> House:
    """The same as if it had just been started."""
    await shared_house.reset()
    return shared_house


@pytest.fixture
async def plot(database: Database) -> AsyncIterator[House]:
    """A place for an auth that the test starts itself."""
    async with surroundings(database) as prepared:
        yield prepared
