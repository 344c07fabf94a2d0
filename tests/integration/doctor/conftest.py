from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.integration.doctor.ground import Ground
from tests.support.postgres import Cluster
from tests.support.stack import SALES, running_stack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ground(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ground]:
    """A whole installation that is well, with one connected account; whoever breaks it mends it."""
    folder = tmp_path_factory.mktemp("doctor")
    async with cluster.fresh(migrated=True) as database, running_stack(database, folder / "data") as stack:
        account = await stack.connect(SALES)
        await stack.subscribe(account)
        yield Ground(stack, account, folder, cluster.postgres.dsn("flovify_super", database.name))
