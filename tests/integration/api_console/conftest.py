"""The api of `api_graph`: in this process, over a real database, a real sandbox process and a small auth.

Its services are wired anew for each test, for the console's parts remember much: what is live, what was counted, who is
connected.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from flovify.common.db import Pool
from tests.integration.api_graph.conftest import (
    auth,
    http,
    pool,
    sandbox,
    sandbox_url,
    shared_api,
    shared_auth,
    shared_sandbox,
    tables,
)
from tests.integration.api_graph.fake_auth import FakeAuth
from tests.integration.api_graph.running import Api, Sandbox
from tests.integration.api_graph.shared_api import SharedApi

__all__ = ["auth", "http", "pool", "sandbox", "sandbox_url", "shared_api", "shared_auth", "shared_sandbox", "tables"]


@pytest_asyncio.fixture(loop_scope="module")
async def api(shared_api: SharedApi, pool: Pool, sandbox: Sandbox, auth: FakeAuth) -> AsyncIterator[Api]:
    shared_api.wire_anew()
    async with shared_api.just_started() as started:
        yield started
    for part in (started.deps.console.hub, started.deps.tenants):
        await asyncio.wait_for(part.close(), 20)
