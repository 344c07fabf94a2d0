from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientPayloadError, web

from flovify.bff.proxy.table import TABLE, Way
from tests.integration.bff.conftest import HOP, Door
from tests.integration.bff.services import problem
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="session")
ID = "6f1c2f4e-7f0b-4c55-9f4c-0f3d3f2f1e0d"
AID = "AAMkAD_x-y="

BYPASSES = [
    "/bff/auth/internal/tenant-token",
    "/bff/auth/%69nternal/tenant-token",
    "/bff/auth/inter%6eal/tenant-token",
    "/bff/auth/tenants/../internal/tenant-token",
    "/bff/auth/tenants/%2e%2e/internal/tenant-token",
    "/bff/auth/tenants/.%2e/internal/tenant-token",
    "/bff/auth/tenants/%2e%2e%2finternal%2ftenant-token",
    "/bff/auth/tenants/..%2finternal",
    "/bff/auth/tenants/..;/internal/tenant-token",
    "/bff/auth/tenants;x=1",
    "/bff/auth//internal/tenant-token",
    "//bff/auth/tenants",
    "/bff//auth/tenants",
    "/bff/./auth/tenants",
    "/bff/auth/tenants/",
    "/bff/auth/tenants%2f" + ID,
    "/bff/auth/tenants/" + ID + "%00",
    "/bff/auth/tenants/" + ID + "%23",
    "/bff/auth/tenants/" + ID + "%3fx=1",
    "/bff/auth/tenants/" + ID.replace("-", ""),
    "/bff/auth/tenants/{" + ID + "}",
    "/bff/auth/tenants/urn:uuid:" + ID,
    "/bff/auth/tenants\\..\\internal",
    "/bff/auth/tenants%5c..%5cinternal",
    "/bff/auth/%74enants",
    "/bff/%61uth/tenants",
    "/%62ff/auth/tenants",
    "/BFF/auth/tenants",
    "/bff/auth/login",
    "/bff/auth/refresh",
    "/bff/auth/logout",
    "/bff/auth/.well-known/jwks.json",
    "/bff/auth/openapi.json",
    "/bff/auth/metrics",
    "/bff/api/metrics",
    "/bff/metrics",
    "/metrics",
    "/bff/api/internal/renew-subscription",
    "/bff/api/inter%6Eal/renew-subscription",
    "/bff/api/ms365/webhook",
    "/bff/api/openapi.json",
    "/bff/api/messages/..%2finternal%2frenew-subscription",
    f"/bff/api/messages/{ID}%2fraw",
    f"/bff/api/messages/{ID}/attachments/..",
    f"/bff/api/messages/{ID}/attachments/%2e%2e",
    f"/bff/api/messages/{ID}/attachments/a%2fb",
    f"/bff/api/messages/{ID}/attachments/a%252fb",
    f"/bff/api/messages/{ID}/attachments/a%c3%a9",
    f"/bff/api/messages/{ID}/attachments/" + "a" * 1025,
    "/bff/http://127.0.0.1/",
    "/bff/@evil.test/",
    "/auth/tenants",
    "/auth/login",
    "/auth/internal/tenant-token",
    "/auth/oauth/../internal/tenant-token",
    "/auth/oauth/ms365/authorize/../../../internal",
    "/auth/oauth/ms365/%61uthorize",
    "/auth/oauth/google/authorize",
    "/auth/oauth/ms365/other",
    "/auth/oauth/ms365/callback/mars",
    "/auth/oauth/ms365/link/../callback/mars",
    "/bff/auth/oauth/ms365/callback",
    "/bff/auth/oauth/ms365/link",
    "/bff/auth/error-words/a.b",
    "/auth/connect-links",
    "/api/internal/renew-subscription",
    "/api/ms365/webhook/",
    "/api/ms365/%77ebhook",
    "/api/ms365/webhook;x",
    "/api/ms365//webhook",
    "/assets/../index.html",
    "/assets/../../settings.py",
    "/assets/%2e%2e/%2e%2e/settings.py",
    "/assets/..%2f..%2fsettings.py",
    "/assets//etc/passwd",
    "/assets/",
    "/index.html",
    "/.vite/manifest.json",
    "/console/index.html",
    "/settings.py",
]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_is_not_in_the_table_does_not_exist(door: Door, method: str) -> None:
    held = await door.sign_in()
    door.forget()
    refusals = {"404", "400"} | ({"405"} if method == "POST" else set())
    statuses = {path: await _status_of_raw(door, method, path, held["Cookie"]) for path in BYPASSES}
    assert {path: status for path, status in statuses.items() if status not in refusals} == {}
    assert door.auth.seen == door.api.seen == []


