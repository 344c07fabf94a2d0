"""Who is let in when a listener's places are taken, over real sockets."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio

from flovify.common.listener.limits import BodyRule, Limits
from tests.integration.common.small_app import SmallApp
from tests.integration.common.sockets import Client, Place, served
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PLACES, SHARE, RESERVE = 6, 3, 2
PROXY = "127.0.0.99"
LIMITS = Limits(
    body=BodyRule(1000, 5),
    linger_seconds=0.2,
    max_connections=PLACES,
    max_per_address=SHARE,
    exempt=(ipaddress.ip_network(PROXY),),
    reserve=RESERVE,
    body_grace_seconds=0.1,
)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
GATE = b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n"
HEALTH = b"GET /some/health HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small_app() -> SmallApp:
    return SmallApp()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def listener(small_app: SmallApp) -> AsyncIterator[Place]:
    async with served(small_app, LIMITS, "test_listener_shares") as place:
        yield place


@pytest_asyncio.fixture(loop_scope="module")
async def place(listener: Place, small_app: SmallApp) -> AsyncIterator[Place]:
    small_app.gate.clear()
    yield listener
    small_app.gate.set()
    await listener.empty()


async def connected(place: Place, count: int, request: bytes = b"") -> list[Client]:
    """So many connections, each from an address of its own, in this order."""
    found = []
    for number in range(count):
        found.append(await place.connect(f"127.0.1.{number + 1}"))
        await found[-1].send(request)
        await until(partial(_has, place, number + 1), what="the connection", poll=0.005)
    return found


def _has(place: Place, count: int) -> bool:
    return place.open == count


async def test_one_address_has_its_share_and_no_more(place: Place) -> None:
    mine = [await place.connect("127.0.0.2") for _ in range(SHARE)]
    await until(lambda: place.open == SHARE, what="the share")
    before = place.refused("per_address")
    answer = await place.ask(GET, source="127.0.0.2")
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 2" in answer
    assert b"too_many_connections" in answer
    assert place.refused("per_address") == before + 1
    assert place.open == SHARE
    other = await place.connect("127.0.0.3")
    await other.send(GET)
    assert b"200 OK" in await other.answer()
    await mine.pop().close()
    await until(lambda: place.open == SHARE, what="a free place")
    again = await place.connect("127.0.0.2")
    await again.send(GET)
    assert b"200 OK" in await again.answer()


async def test_a_declared_proxy_is_not_counted(place: Place) -> None:
    clients = [await place.connect(PROXY) for _ in range(SHARE + 2)]
    for client in clients:
        await client.send(GET)
        assert b"200 OK" in await client.answer()


async def test_the_longest_idle_goes_for_a_newcomer(place: Place) -> None:
    before = place.refused("full")
    clients = await connected(place, PLACES)
    newcomer = await place.connect("127.0.0.9")
    await newcomer.send(GET)
    assert b"200 OK" in await newcomer.answer()
    assert await clients[0].rest() == b""
    for client in clients[1:]:
        assert await client.is_open()
        await client.send(GET)
        assert b"200 OK" in await client.answer()
    assert place.refused("full") == before + 1


async def test_a_request_that_is_being_answered_is_never_given_up(place: Place, small_app: SmallApp) -> None:
    busy = (await connected(place, 1, GATE))[0]
    await until(lambda: small_app.inside == 1, what="the request")
    silent = [await place.connect(PROXY) for _ in range(PLACES - 1)]
    for _ in range(PLACES):
        newcomer = await place.connect(PROXY)
        await newcomer.send(GET)
        assert b"200 OK" in await newcomer.answer()
    assert await silent[0].rest() == b""
    small_app.gate.set()
    assert b"200 OK" in await busy.answer()


async def test_a_body_that_does_not_come_is_given_up_too(place: Place) -> None:
    slow = await connected(place, PLACES, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nx")
    assert await slow[-1].read(LIMITS.body_grace_seconds * 1.5) is None
    newcomer = await place.connect("127.0.0.9")
    await newcomer.send(GET)
    assert b"200 OK" in await newcomer.answer()
    assert await slow[0].rest() == b""


async def test_with_all_places_busy_only_a_probe_is_answered(place: Place, small_app: SmallApp) -> None:
    busy = await connected(place, PLACES, GATE)
    await until(lambda: small_app.inside == PLACES, what="all requests")
    assert (await place.ask(GET, source="127.0.0.9")).startswith(b"HTTP/1.1 503 ")
    # Silent ones in the reserve cannot keep a probe out.
    silent = [await place.connect("127.0.0.9") for _ in range(RESERVE)]
    answer = await place.ask(HEALTH, source="127.0.0.10")
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert b"connection: close" in answer
    assert await silent[0].rest() == b""
    small_app.gate.set()
    for client in busy:
        assert b"200 OK" in await client.answer()


async def test_with_reserve_and_places_busy_nobody_is_let_in(place: Place, small_app: SmallApp) -> None:
    await connected(place, PLACES, GATE)
    probes = [await place.connect(PROXY) for _ in range(RESERVE)]
    for probe in probes:
        await probe.send(b"POST /gate/health HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
    await until(lambda: small_app.inside == PLACES + RESERVE, what="all requests")
    answer = await place.ask(source=PROXY)
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after" in answer
