from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from tests.integration.bff.conftest import Door
from tests.integration.bff.services import Handler, problem
from tests.support.net import free_ports
from tests.support.processes import start, stop, wait_ready
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
SOON = 5


class Stream:
    """The api's stream of events; it writes what the test puts in, and knows whether somebody still reads."""

    def __init__(self) -> None:
        self.events: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.reading = 0

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"})
        await response.prepare(request)
        self.reading += 1
        gone = asyncio.ensure_future(self._gone(request))
        try:
            while not gone.done():
                event = asyncio.ensure_future(self.events.get())
                await asyncio.wait([event, gone], return_when=asyncio.FIRST_COMPLETED)
                if not event.done() or event.result() is None:
                    event.cancel()
                    break
                await response.write(event.result() or b"")
        finally:
            gone.cancel()
            self.reading -= 1
        return response

    async def _gone(self, request: web.Request) -> None:
        transport = request.transport
        await until(lambda: transport is None or transport.is_closing(), 60, "the reader's end")


@pytest.fixture
def stream(door: Door) -> Stream:
    made = Stream()
    handler: Handler = made.__call__
    door.api.answers["/api/stream"] = handler
    return made


async def test_each_event_arrives_at_once_and_the_place_to_go_on_is_passed(door: Door, stream: Stream) -> None:
    held = await door.sign_in()
    headers = {**held, "Last-Event-ID": "41", "Accept": "text/event-stream"}
    async with door.http.get(f"{door.url}/bff/stream", headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Content-Encoding" not in answer.headers
        for number in range(42, 47):
            sent = f'id: {number}\nevent: message.created\ndata: {{"kind":"message.created","ref":"x"}}\n\n'.encode()
            await stream.events.put(sent)
            # Nothing more is sent until this one has arrived.
            assert await asyncio.wait_for(answer.content.readexactly(len(sent)), SOON) == sent
    assert door.api.seen[-1].headers["last-event-id"] == "41"


async def test_a_browser_that_goes_away_ends_the_stream_at_the_api_though_nothing_happens(
    door: Door, stream: Stream
) -> None:
    held = await door.sign_in()
    answer = await door.http.get(f"{door.url}/bff/stream", headers=held)
    await until(lambda: stream.reading == 1, SOON, "the reader")
    answer.close()
    await until(lambda: stream.reading == 0, SOON, "the end at the api")


async def test_the_streams_own_end_is_a_clean_end(door: Door, stream: Stream) -> None:
    held = await door.sign_in()
    async with door.http.get(f"{door.url}/bff/stream", headers=held) as answer:
        await stream.events.put(b": ping\n\n")
        await stream.events.put(None)
        assert await asyncio.wait_for(answer.read(), SOON) == b": ping\n\n"


async def test_a_stream_that_breaks_off_ends_so_that_the_browser_comes_again(door: Door, stream: Stream) -> None:
    held = await door.sign_in()
    async with door.http.get(f"{door.url}/bff/stream", headers=held) as answer:
        await until(lambda: stream.reading == 1, SOON, "the reader")
        async with door.api.away():
            assert await asyncio.wait_for(answer.read(), 20) == b""


async def test_without_a_session_or_against_the_apis_will_it_is_a_problem(door: Door) -> None:
    status, body = await door.call("GET", "/bff/stream")
    assert (status, body["code"]) == (401, "not_signed_in")

    async def refuse(_request: web.Request) -> web.Response:
        return problem(503, "too_many_streams", "try again", Retry_After="9")

    door.api.answers["/api/stream"] = refuse
    held = await door.sign_in()
    async with door.http.get(f"{door.url}/bff/stream", headers=held) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "9")
        assert (await answer.json(content_type=None))["code"] == "too_many_streams"
    cross = {"Cookie": held["Cookie"], "Sec-Fetch-Site": "cross-site"}
    assert (await door.call("GET", "/bff/stream", headers=cross))[0] == 403


async def test_open_streams_do_not_hold_up_the_end_of_the_process(door: Door, stream: Stream) -> None:
    port, inner = free_ports(2)
    env = {"FLOVIFY_PORT": str(port), "FLOVIFY_BFF_INTERNAL_PORT": str(inner)}
    env |= {"FLOVIFY_AUTH_URL": door.auth.url, "FLOVIFY_API_URL": door.api.url}
    process = start(["serve", "bff"], {**env, "PUBLIC_URL": f"http://localhost:{port}"})
    try:
        await asyncio.to_thread(wait_ready, process, f"http://localhost:{port}/bff/ready", 120)
        held = await door.sign_in()
        cookie = f"flovify_sid_{port}={held['Cookie'].split('=', 1)[1]}"
        async with door.http.get(f"http://localhost:{port}/bff/stream", headers={"Cookie": cookie}) as answer:
            assert answer.status == 200
            await until(lambda: stream.reading == 1, SOON, "the reader")
            started = asyncio.get_running_loop().time()
            stopped = asyncio.create_task(asyncio.to_thread(process.terminate, 60))
            assert await asyncio.wait_for(answer.read(), SOON) == b""
            assert await stopped == 0
            assert asyncio.get_running_loop().time() - started < SOON
    finally:
        await asyncio.to_thread(stop, process)
