from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.integration.sandbox_entra.client import Entra, Sandbox


@pytest.fixture(scope="session")
def running_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One process for all tests that do not end it."""
    sandbox = Sandbox(tmp_path_factory.mktemp("sandbox"))
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(family=socket.AF_INET, force_close=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


@pytest.fixture
async def entra(running_sandbox: Sandbox, http: aiohttp.ClientSession) -> Entra:
    """As on the first start: no consent, no tokens, no faults."""
    found = Entra(running_sandbox, http)
    await found.control("POST", "/reset")
    return found


@pytest.fixture
async def own_entra(tmp_path_factory: pytest.TempPathFactory, http: aiohttp.ClientSession) -> AsyncIterator[Entra]:
    """A process of its own, for tests that end it."""
    sandbox = Sandbox(tmp_path_factory.mktemp("own-sandbox"))
    sandbox.start()
    yield Entra(sandbox, http)
    sandbox.stop()
