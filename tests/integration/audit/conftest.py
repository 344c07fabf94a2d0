from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.integration.audit.ground import Ground, prepared
from tests.support.postgres import Cluster


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_ground(cluster: Cluster) -> AsyncIterator[Ground]:
    async with prepared(cluster) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def ground(shared_ground: Ground) -> Ground:
    """Empty logs."""
    await shared_ground.empty()
    return shared_ground
