from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from flovify.common.db import Pool, create_pool
from tests.support.postgres import Database


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """The api's own role on a fresh database."""
    made = await create_pool(database.api_dsn, application_name="test", max_size=8)
    yield made
    await made.close()


# TEMPORARY while auth has no migrations
import asyncio  # noqa: E402

import asyncpg  # noqa: E402

from flovify.common import migrations  # noqa: E402
from tests.support.postgres import Cluster  # noqa: E402


class ApiCluster(Cluster):
    async def _make_template(self) -> None:
        database = await self.create(self.template)
        await migrations.apply(database.owner_dsn, [migrations.Schema("api", "flovify.api.migrations")])


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    running = ApiCluster(tmp_path_factory.mktemp("postgres"))
    running.start()
    yield running
    running.stop()
