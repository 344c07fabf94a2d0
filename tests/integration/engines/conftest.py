from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from flovify.common.db import Pool
from tests.support.postgres import Cluster
from tests.support.tables import Tables, empty, shared_tables


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tables(cluster: Cluster) -> AsyncIterator[Tables]:
    """One database for all tests of a module."""
    async with shared_tables(cluster, max_size=20) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def pool(tables: Tables) -> Pool:
    """The api role's pool over the module's database as it is when just migrated."""
    await empty(tables.owner)
    return tables.pool