async def _status_of_raw(door: Door, method: str, path: str, cookie: str) -> str:
    request = f"{method} {path} HTTP/1.1\r\nHost: localhost:{door.port}\r\nConnection: close\r\nX-Flovify: 1\r\n"
    answer = await door.raw(f"{request}Cookie: {cookie}\r\nX-Service-Token: x\r\n\r\n".encode())
    return answer.split(b" ", 2)[1].decode()


def _filled(way: Way) -> str:
    return way.path.format(id=ID, aid=AID, cid=ID, code="some_code")


def _outside(way: Way) -> str:
    return way.outside.format(id=ID, aid=AID, cid=ID, code="some_code")


@pytest.mark.parametrize("way", TABLE, ids=lambda way: f"{way.method} {way.path}")
async def test_every_way_of_the_table_reaches_its_one_address(door: Door, way: Way) -> None:
    path = _filled(way)
    held = await door.sign_in()
    door.forget()
    options = {"json": {"some": "body"}} if way.method == "POST" else {}
    status, body = await door.call(way.method, f"{_outside(way)}?a=%20b&a=c+d", headers=held, **options)
    assert status == 200
    expected = path.replace("=", "%3D") + "?a=%20b&a=c+d"
    assert body == {"service": way.service, "method": way.method, "target": expected}
    seen = [one for one in (door.auth if way.service == "auth" else door.api).seen if one.target == expected]
    assert seen[0].body == (b'{"some": "body"}' if options else b"")
    assert seen[0].headers.get("authorization", "").startswith("" if way.public else "Bearer access-of-ann")


@pytest.mark.parametrize("way", [way for way in TABLE if not way.public], ids=lambda way: f"{way.method} {way.path}")
async def test_without_a_session_nothing_is_passed_on(door: Door, way: Way) -> None:
    headers = {"X-Flovify": "1", "Authorization": "Bearer stolen"}
    status, body = await door.call(way.method, _outside(way), headers=headers)
    assert (status, body["code"]) == (401, "not_signed_in")
    assert door.auth.seen == door.api.seen == []


async def test_an_attachment_id_may_be_escaped(door: Door) -> None:
    held = await door.sign_in()
    door.forget()
    path = f"/api/messages/{ID}/attachments/AAMk%2Bx%3D"
    reply = await door.raw(
        f"GET /bff{path} HTTP/1.1\r\nHost: localhost:{door.port}\r\nConnection: close\r\n"
        f"Cookie: {held['Cookie']}\r\n\r\n".encode()
    )
    assert reply.startswith(b"HTTP/1.1 200 ")
    assert door.api.targets == [path]


