from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest
import pytest_asyncio

from flovify.common.db import Pool
from flovify.common.http import create_session
from tests.integration.api_graph.fake_auth import FakeAuth
from tests.integration.api_graph.running import Api, Sandbox
from tests.integration.api_graph.shared_api import SharedApi, running_api
from tests.support.net import free_ports
from tests.support.postgres import Cluster
from tests.support.processes import spawn
from tests.support.tables import Tables, empty, shared_tables

# Made once a module, because that takes time; each test gets them as if they had just been made.


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tables(cluster: Cluster) -> AsyncIterator[Tables]:
    async with shared_tables(cluster, max_size=8) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def pool(tables: Tables) -> Pool:
    """The api's own role on a database as it is when just migrated."""
    await empty(tables.owner)
    return tables.pool


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with create_session() as session:
        yield session


@pytest.fixture(scope="session")
def sandbox_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real sandbox process for all tests of this folder; each test makes mailboxes of its own."""
    port, tls, proxy, smtp = free_ports(4)
    env = {
        "FLOVIFY_DATA_DIR": str(tmp_path_factory.mktemp("sandbox")),
        "FLOVIFY_SANDBOX_PORT": str(port),
        "FLOVIFY_SANDBOX_TLS_PORT": str(tls),
        "FLOVIFY_SANDBOX_PROXY_PORT": str(proxy),
        "FLOVIFY_SANDBOX_SMTP_PORT": str(smtp),
        "FLOVIFY_SANDBOX_ALLOW_HTTP": "1",
    }
    with spawn(["sandbox"], env, f"http://localhost:{port}/_sandbox/mailboxes", 60):
        yield f"http://localhost:{port}"


@pytest.fixture(scope="module")
def shared_sandbox(sandbox_url: str, http: aiohttp.ClientSession) -> Sandbox:
    return Sandbox(sandbox_url, http)


@pytest_asyncio.fixture(loop_scope="module")
async def sandbox(shared_sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    yield shared_sandbox
    await shared_sandbox.clear_faults()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_auth() -> AsyncIterator[FakeAuth]:
    fake = FakeAuth()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def auth(shared_auth: FakeAuth) -> FakeAuth:
    await shared_auth.reset()
    return shared_auth


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_api(tables: Tables, shared_sandbox: Sandbox, shared_auth: FakeAuth) -> AsyncIterator[SharedApi]:
    async with running_api(tables, shared_sandbox, shared_auth) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def api(shared_api: SharedApi, pool: Pool, sandbox: Sandbox, auth: FakeAuth) -> AsyncIterator[Api]:
    """Both listeners of the api in this process, over an empty database and the sandbox."""
    async with shared_api.just_started() as started:
        yield started
