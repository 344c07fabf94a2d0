"""Requests answered without an application: the same limits, the same order, the same end."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from flovify.common.listener.limits import BodyRule, Limits
from tests.integration.common.small_app import SmallApp
from tests.integration.common.sockets import Place, served
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
LIMITS = Limits(by_path={"/direct": BodyRule(1000, 0.3, own=True)}, header_seconds=0.4, idle_seconds=0.4)


class Route:
    """Takes bodies that begin with `ok`; answers when the test says so, with the body in a header."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[bytes]] = []
        self.at_once = True
        self.seen: list[tuple[bytes, str]] = []

    def begin(
        self, _headers: list[tuple[bytes, bytes]], body: bytes, correlation_id: str
    ) -> asyncio.Future[bytes] | None:
        if not body.startswith(b"ok"):
            return None
        self.seen.append((body, correlation_id))
        made: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        if self.at_once:
            made.set_result(body)
        else:
            self.waiting.append(made)
        return made

    def answer(self, done: asyncio.Future[bytes], seconds: float) -> bytes:
        assert seconds >= 0
        return b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nx-body: %b\r\n" % done.result()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def route() -> Route:
    return Route()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def listener(route: Route) -> AsyncIterator[Place]:
    async with served(SmallApp(), LIMITS, "test_direct", {"/direct": route}) as place:
        yield place


@pytest_asyncio.fixture(loop_scope="module")
async def place(listener: Place, route: Route) -> AsyncIterator[Place]:
    route.at_once = True
    route.waiting.clear()
    route.seen.clear()
    yield listener
    await listener.empty()


def request(body: bytes, *headers: bytes, path: bytes = b"/direct", method: bytes = b"POST") -> bytes:
    lines = [b"%b %b HTTP/1.1" % (method, path), b"Host: x", b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


CLOSE = b"Connection: close"


async def test_one_piece_is_answered_by_the_route_with_its_id_and_the_connection_goes_on(
    place: Place, route: Route
) -> None:
    client = await place.connect()
    for number in range(3):
        await client.send(request(b"ok%d" % number, b"X-Correlation-Id: of-the-caller-%d" % number))
        answer = await client.answer()
        assert answer.startswith(b"HTTP/1.1 202 Accepted\r\n")
        assert b"x-body: ok%d\r\n" % number in answer
        assert answer.count(b"x-correlation-id: of-the-caller-%d\r\n" % number) == 1
        assert b"\r\ndate: " in answer
        assert b"connection: close" not in answer
    assert route.seen == [(b"ok%d" % number, f"of-the-caller-{number}") for number in range(3)]


async def test_without_an_id_or_with_a_bad_one_each_gets_its_own(place: Place, route: Route) -> None:
    for head in (b"X-Other: 1", b"X-Correlation-Id: <script>"):
        answer = await place.ask(request(b"ok", head, CLOSE))
        (told,) = re.findall(rb"x-correlation-id: ([0-9a-f-]{36})\r\n", answer)
        assert route.seen[-1][1] == told.decode()
    assert len({one for _, one in route.seen}) == 2


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (request(b"no", CLOSE), b"2"),
        (request(b"ok", CLOSE, path=b"/direct?x=1"), b"2"),
        (request(b"ok", CLOSE, path=b"/other"), b"2"),
        (request(b"ok", CLOSE, method=b"PUT"), b"2"),
    ],
)
async def test_what_the_route_does_not_want_is_the_application_s(
    place: Place, route: Route, given: bytes, expected: bytes
) -> None:
    answer = await place.ask(given)
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\n" + expected)
    assert route.seen == []


async def test_a_body_that_comes_in_pieces_is_the_application_s(place: Place, route: Route) -> None:
    whole = request(b"ok-in-two", CLOSE)
    for cut in (len(whole) - 1, len(whole) - 9):
        client = await place.connect()
        await client.send(whole[:cut])
        assert await client.read(0.05) is None
        await client.send(whole[cut:])
        assert (await client.rest()).endswith(b"\r\n\r\n9")
    assert route.seen == []