async def test_only_listed_headers_pass_in_either_direction(door: Door) -> None:
    held = await door.sign_in()

    async def talkative(_request: web.Request) -> web.Response:
        headers = {
            "Set-Cookie": "evil=1",
            "Server": "secret/1.0",
            "X-Internal": "yes",
            "Location": "http://127.0.0.1:8012/",
            "Access-Control-Allow-Origin": "*",
            "Content-Security-Policy": "default-src *",
            "Cache-Control": "public",
            "ETag": '"1"',
        }
        return web.json_response({}, headers=headers)

    door.api.answers["/api/messages"] = talkative
    door.forget()
    sent = {
        "X-Service-Token": "guess",
        "X-User-Id": "1",
        "X-Forwarded-For": "1.2.3.4",
        "X-Forwarded-Host": "evil.test",
        "Forwarded": "for=1.2.3.4",
        "Connection": "close, X-Kept",
        "X-Kept": "1",
        "TE": "trailers",
        "Upgrade": "h2c",
        "Proxy-Authorization": "Basic eA==",
        "Authorization": "Bearer other",
        "X_Flovify": "1",
        "X-Flovify-Front-Door": "guess",
        "X-Correlation-Id": "chosen-by-the-caller",
        "User-Agent": "Browser/1.0 (\xe9)",
        "Accept": "application/json",
        "If-None-Match": '"1"',
    }
    async with door.http.get(f"{door.url}/bff/api/messages", headers={**held, **sent}) as answer:
        assert answer.status == 200
        got = {name.lower() for name in answer.headers}
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert got == {
        "content-type",
        "content-length",
        "etag",
        "date",
        "connection",
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
        "cache-control",
        "x-correlation-id",
    }
    (seen,) = door.api.seen
    assert set(seen.headers) == {
        "host",
        "accept",
        "accept-encoding",
        "authorization",
        "if-none-match",
        "user-agent",
        "x-correlation-id",
        "x-flovify-front-door",
        "x-forwarded-for",
    }
    assert seen.headers["x-flovify-front-door"] == HOP
    assert seen.headers["x-forwarded-for"] == "127.0.0.1"
    assert seen.headers["x-correlation-id"] == answer.headers["X-Correlation-Id"] == "chosen-by-the-caller"
    assert seen.headers["user-agent"] == "Browser/1.0 ()"
    assert seen.headers["host"] == f"127.0.0.1:{door.api.port}"
    assert seen.headers["authorization"].startswith("Bearer access-of-ann")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_of_a_service_is_neither_followed_nor_passed_on(door: Door, status: int) -> None:
    held = await door.sign_in()

    async def away(_request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Location": f"{door.auth.url}/auth/internal/tenant-token"})

    door.api.answers["/api/messages"] = away
    door.forget()
    got, body = await door.call("GET", "/bff/api/messages", headers=held)
    assert (got, body["code"]) == (502, "api_bad_answer")
    assert door.auth.seen == []


async def test_problems_of_a_service_arrive_as_they_are(door: Door) -> None:
    held = await door.sign_in()

    async def gone(_request: web.Request) -> web.Response:
        return problem(409, "reconnect_required", "connect again", Retry_After="3")

    door.api.answers["/api/ms365/subscriptions"] = gone
    async with door.http.post(f"{door.url}/bff/api/ms365/subscriptions", json={}, headers=held) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (409, "3")
        assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
        assert (await answer.json(content_type=None))["code"] == "reconnect_required"


async def test_a_service_that_is_away_is_named(door: Door) -> None:
    held = await door.sign_in()
    async with door.api.away():
        async with door.http.get(f"{door.url}/bff/api/messages", headers=held) as answer:
            body = await answer.json(content_type=None)
            assert (answer.status, body["code"], answer.headers["Retry-After"]) == (503, "api_unavailable", "1")
        assert (await door.call("GET", "/bff/api/health"))[0] == 503
        assert (await door.call("GET", "/bff/auth/health"))[0] == 200
        status, body = await door.call("GET", "/bff/ready")
        assert (status, body["checks"]["auth"], body["checks"]["api"]) == (503, "ok", "UpstreamAway")
    assert (await door.call("GET", "/bff/api/messages", headers=held))[0] == 200


async def test_large_answers_are_streamed_with_their_length(door: Door) -> None:
    held = await door.sign_in()
    content = bytes(range(256)) * 4096 * 8

    async def large(_request: web.Request) -> web.Response:
        headers = {"Content-Disposition": 'attachment; filename="x.bin"'}
        return web.Response(body=content, content_type="application/octet-stream", headers=headers)

    path = f"/api/messages/{ID}/attachments/{AID}"
    door.api.answers[path.replace("=", "%3D")] = large
    async with door.http.get(f"{door.url}/bff{path}", headers=held) as answer:
        assert answer.headers["Content-Length"] == str(len(content))
        assert answer.headers["Content-Disposition"] == 'attachment; filename="x.bin"'
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert await answer.read() == content


async def test_the_first_bytes_arrive_before_the_last_are_there_and_a_break_is_no_full_answer(door: Door) -> None:
    held = await door.sign_in()
    goes_on = asyncio.Event()

    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await goes_on.wait()
        assert request.transport
        request.transport.abort()
        return response

    door.api.answers[f"/api/messages/{ID}/raw"] = trickle
    async with door.http.get(f"{door.url}/bff/api/messages/{ID}/raw", headers=held) as answer:
        assert await answer.content.read(5) == b"first"
        goes_on.set()
        with pytest.raises(ClientPayloadError):
            await answer.content.read()


async def test_a_reader_who_goes_away_ends_the_download_at_the_service(door: Door) -> None:
    held = await door.sign_in()
    ended = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        finally:
            ended.set()

    door.api.answers[f"/api/messages/{ID}/raw"] = endless
    async with door.http.get(f"{door.url}/bff/api/messages/{ID}/raw", headers=held) as answer:
        await answer.content.read(5)
        answer.close()
    await until(ended.is_set, 10, "the end of the download")


async def test_a_body_over_the_cap_is_refused(door: Door) -> None:
    held = await door.sign_in()
    door.forget()
    head = f"POST /bff/api/ms365/subscriptions HTTP/1.1\r\nHost: localhost:{door.port}\r\nX-Flovify: 1\r\n"
    head += f"Cookie: {held['Cookie']}\r\nContent-Type: application/json\r\nContent-Length: {2**20 + 1}\r\n\r\n"
    reply = await door.raw(head.encode())
    assert reply.startswith(b"HTTP/1.1 413 ")
    assert b'"body_too_large"' in reply
    assert door.api.seen == []


BODY = f"/api/messages/{ID}/body"
BODY_POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


async def test_a_mail_body_comes_under_the_services_own_policy(door: Door) -> None:
    held = await door.sign_in()

    async def body(_request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": BODY_POLICY, "X-Blocked-Images": "3", "X-Inline-Images": "1"}
        return web.Response(text="<p>Hello", content_type="text/html", headers={**headers, "Set-Cookie": "x=1"})

    door.api.answers[BODY] = body
    frame = {"Cookie": held["Cookie"], "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "iframe"}
    async with door.http.get(f"{door.url}/bff{BODY}?images=true", headers=frame) as answer:
        assert answer.headers.getall("Content-Security-Policy") == [BODY_POLICY]
        assert (answer.headers["X-Blocked-Images"], answer.headers["X-Inline-Images"]) == ("3", "1")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Set-Cookie" not in answer.headers
    assert door.api.targets[-1] == f"{BODY}?images=true"


async def test_a_mail_body_without_a_policy_is_shown_nowhere(door: Door) -> None:
    held = await door.sign_in()

    async def body(_request: web.Request) -> web.Response:
        return web.Response(text="<script>1</script>", content_type="text/html")

    door.api.answers[BODY] = body
    async with door.http.get(f"{door.url}/bff{BODY}", headers=held) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert policy.endswith("sandbox")


async def test_who_may_do_what_is_the_services_own_affair(door: Door) -> None:
    """No role is looked at here: the call reaches the service with the user's token, and its refusal comes back."""
    held = await door.sign_in()

    async def forbidden(_request: web.Request) -> web.Response:
        return problem(403, "forbidden", "this needs the role operator")

    door.api.answers[f"/api/dead-letters/{ID}/replay"] = forbidden
    status, body = await door.call("POST", f"/bff/api/dead-letters/{ID}/replay", headers=held)
    assert (status, body["detail"]) == (403, "this needs the role operator")
    assert door.api.seen[-1].headers["authorization"].startswith("Bearer access-of-ann")
