"""The stream over a real connection."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from flovify.common.server import Listener, serve
from tests.integration.api_console.messages.house import House, message
from tests.support.net import free_ports
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADERS = {"X-Role": "viewer"}


@asynccontextmanager
async def listening(house: House, stop: asyncio.Event) -> AsyncIterator[str]:
    [port] = free_ports(1)
    started = asyncio.Event()

    async def tell() -> None:
        started.set()

    listener = Listener(house.app, "127.0.0.1", port)
    serving = asyncio.create_task(serve([listener], drain_seconds=20, on_started=tell, stop=stop))
    ending = asyncio.create_task(house.console.hub.close_when(stop))
    await asyncio.wait_for(started.wait(), 20)
    yield f"http://127.0.0.1:{port}/api/stream"
    stop.set()
    await asyncio.wait_for(asyncio.gather(serving, ending), 10)


async def lines_until(response: aiohttp.ClientResponse, wanted: str) -> list[str]:
    seen: list[str] = []
    async with asyncio.timeout(20):
        async for line in response.content:
            seen.append(line.decode().strip())
            if seen[-1] == wanted:
                return seen
    raise AssertionError(f"the stream ended after {seen}")


async def test_a_stored_message_is_told_while_it_is_stored(house: House) -> None:
    async with (
        listening(house, asyncio.Event()) as url,
        aiohttp.ClientSession() as session,
        session.get(url, headers=HEADERS) as response,
    ):
        assert response.headers["Content-Type"].startswith("text/event-stream")
        assert response.headers["Cache-Control"] == "no-store"
        first = await lines_until(response, "")
        assert first[0].startswith("retry: ")
        await house.store(message("a"))
        seen = await lines_until(response, f'data: {{"kind":"message.created","ref":"{house.tenant}"}}')
        assert seen[-2] == "event: message.created"
        last_id = seen[-3].removeprefix("id: ")
        await house.dead()
        async with session.get(url, headers={**HEADERS, "Last-Event-ID": last_id}) as again:
            await lines_until(again, "event: deadletter.created")


async def test_a_client_that_leaves_frees_its_place_also_in_a_quiet_hour(house: House) -> None:
    async with listening(house, asyncio.Event()) as url, aiohttp.ClientSession() as session:
        response = await session.get(url, headers=HEADERS)
        await lines_until(response, "")
        assert len(house.console.hub._followers) == 1
        response.close()
        await until(lambda: not house.console.hub._followers, 5, "the follower's end")


async def test_a_shutdown_does_not_wait_for_streams(house: House) -> None:
    stop = asyncio.Event()
    async with listening(house, stop) as url, aiohttp.ClientSession() as session:
        response = await session.get(url, headers=HEADERS)
        await lines_until(response, "")
        stop.set()
        async with asyncio.timeout(5):
            await response.content.read()
