from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.access.ground import Ground, running_ground
from tests.integration.auth.house import surroundings
from tests.support.postgres import Cluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(cluster: Cluster) -> AsyncIterator[Ground]:
    """Three services for all tests of a module; each makes people of its own."""
    async with cluster.fresh(migrated=True) as database, surroundings(database) as house:
        await house.start()
        async with running_ground(house) as running:
            yield running
