from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from tests.integration.bff.conftest import HOP, Door

pytestmark = pytest.mark.asyncio(loop_scope="session")
PATH = "/api/ms365/webhook"
JSON = {"Content-Type": "application/json"}
QUERIES = [
    "validationToken=Validation%3A%20Testing%20client%20application%20reachability%20for%20id%3A%20a%2Bb",
    "validationToken=a%20b%2Bc+d",
    "validationToken=%e2%82%AC&validationToken=%zz&&=;/?:@!$'()*,",
    "validationToken=",
    "a",
    "x=%00%0d%0aSet-Cookie:x=1",
]


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("query", QUERIES)
async def test_the_query_arrives_byte_for_byte(door: Door, method: str, query: str) -> None:
    request = f"{method} {PATH}?{query} HTTP/1.1\r\nHost: localhost:{door.port}\r\nConnection: close\r\n\r\n"
    answer = await door.raw(request.encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert [(one.method, one.target) for one in door.api.seen] == [(method, f"{PATH}?{query}")]


@pytest.mark.parametrize("body", [b"", b"{}", bytes(range(256)), b'{"value":"\xff\x00\xf0"}', b"x" * 2**20])
async def test_the_body_arrives_byte_for_byte(door: Door, body: bytes) -> None:
    headers = {"Content-Type": "application/json;charset=UTF-8; odd"}
    async with door.http.post(f"{door.url}{PATH}", data=body, headers=headers) as answer:
        assert answer.status == 200
    (seen,) = door.api.seen
    assert seen.body == body
    assert seen.headers["content-type"] == "application/json;charset=UTF-8; odd"
    assert "transfer-encoding" not in seen.headers


async def test_nothing_of_the_sender_but_the_content_type_is_passed_on(door: Door) -> None:
    held = await door.sign_in()
    door.forget()
    sent = {**held, **JSON, "Authorization": "Bearer x", "X-Service-Token": "x", "X-Forwarded-For": "1.1.1.1"}
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers=sent) as answer:
        assert answer.status == 200
        assert door.api.seen[0].headers["x-correlation-id"] == answer.headers["X-Correlation-Id"]
    assert set(door.api.seen[0].headers) == {
        "host", "content-type", "content-length", "accept-encoding", "x-forwarded-for", "x-flovify-front-door",
        "x-correlation-id",
    }  # fmt: skip
    assert door.api.seen[0].headers["x-forwarded-for"] == "127.0.0.1"
    assert door.api.seen[0].headers["x-flovify-front-door"] == HOP


async def test_a_body_in_chunks_goes_on_in_one_piece(door: Door) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost:{door.port}\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
    reply = await door.raw(f"{head}Content-Type: application/json\r\n\r\n2\r\n{{}}\r\n3\r\n   \r\n0\r\n\r\n".encode())
    assert reply.startswith(b"HTTP/1.1 200 ")
    assert door.api.seen[0].body == b"{}   "
    assert door.api.seen[0].headers["content-length"] == "5"


@pytest.mark.parametrize(("status", "body"), [(200, b"a b+c"), (202, b""), (400, b""), (415, b""), (503, b"")])
async def test_the_answer_comes_back_as_it_is(door: Door, status: int, body: bytes) -> None:
    async def chosen(_request: web.Request) -> web.Response:
        headers = {"Retry-After": "1", "Allow": "POST", "Set-Cookie": "x=1", "Server": "inner"}
        return web.Response(status=status, body=body, content_type="text/plain", charset="utf-8", headers=headers)

    door.api.answers[PATH] = chosen
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers=JSON) as answer:
        assert (answer.status, await answer.read()) == (status, body)
        got = {name.lower(): value for name, value in answer.headers.items()}
    assert got["content-type"] == "text/plain; charset=utf-8"
    assert (got["retry-after"], got["allow"]) == ("1", "POST")
    assert got["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in got["content-security-policy"]
    assert "set-cookie" not in got


async def test_a_redirect_is_not_followed(door: Door) -> None:
    async def away(_request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": f"{door.auth.url}/auth/internal/tenant-token"})

    door.api.answers[PATH] = away
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers=JSON, allow_redirects=False) as answer:
        assert answer.status == 307
        assert "Location" not in answer.headers
    assert door.auth.seen == []


async def test_while_the_api_is_away_microsoft_is_asked_to_come_again(door: Door) -> None:
    async with door.api.away(), door.http.post(f"{door.url}{PATH}", data=b"{}", headers=JSON) as answer:
        assert (answer.status, answer.headers["Retry-After"], await answer.read()) == (503, "1", b"")
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers=JSON) as answer:
        assert answer.status == 200


async def test_an_api_that_does_not_answer_in_time_is_503_within_microsofts_limit(door: Door) -> None:
    hanging = asyncio.Event()

    async def hang(_request: web.Request) -> web.Response:
        await hanging.wait()
        return web.Response(status=202)

    door.api.answers[PATH] = hang
    started = asyncio.get_running_loop().time()
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers=JSON) as answer:
        assert answer.status == 503
    hanging.set()
    assert 2.5 < asyncio.get_running_loop().time() - started < 8


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"])
async def test_other_methods_are_refused_here(door: Door, method: str) -> None:
    async with door.http.request(method, f"{door.url}{PATH}") as answer:
        assert (answer.status, answer.headers["Allow"], await answer.read()) == (405, "POST", b"")
    assert door.api.seen == []


async def test_a_body_over_the_cap_is_413_and_never_reaches_the_api(door: Door) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost:{door.port}\r\n"
    for length in (2**20 + 1, 10**10):
        reply = await door.raw(f"{head}Content-Length: {length}\r\n\r\n".encode())
        assert reply.startswith(b"HTTP/1.1 413 ")
    chunk = b"10000\r\n" + bytes(65536) + b"\r\n"
    reply = await door.raw(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 17)
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert door.api.seen == []


async def test_a_trickled_body_is_408_after_two_seconds(door: Door) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: localhost:{door.port}\r\nContent-Length: 100\r\n\r\n{{"
    reply = await door.raw(head.encode())
    assert reply.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in reply
    assert door.api.seen == []


async def test_the_host_of_the_webhook_url_is_answered_for_the_webhook_only(door: Door) -> None:
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers={"Host": "tunnel.example.net"}) as answer:
        assert answer.status == 200
    async with door.http.post(f"{door.url}{PATH}", data=b"{}", headers={"Host": "evil.test"}) as answer:
        assert answer.status == 421
    status, body = await door.call("GET", "/", headers={"Host": "tunnel.example.net"})
    assert (status, body["code"]) == (421, "wrong_host")
