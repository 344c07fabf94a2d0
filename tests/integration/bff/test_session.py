from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web

from flovify import __version__
from tests.integration.bff.conftest import CHANGE, Door
from tests.integration.bff.services import problem

pytestmark = pytest.mark.asyncio(loop_scope="session")
GOOD = {"email": "ann@example.com", "password": "right password"}


async def test_sign_in_sets_exactly_these_cookies_and_never_shows_a_token(door: Door) -> None:
    async with door.http.post(f"{door.url}/bff/session", json=GOOD, headers=CHANGE) as answer:
        body = await answer.json()
        cookies = answer.headers.getall("Set-Cookie")
    token = next(iter(door.auth.sessions.keys() - {""}), "")
    assert body == {
        "user": {"id": "u1", "email": "ann@example.com", "role": "administrator"},
        "expires_at": "2030-01-01T00:00:00+00:00",
        "version": __version__,
        "environment": "development",
        "sandbox": False,
        "https": False,
        "connecting": True,
    }
    held = cookies[0].split(";")[0].split("=", 1)[1]
    assert held in door.auth.sessions
    assert token
    assert cookies[0] == f"{door.cookie_name}={held}; HttpOnly; Path=/; SameSite=strict"
    assert cookies[1].startswith('flovify_oauth_tx=""; expires=')
    assert cookies[1].endswith("; HttpOnly; Max-Age=0; Path=/auth/oauth; SameSite=lax")
    assert answer.headers["Cache-Control"] == "no-store"
    assert held not in str(body)


async def test_a_browser_is_known_again_after_it_signed_out(door: Door) -> None:
    sent: list[str] = []

    async def login(request: web.Request) -> web.Response:
        given = await request.json()
        sent.append(given["device"])
        door.auth.sessions["s" * 43] = given["email"]
        answer = door.auth._signed_in("s" * 43)
        body = {**json.loads(answer.text or ""), "device_token": None if given["device"] else "d" * 43}
        return web.json_response(body)

    door.auth.answers["/auth/login"] = login
    name = f"flovify_device_{door.port}"
    async with door.http.post(f"{door.url}/bff/session", json=GOOD, headers=CHANGE) as answer:
        kept = [text for text in answer.headers.getall("Set-Cookie") if text.startswith(name)]
        assert "d" * 43 not in await answer.text()
    assert kept[0].startswith(f"{name}={'d' * 43}; ")
    assert {"HttpOnly", "Max-Age=15552000", "Path=/", "SameSite=strict"} <= set(kept[0].split("; "))
    device = {**CHANGE, "Cookie": f"{name}={'d' * 43}"}
    async with door.http.delete(f"{door.url}/bff/session", headers=device) as answer:
        assert not [text for text in answer.headers.getall("Set-Cookie") if text.startswith(name)]
    for cookie in (f"{name}={'d' * 43}", f"{name}={'d' * 43}; {name}={'e' * 43}", f"{name}=nonsense"):
        await door.call("POST", "/bff/session", json=GOOD, headers={**CHANGE, "Cookie": cookie})
    assert sent == ["", "d" * 43, "", ""], "what was planted beside it, or is no token, is not told"


async def test_a_second_sign_in_ends_the_first_session(door: Door) -> None:
    first = await door.sign_in()
    await door.call("POST", "/bff/session", json=GOOD, headers=first)
    assert (await door.call("GET", "/bff/session", headers=first))[0] == 401


async def test_a_cookie_replayed_after_sign_out_is_refused_everywhere(door: Door) -> None:
    held = await door.sign_in()
    assert (await door.call("GET", "/bff/api/messages", headers=held))[0] == 200
    async with door.http.delete(f"{door.url}/bff/session", headers=held) as answer:
        assert answer.status == 204
        removed = answer.headers.getall("Set-Cookie")[0]
    assert removed.startswith(f'{door.cookie_name}=""; expires=')
    assert removed.endswith("; HttpOnly; Max-Age=0; Path=/; SameSite=strict")
    door.forget()
    for path in ("/bff/session", "/bff/api/messages", "/bff/auth/me"):
        status, body = await door.call("GET", path, headers=held)
        assert (status, body["code"]) == (401, "not_signed_in")
    assert door.api.seen == []


async def test_a_session_ended_at_auth_ends_here_when_a_service_refuses_its_token(door: Door) -> None:
    held = await door.sign_in()
    door.auth.sessions.clear()

    async def refuse(_request: web.Request) -> web.Response:
        return problem(401, "unauthorized", "sign in first")

    door.api.answers["/api/messages"] = refuse
    status, body = await door.call("GET", "/bff/api/messages", headers=held)
    assert (status, body["code"]) == (401, "not_signed_in")


