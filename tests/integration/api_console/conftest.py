"""The api in this process over a real database, a real sandbox process and a small auth: as in `api_graph`.

Made anew for each test, for the console's parts remember much: what is live, what was counted, who is connected.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from flovify.common.db import Pool
from flovify.common.http import create_session
from tests.integration.api_graph.conftest import sandbox_url
from tests.integration.api_graph.fake_auth import FakeAuth
from tests.integration.api_graph.running import Api, Sandbox
from tests.integration.api_graph.shared_api import running_api
from tests.support.postgres import Cluster
from tests.support.tables import Tables, shared_tables

__all__ = ["sandbox_url"]


@pytest.fixture
async def tables(cluster: Cluster) -> AsyncIterator[Tables]:
    async with shared_tables(cluster, max_size=8) as made:
        yield made


@pytest.fixture
def pool(tables: Tables) -> Pool:
    return tables.pool


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with create_session() as session:
        yield session


@pytest.fixture
async def sandbox(sandbox_url: str, http: aiohttp.ClientSession) -> AsyncIterator[Sandbox]:
    running = Sandbox(sandbox_url, http)
    yield running
    await running.clear_faults()


@pytest.fixture
async def auth() -> AsyncIterator[FakeAuth]:
    fake = FakeAuth()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def api(tables: Tables, sandbox: Sandbox, auth: FakeAuth) -> AsyncIterator[Api]:
    async with running_api(tables, sandbox, auth) as running, running.just_started() as started:
        yield started
