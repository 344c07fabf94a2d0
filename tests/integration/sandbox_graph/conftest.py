from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import aiohttp
import pytest

from tests.integration.sandbox_graph.world import SALES, Graph, Receiver, Sandbox, SandboxProcess, open_receiver


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """One process for all tests: it takes seconds to start, and a reset takes none."""
    process = SandboxProcess(tmp_path_factory.mktemp("sandbox"))
    process.start()
    try:
        yield process
    finally:
        process.stop()


@pytest.fixture
async def sandbox(sandbox_process: SandboxProcess) -> AsyncIterator[Sandbox]:
    async with aiohttp.ClientSession() as http:
        sandbox = Sandbox(sandbox_process, http)
        await sandbox.control("POST", "/reset")
        yield sandbox


@pytest.fixture
async def graph(sandbox: Sandbox) -> Graph:
    return await sandbox.sign_in(SALES)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with open_receiver() as receiver:
        yield receiver