async def test_a_refused_token_of_a_living_session_is_replaced_once(door: Door) -> None:
    held = await door.sign_in()
    given: list[str] = []

    async def refuse_first(request: web.Request) -> web.Response:
        given.append(request.headers["Authorization"])
        if len(given) == 1:
            return problem(401, "unauthorized", "unknown key")
        return problem(200, "fine", "fine")

    door.api.answers["/api/messages"] = refuse_first
    assert (await door.call("GET", "/bff/api/messages", headers=held))[0] == 200
    assert len(given) == 2
    assert given[0] != given[1]


async def test_forty_requests_at_once_ask_auth_once(door: Door) -> None:
    held = await door.sign_in()
    await door.call("DELETE", "/bff/session", headers=held)
    token = held["Cookie"].split("=")[1]
    door.auth.sessions[token] = "ann@example.com"  # alive at auth, unknown to this process
    door.auth.slow = asyncio.Event()
    before = door.auth.refreshes
    calls = [asyncio.create_task(door.call("GET", "/bff/api/messages", headers=held)) for _ in range(40)]
    asyncio.get_running_loop().call_later(0.5, door.auth.slow.set)
    assert {status for status, _ in await asyncio.gather(*calls)} == {200}
    assert door.auth.refreshes == before + 1


@pytest.mark.parametrize(
    "cookie", ["", "short", "a" * 44, "a" * 42 + ";", "ä" * 43, "{name}=" + "a" * 43, "a" * 43 + "; {name}=" + "b" * 43]
)
async def test_what_cannot_be_a_session_is_refused_without_asking_auth(door: Door, cookie: str) -> None:
    header = f"{door.cookie_name}=" + cookie.replace("{name}", door.cookie_name)
    assert (await door.call("GET", "/bff/session", headers={"Cookie": header}))[0] == 401
    assert door.auth.seen == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"email": 1, "password": "x"}',
        b'{"email": "a@b.c"}',
        b'{"email": "a@b.c", "password": "x", "more": 1}',
        b"[" * 20_000,
        b'{"email": "\xff", "password": "x"}',
    ],
)
async def test_malformed_credentials_are_422_and_never_reach_auth(door: Door, body: bytes) -> None:
    headers = {**CHANGE, "Content-Type": "application/json"}
    status, answer = await door.call("POST", "/bff/session", data=body, headers=headers)
    assert status in {422, 413}
    assert answer["code"] in {"invalid_request", "body_too_large"}
    assert door.auth.seen == []


async def test_refusals_of_auth_are_passed_on_with_their_waiting_time(door: Door) -> None:
    status, body = await door.call("POST", "/bff/session", json={**GOOD, "password": "wrong"}, headers=CHANGE)
    assert (status, body["code"]) == (401, "sign_in_failed")

    async def delayed(_request: web.Request) -> web.Response:
        return problem(429, "sign_in_delayed", "wait", Retry_After="7")

    door.auth.answers["/auth/login"] = delayed
    async with door.http.post(f"{door.url}/bff/session", json=GOOD, headers=CHANGE) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
        assert "Set-Cookie" not in answer.headers


async def test_while_auth_is_away_signing_in_and_out_say_so_and_known_sessions_go_on(door: Door) -> None:
    held = await door.sign_in()
    async with door.auth.away():
        status, body = await door.call("POST", "/bff/session", json=GOOD, headers=CHANGE)
        assert (status, body["code"]) == (503, "auth_unavailable")
        assert (await door.call("GET", "/bff/api/messages", headers=held))[0] == 200
        async with door.http.delete(f"{door.url}/bff/session", headers=held) as answer:
            assert answer.status == 503
            assert "Set-Cookie" not in answer.headers
    assert (await door.call("DELETE", "/bff/session", headers=held))[0] == 204
    assert (await door.call("GET", "/bff/session", headers=held))[0] == 401


async def test_set_up_needs_no_session(door: Door) -> None:
    body = {"token": "t", "email": "ann@example.com", "password": "a long pass phrase"}
    assert (await door.call("POST", "/bff/auth/setup", json=body, headers=CHANGE))[0] == 200
    assert (await door.call("GET", "/bff/auth/setup"))[0] == 200
    assert (await door.call("POST", "/bff/auth/invitations/accept", json=body, headers=CHANGE))[0] == 200
    assert door.auth.targets == ["/auth/setup", "/auth/setup", "/auth/invitations/accept"]
    assert not any("authorization" in one.headers for one in door.auth.seen)


async def test_the_server_says_who_signs_in_and_believes_no_forwarded_header(door: Door) -> None:
    headers = {**CHANGE, "X-Forwarded-For": "6.6.6.6", "Forwarded": "for=6.6.6.6", "User-Agent": "Browser/1.0"}
    assert (await door.call("POST", "/bff/session", json=GOOD, headers=headers))[0] == 200
    assert door.auth.seen[0].headers["x-forwarded-for"] == "127.0.0.1"
    assert "forwarded" not in door.auth.seen[0].headers
    assert door.auth.seen[0].headers["user-agent"] == "Browser/1.0"
