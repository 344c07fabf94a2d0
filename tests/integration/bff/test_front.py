from __future__ import annotations

import pytest

from tests.integration.bff.conftest import Door
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
GOOD = "POST /api/ms365/webhook HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: application/json\r\n"
AFTER = "GET /api/ms365/webhook?smuggled HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n"

# Each either means one request here, or none; `smuggled` must never arrive as a request of its own.
SMUGGLING = {
    "CL and TE": GOOD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + AFTER,
    "TE and CL": GOOD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + AFTER,
    "two lengths": GOOD + "Content-Length: 0\r\nContent-Length: 90\r\n\r\n" + AFTER,
    "two equal lengths": GOOD + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + AFTER,
    "list of lengths": GOOD + "Content-Length: 0, 90\r\n\r\n" + AFTER,
    "signed length": GOOD + "Content-Length: +0\r\n\r\n" + AFTER,
    "hexadecimal length": GOOD + "Content-Length: 0x0\r\n\r\n" + AFTER,
    "space before colon": GOOD + "Content-Length : 90\r\n\r\n" + AFTER,
    "unknown coding": GOOD + "Transfer-Encoding: xchunked\r\n\r\n" + AFTER,
    "two codings": GOOD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + AFTER,
    "folded coding": GOOD + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + AFTER,
    "bare line feeds": GOOD.replace("\r\n", "\n") + "Content-Length: 0\n\n" + AFTER,
    "negative chunk": GOOD + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n" + AFTER,
    "chunk of rubbish": GOOD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n0\r\n\r\n" + AFTER,
    "NUL in a header": GOOD + "X-A: a\0b\r\nContent-Length: 0\r\n\r\n" + AFTER,
    "two hosts": GOOD + "Host: evil.test\r\nContent-Length: 0\r\n\r\n" + AFTER,
    "two equal hosts": GOOD + "Host: localhost:{port}\r\nContent-Length: 0\r\n\r\n" + AFTER,
    "no host": GOOD.replace("Host: localhost:{port}\r\n", "") + "Content-Length: 0\r\n\r\n" + AFTER,
    "two service tokens": GOOD + "X-Service-Token: a\r\nX-Service-Token: b\r\nContent-Length: 0\r\n\r\n" + AFTER,
    "two authorizations": GOOD + "Authorization: a\r\nAuthorization: b\r\nContent-Length: 0\r\n\r\n" + AFTER,
}


@pytest.mark.parametrize("shape", SMUGGLING)
async def test_an_ambiguous_request_is_400_and_what_hides_behind_it_is_never_answered(door: Door, shape: str) -> None:
    reply = await door.raw(SMUGGLING[shape].format(port=door.port).encode())
    assert reply.startswith(b"HTTP/1.1 400 "), reply
    assert reply.count(b"HTTP/1.1 ") == 1
    assert door.api.seen == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:{port}", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:{port}", 200),
        ("[::1]:{port}", 200),
        ("localhost.evil.test", 421),
        ("evil.test", 421),
        ("localhost:{port}@evil.test", 421),
        ("evil.test:80:{port}", 421),
        ("", 421),
    ],
)
async def test_only_our_own_host_names_are_answered(door: Door, host: str, status: int) -> None:
    headers = {"Host": host.format(port=door.port)}
    async with door.http.get(f"{door.url}/bff/auth/health", headers=headers) as answer:
        assert answer.status == status
    async with door.http.get(f"{door.url}/bff/health", headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("target", ["http://evil.test/bff/session", "http://127.0.0.1:1/bff/session"])
async def test_an_absolute_target_goes_nowhere_else(door: Door, target: str) -> None:
    reply = await door.raw(
        f"GET {target} HTTP/1.1\r\nHost: localhost:{door.port}\r\nConnection: close\r\n\r\n".encode()
    )
    assert reply.split(b" ", 2)[1] in {b"400", b"401"}
    reply = await door.raw(f"GET {target} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n".encode())
    assert reply.split(b" ", 2)[1] in {b"400", b"421"}
    assert door.auth.seen == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/setup",
        "/admin/tenants",
        "/assets/none.js",
        "/bff/session",
        "/bff/health",
        "/nothing",
        "/bff/api/messages",
        "/bff/auth/health",
        "/auth/oauth/ms365/callback",
        "/api/ms365/webhook",
    ],
)
async def test_every_answer_carries_the_security_headers(door: Door, path: str) -> None:
    async with door.http.get(f"{door.url}{path}") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Correlation-Id"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in answer.headers
        assert "Server" not in answer.headers


async def test_the_log_has_one_event_a_request_and_neither_query_nor_cookie(door: Door) -> None:
    held = await door.sign_in()
    await door.call("GET", "/auth/oauth/ms365/callback?code=secret-code&state=secret-state")
    await door.call("GET", "/bff/api/events?q=private-words", headers=held)
    # The event is written once the answer is out, so it may come after the answer has been read.
    event = '"path": "/bff/api/events"'
    await until(lambda: event in door.process.output(), 10, "the event of the request")
    log = door.process.output()
    assert log.count(event) == 1
    for secret in ("secret-code", "secret-state", "private-words", held["Cookie"].split("=")[1], "right password"):
        assert secret not in log