async def test_a_chunked_body_in_one_piece_is_the_route_s(place: Place, route: Route) -> None:
    head = b"POST /direct HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b"x-body: okay" in await place.ask(head + b"2\r\nok\r\n2\r\nay\r\n0\r\n\r\n")
    assert [body for body, _ in route.seen] == [b"okay"]


async def test_who_waits_for_100_continue_gets_it(place: Place, route: Route) -> None:
    client = await place.connect()
    await client.send(request(b"ok", b"Expect: 100-continue", CLOSE)[:-2])
    assert await client.read() == b"HTTP/1.1 100 Continue\r\n\r\n"
    await client.send(b"ok")
    assert (await client.rest()).endswith(b"\r\n\r\n2")


async def test_of_an_old_protocol_the_connection_ends_with_the_answer(place: Place) -> None:
    answer = await place.ask(request(b"ok").replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert answer.startswith(b"HTTP/1.1 202 ")
    assert answer.endswith(b"connection: close\r\n\r\n")


async def test_pipelined_requests_are_answered_in_their_order_whoever_answers(place: Place, route: Route) -> None:
    route.at_once = False
    client = await place.connect()
    await client.send(request(b"ok-first") + request(b"no") + request(b"ok-last", CLOSE))
    await until(lambda: len(route.waiting) == 1, what="the first")
    assert await client.read(0.05) is None
    route.at_once = True
    route.waiting[0].set_result(b"ok-first")
    found = await client.rest()
    assert re.findall(rb"HTTP/1.1 (\d+) ", found) == [b"202", b"200", b"200"]
    assert found.endswith(b"\r\n\r\n7"), "behind another it is the application's"


async def test_a_client_that_goes_away_harms_nobody(place: Place, route: Route) -> None:
    route.at_once = False
    client = await place.connect()
    await client.send(request(b"ok"))
    await until(lambda: len(route.waiting) == 1, what="the request")
    await client.close()
    route.waiting[0].set_result(b"late")
    await until(lambda: place.open == 0, what="the end of the connection")
    route.at_once = True
    assert b"x-body: ok\r\n" in await place.ask(request(b"ok", CLOSE))


async def test_a_client_that_says_no_more_still_gets_its_answer(place: Place, route: Route) -> None:
    route.at_once = False
    client = await place.connect()
    await client.send(request(b"ok"))
    client.say_no_more()
    await until(lambda: len(route.waiting) == 1, what="the request")
    route.waiting[0].set_result(b"ok")
    assert (await client.rest()).startswith(b"HTTP/1.1 202 ")


async def test_the_listener_s_own_limits_come_first(place: Place, route: Route) -> None:
    long = b"X: " + b"x" * 20_000
    assert (await place.ask(request(b"ok", long))).startswith(b"HTTP/1.1 431 ")
    client = await place.connect()
    await client.send(request(b"ok", b"X-Long: 1")[:-4])
    assert (await client.rest()).startswith(b"HTTP/1.1 408 ")
    assert route.seen == []


async def test_garbage_behind_a_request_does_not_spoil_its_answer(place: Place, route: Route) -> None:
    route.at_once = False
    client = await place.connect()
    await client.send(request(b"ok") + b"garbage\r\n\r\n")
    await until(lambda: len(route.waiting) == 1, what="the request")
    route.waiting[0].set_result(b"ok")
    assert (await client.rest()).startswith(b"HTTP/1.1 202 ")


async def test_a_listener_that_ends_waits_for_what_it_owes(route: Route) -> None:
    route.at_once = False
    route.waiting.clear()
    async with served(SmallApp(), LIMITS, "test_direct_end", {"/direct": route}) as place:
        client = await place.connect()
        await client.send(request(b"ok"))
        await until(lambda: len(route.waiting) == 1, what="the request")
        asyncio.get_running_loop().call_later(0.2, route.waiting[0].set_result, b"ok")
    found = await client.rest()
    assert found.startswith(b"HTTP/1.1 202 ")
    assert found.endswith(b"connection: close\r\n\r\n")
    await client.close()
