from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from flovify.api.app import create_app
from flovify.api.deps import wire
from flovify.api.intake.routes import intake_routes
from flovify.api.intake.service import Intake
from flovify.api.internal_app import create_internal_app
from flovify.api.settings import ApiSettings
from flovify.common.clock import SystemClock
from flovify.common.db import Pool, create_pool
from flovify.common.http import create_session
from flovify.common.server import Listener, serve
from flovify.common.settings import load
from tests.integration.api_graph.fake_auth import SECRET, FakeAuth
from tests.integration.api_graph.running import Api, Sandbox
from tests.support.net import free_ports
from tests.support.postgres import Database
from tests.support.processes import spawn


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """The api's own role on a fresh database."""
    made = await create_pool(database.api_dsn, application_name="test", max_size=8)
    yield made
    await asyncio.wait_for(made.close(), 20)


@pytest.fixture
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
async def api(database: Database, pool: Pool, sandbox: Sandbox, auth: FakeAuth) -> AsyncIterator[Api]:
    """Both listeners of the api in this process, over a real database and the sandbox."""
    public, internal = free_ports(2)
    settings = load(
        ApiSettings,
        {
            "DATABASE_URL": database.api_dsn,
            "SERVICE_SECRET": SECRET,
            "AUTH_SERVICE_URL": auth.url,
            "MS365_WEBHOOK_URL": f"http://localhost:{public}/api/ms365/webhook",
            "MS365_CLIENT_STATE": "client-state-" + uuid.uuid4().hex,
            "MICROSOFT_GRAPH_URL": sandbox.url,
            "FLOVIFY_API_PORT": str(public),
            "FLOVIFY_API_INTERNAL_PORT": str(internal),
        },
    )
    session = create_session()
    deps = wire(settings, pool, session, SystemClock())
    intake = Intake(deps)
    await intake.start()
    stop, started = asyncio.Event(), asyncio.Event()

    async def tell() -> None:
        started.set()

    listeners = [
        Listener(create_app(deps, intake_routes(intake)), "127.0.0.1", public),
        Listener(create_internal_app(deps), "127.0.0.1", internal),
    ]
    serving = asyncio.create_task(serve(listeners, drain_seconds=2, on_started=tell, stop=stop))
    await asyncio.wait_for(started.wait(), 20)
    yield Api(deps, auth, sandbox, f"http://localhost:{public}", f"http://localhost:{internal}", sandbox.http)
    stop.set()
    # Apart, so that a hang names what hangs.
    await asyncio.wait_for(serving, 20)
    await asyncio.wait_for(intake.stop(), 20)
    await asyncio.wait_for(session.close(), 20)
