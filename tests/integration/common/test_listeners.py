"""Deadlines and sizes of a listener, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from flovify.common.listener.limits import BodyRule, Limits
from tests.integration.common.small_app import LARGE, SmallApp
from tests.integration.common.sockets import Place, served
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEADER, BODY, IDLE = 0.3, 0.3, 0.6
MAX_BODY = 100_000
LIMITS = Limits(
    body=BodyRule(MAX_BODY, BODY),
    by_path={
        "/own": BodyRule(10, 0.1, own=True),
        "/unread": BodyRule(10, 0.1, own=True),
        "/small": BodyRule(10, BODY),
    },
    header_seconds=HEADER,
    idle_seconds=IDLE,
    linger_seconds=0.2,
    flush_seconds=0.3,
)
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNK = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def small_app() -> SmallApp:
    return SmallApp()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def listener(small_app: SmallApp) -> AsyncIterator[Place]:
    async with served(small_app, LIMITS, "test_listeners") as place:
        yield place


@pytest_asyncio.fixture(loop_scope="module")
async def place(listener: Place, small_app: SmallApp) -> AsyncIterator[Place]:
    small_app.gate.clear()
    small_app.left.clear()
    small_app.longest = 0
    yield listener
    small_app.gate.set()
    await listener.empty()
    await until(lambda: small_app.inside == 0, what="the end of all requests")


def assert_refused(answer: bytes, status: int, code: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status), answer
    assert b"content-type: application/problem+json" in head
    assert b"connection: close" in head
    problem = json.loads(body)
    assert (problem["status"], problem["code"], problem["type"]) == (status, code, "about:blank")


async def test_a_silent_connection_is_closed_without_words(place: Place) -> None:
    before, began = place.refused("header_slow"), asyncio.get_running_loop().time()
    assert await place.ask() == b""
    assert HEADER / 2 < asyncio.get_running_loop().time() - began < HEADER * 2
    assert place.refused("header_slow") == before + 1


async def test_a_dripping_header_is_408_however_steadily_it_drips(place: Place) -> None:
    client = await place.connect()
    await client.send(b"GET / HTTP/1.1\r\nX: ")
    assert_refused(await client.drip(b"x"), 408, "headers_too_slow")


async def test_between_requests_there_is_more_time_until_the_next_one_begins(place: Place) -> None:
    client, loop = await place.connect(), asyncio.get_running_loop()
    await client.send(GET + b"\r\n")
    assert b"200 OK" in await client.answer()
    assert await client.read(HEADER * 1.2) is None
    began = loop.time()
    await client.send(b"GET /")
    assert_refused(await client.rest(), 408, "headers_too_slow")
    assert HEADER / 2 < loop.time() - began < HEADER * 2


async def test_a_kept_connection_is_closed_when_it_has_been_idle(place: Place) -> None:
    client = await place.connect()
    for _ in range(50):
        await client.send(POST + b"Content-Length: 3\r\n\r\nabc")
        assert (await client.answer()).endswith(b"\r\n\r\n3")
    assert await client.rest() == b""
    assert place.refused("full") == 0


@pytest.mark.parametrize(
    ("head", "status", "code"),
    [
        (GET + b"A: " + b"x" * 16_384, 431, "headers_too_large"),
        (GET + b"A: " + b"x" * 16_384 + b"\r\n\r\n", 431, "headers_too_large"),
        (GET + b"A: " + b"x" * 2**23, 431, "headers_too_large"),
        (GET + b"".join(b"A%d: x\r\n" % number for number in range(100)) + b"\r\n", 431, "headers_too_large"),
        (GET + b"".join(b"A%d: x\r\n" % number for number in range(10_000)), 431, "headers_too_large"),
        (b"GET /" + b"x" * 8192, 414, "target_too_long"),
        (b"GET /" + b"x" * 8192 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target_too_long"),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "target_too_long"),
        (b"\x16\x03\x01 no HTTP at all\r\n\r\n", 400, "malformed_request"),
    ],
)
async def test_a_head_of_too_much_is_refused_whole_or_not(place: Place, head: bytes, status: int, code: str) -> None:
    reason = "malformed" if status == 400 else "header_large"
    before = place.refused(reason)
    assert_refused(await place.ask(head), status, code)
    assert place.refused(reason) == before + 1


async def test_a_head_of_just_enough_is_answered(place: Place) -> None:
    client = await place.connect()
    await client.send(GET + b"".join(b"A%d: x\r\n" % number for number in range(99)) + b"\r\n")
    assert b"200 OK" in await client.answer()
    for piece in (b"GET /" + b"x" * 8191, b" HTTP/1.1\r\nHost: x\r\nA: ", b"x" * 8000, b"\r\n\r\n"):
        await client.send(piece)
    assert b"200 OK" in await client.answer()


async def test_a_declared_length_over_the_cap_is_refused_before_the_body(place: Place, small_app: SmallApp) -> None:
    for length in (MAX_BODY + 1, 10**10, 10**19):
        assert_refused(await place.ask(POST + b"Content-Length: %d\r\n\r\n" % length), 413, "body_too_large")
    answer = await place.ask(b"POST /small?x=1 HTTP/1.1\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
    assert_refused(answer, 413, "body_too_large")
    assert small_app.inside == 0


async def test_a_body_without_length_is_refused_at_the_cap(place: Place, small_app: SmallApp) -> None:
    before = place.refused("body_large")
    answer = await place.ask(POST + b"Transfer-Encoding: chunked\r\n\r\n", *([CHUNK] * 4))
    assert_refused(answer, 413, "body_too_large")
    assert small_app.left == ["/"]
    assert place.refused("body_large") == before + 1


@pytest.mark.parametrize("path", [b"/", b"/unread", b"/stuck"])
@pytest.mark.parametrize("how", [b"Content-Length: 67108864", b"Transfer-Encoding: chunked"])
async def test_of_64_mib_few_bytes_are_taken_whatever_the_route_does(
    place: Place, small_app: SmallApp, path: bytes, how: bytes
) -> None:
    client = await place.connect()
    await client.send(b"POST %b HTTP/1.1\r\nHost: x\r\n%b\r\n\r\n" % (path, how))
    sending = asyncio.create_task(_send_all(client.send))
    if path == b"/stuck" and b"chunked" in how:
        await until(lambda: small_app.inside == 1, what="the route")
        small_app.gate.set()
    await sending
    # The sockets' own buffers are a part of it, some 4 MiB on loopback.
    assert client.taken < 16 * 2**20
    assert small_app.longest <= MAX_BODY


async def _send_all(send: object) -> None:
    assert callable(send)
    for _ in range(64 * 2**20 // 0x8000):
        if not await send(CHUNK):
            return


async def test_a_refused_client_may_finish_a_sentence_and_is_then_cut_off(place: Place) -> None:
    client = await place.connect()
    await client.send(POST + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1))
    assert_refused(await client.rest(), 413, "body_too_large")
    # Closed at once, the connection would be reset by the first of these, and with it what is not yet read.
    for _ in range(3):
        assert await client.send(b"x" * 1000)
    while await client.send(CHUNK):
        pass
    assert client.taken < 16 * 2**20


async def test_a_dripping_body_is_408_and_the_route_hears_of_it(place: Place, small_app: SmallApp) -> None:
    client, before = await place.connect(), place.refused("body_slow")
    await client.send(POST + b"Content-Length: 1000\r\n\r\n")
    assert_refused(await client.drip(b"x"), 408, "body_too_slow")
    assert small_app.left == ["/"]
    assert place.refused("body_slow") == before + 1


async def test_a_route_with_its_own_words_keeps_them(place: Place) -> None:
    client = await place.connect()
    await client.send(b"POST /own HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\n" + b"x" * 11)
    assert await client.read(HEADER * 1.2) is None
    await client.send(b"x" * 9)
    assert (await client.answer()).endswith(b"\r\n\r\n20")


async def test_trailers_are_no_headers_and_have_an_end(place: Place, small_app: SmallApp) -> None:
    start = POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    client = await place.connect()
    await client.send(start + b"0\r\nX-Service-Token: x\r\n\r\n")
    assert (await client.answer()).endswith(b"\r\n\r\n1")
    assert b"x-service-token" not in dict(small_app.headers)
    client = await place.connect()
    await client.send(start)
    assert_refused(await client.drip(b"0\r\nA: " + b"x" * 4096, 0.005), 431, "headers_too_large")


async def test_an_answer_takes_as_long_as_it_takes(place: Place, small_app: SmallApp) -> None:
    waiting, streaming = await place.connect(), await place.connect()
    await waiting.send(b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")
    await streaming.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"begun" in (await streaming.read() or b"")
    assert await waiting.read(IDLE * 1.3) is None
    assert await streaming.is_open()
    small_app.gate.set()
    assert b"200 OK" in await waiting.answer()


LARGE_ANSWER = b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


async def test_an_answer_that_nobody_takes_has_an_end(place: Place) -> None:
    before, client = place.refused("answer_slow"), await place.connect()
    await client.send(LARGE_ANSWER)
    await until(lambda: place.refused("answer_slow") == before + 1, 2, "the end of the answer")
    assert place.open == 0


async def test_an_answer_that_is_taken_slowly_is_sent_whole(place: Place) -> None:
    client, loop, taken = await place.connect(), asyncio.get_running_loop(), 0
    await client.send(LARGE_ANSWER)
    began = loop.time()
    while taken < LARGE and (piece := await client.read()):
        taken += len(piece)
        if loop.time() - began < LIMITS.flush_seconds * 2:
            await asyncio.sleep(0.002)  # it is slow
    assert taken >= LARGE


async def test_a_half_closed_client_gets_its_answer(place: Place, small_app: SmallApp) -> None:
    client = await place.connect()
    await client.send(b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")
    client.say_no_more()
    assert await client.is_open()
    small_app.gate.set()
    assert b"200 OK" in await client.rest()


@pytest.mark.parametrize("sent", [b"", b"GET / HT", POST + b"Content-Length: 5\r\n\r\nx"])
async def test_a_half_closed_client_without_a_whole_request_is_closed_at_once(place: Place, sent: bytes) -> None:
    client, loop = await place.connect(), asyncio.get_running_loop()
    await client.send(sent)
    client.say_no_more()
    began = loop.time()
    assert await client.rest() == b""
    assert loop.time() - began < HEADER / 2


async def test_a_stream_ends_when_its_client_leaves(place: Place, small_app: SmallApp) -> None:
    client = await place.connect()
    await client.send(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    await client.read()
    await client.close()
    await until(lambda: small_app.left == ["/stream"], 1, "the end of the stream")


@pytest.mark.parametrize("second", [b"no HTTP\r\n\r\n", GET + b"A: " + b"x" * 20_000 + b"\r\n\r\n"])
async def test_a_bad_request_does_not_spoil_the_answer_before_it(
    place: Place, small_app: SmallApp, second: bytes
) -> None:
    client = await place.connect()
    await client.send(b"GET /gate HTTP/1.1\r\nHost: x\r\n\r\n")
    await until(lambda: small_app.inside == 1, what="the first request")
    await client.send(second)
    assert await client.is_open()
    small_app.gate.set()
    answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.count(b"HTTP/1.1") == 1


async def test_requests_in_one_piece_are_answered_in_turn(place: Place) -> None:
    client = await place.connect()
    await client.send((POST + b"Content-Length: 1\r\n\r\nx") * 3 + b"GET / HTTP/1.1\r\n")
    answers = b""
    while answers.count(b"200 OK") < 3:
        answers += await client.read() or b""
    await client.send(b"Host: x\r\n\r\n")
    assert (await client.answer()).endswith(b"\r\n\r\n0")
