from __future__ import annotations

import pytest
from aiohttp import web
from yarl import URL

from tests.integration.bff.conftest import Door

pytestmark = pytest.mark.asyncio(loop_scope="session")
AUTHORIZE = "/auth/oauth/ms365/authorize"
CALLBACK = "/auth/oauth/ms365/callback"
CONSENT = "/auth/oauth/ms365/adminconsent"
LINK = "/auth/oauth/ms365/link"
ENDINGS = [CALLBACK, *(f"{CALLBACK}/{cloud}" for cloud in ("usgov", "dod", "china")), f"{CONSENT}/callback"]
FLOW = "f" * 43
TX = f"flovify_oauth_tx={FLOW}"


async def _begin(_request: web.Request) -> web.Response:
    response = web.Response(status=302, headers={"Location": "https://login.example/authorize?state=s%20t"})
    response.headers.add("Set-Cookie", f"{TX}; HttpOnly; Path=/auth/oauth; SameSite=lax; Max-Age=600")
    response.headers.add("Set-Cookie", "flovify_sid_1=planted")
    return response


async def test_authorize_carries_the_sessions_access_token_and_brings_redirect_and_cookie_back(door: Door) -> None:
    held = await door.sign_in()
    door.auth.answers[AUTHORIZE] = _begin
    door.forget()
    url = URL(f"{door.url}{AUTHORIZE}?login_hint=a%40b.c&sandbox_auto=x+y", encoded=True)
    async with door.http.get(url, headers={"Cookie": held["Cookie"]}, allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == "https://login.example/authorize?state=s%20t"
        cookies = answer.headers.getall("Set-Cookie")
    assert cookies == [f"{TX}; HttpOnly; Path=/auth/oauth; SameSite=lax; Max-Age=600"]
    (seen,) = door.auth.seen
    assert seen.target == f"{AUTHORIZE}?login_hint=a%40b.c&sandbox_auto=x+y"
    assert seen.headers["authorization"].startswith("Bearer access-of-ann")
    assert "cookie" not in seen.headers


async def test_a_program_may_send_its_own_access_token(door: Door) -> None:
    door.auth.answers[AUTHORIZE] = _begin
    status, _ = await door.call("GET", AUTHORIZE, headers={"Authorization": "Bearer own"})
    assert status == 302
    assert door.auth.seen[0].headers["authorization"] == "Bearer own"


async def test_without_a_session_a_browser_is_led_to_sign_in_and_a_program_told(door: Door) -> None:
    async with door.http.get(
        f"{door.url}{AUTHORIZE}", headers={"Accept": "text/html"}, allow_redirects=False
    ) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/sign-in?return=%2Fadmin%2Ftenants%3Fconnect%3D1"
    status, body = await door.call("GET", AUTHORIZE)
    assert (status, body["code"]) == (401, "not_signed_in")
    assert door.auth.seen == []


async def test_the_console_gets_the_address_as_json(door: Door) -> None:
    held = await door.sign_in()

    async def as_json(request: web.Request) -> web.Response:
        assert request.headers["Accept"] == "application/json"
        headers = {"Set-Cookie": f"{TX}; HttpOnly; Path=/auth/oauth"}
        return web.json_response({"authorize_url": "https://login.example/"}, headers=headers)

    door.auth.answers[AUTHORIZE] = as_json
    async with door.http.get(f"{door.url}/bff{AUTHORIZE}?tenant_id=1", headers=held) as answer:
        assert await answer.json() == {"authorize_url": "https://login.example/"}
        assert answer.headers.getall("Set-Cookie") == [f"{TX}; HttpOnly; Path=/auth/oauth"]
    assert door.auth.targets[-1] == f"{AUTHORIZE}?tenant_id=1"
    assert (await door.call("GET", f"/bff{AUTHORIZE}", headers={"X-Flovify": "1"}))[0] == 401


async def test_the_callback_gets_the_flows_cookie_and_nothing_else(door: Door) -> None:
    held = await door.sign_in()

    async def finish(_request: web.Request) -> web.Response:
        return web.Response(status=303, headers={"Location": "/admin/tenants?connected=1"})

    door.auth.answers[CALLBACK] = finish
    door.forget()
    cookie = f"{held['Cookie']}; {TX}; other=1"
    headers = {"Cookie": cookie, "Authorization": "Bearer x", "Sec-Fetch-Site": "cross-site"}
    url = URL(f"{door.url}{CALLBACK}?code=a%2Fb&state=c", encoded=True)
    async with door.http.get(url, headers=headers, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/admin/tenants?connected=1")
    (seen,) = door.auth.seen
    assert seen.target == f"{CALLBACK}?code=a%2Fb&state=c"
    assert seen.headers["cookie"] == TX
    assert "authorization" not in seen.headers


@pytest.mark.parametrize("cookie", [f"{TX}; {TX[:-1]}x", "flovify_oauth_tx=", "flovify_oauth_tx=a,b"])
async def test_a_planted_flow_cookie_is_not_passed_on(door: Door, cookie: str) -> None:
    await door.call("GET", CALLBACK, headers={"Cookie": cookie})
    assert "cookie" not in door.auth.seen[0].headers


@pytest.mark.parametrize("path", [AUTHORIZE, CONSENT, *ENDINGS])
@pytest.mark.parametrize("method", ["POST", "HEAD", "DELETE"])
async def test_the_flow_is_get_only(door: Door, path: str, method: str) -> None:
    async with door.http.request(method, f"{door.url}{path}?code=1") as answer:
        assert answer.status == 405
    assert door.auth.seen == []


async def test_while_auth_is_away_the_flow_says_so(door: Door) -> None:
    async with door.auth.away():
        status, body = await door.call("GET", f"{CALLBACK}?code=1&state=2")
    assert (status, body["code"]) == (503, "auth_unavailable")


@pytest.mark.parametrize("path", ENDINGS)
async def test_each_way_back_gets_the_flows_cookie_only(door: Door, path: str) -> None:
    held = await door.sign_in()
    door.forget()
    headers = {"Cookie": f"{held['Cookie']}; {TX}", "Authorization": "Bearer x", "Sec-Fetch-Site": "cross-site"}
    await door.call("GET", f"{path}?state=s&tenant=t&admin_consent=True", headers=headers)
    (seen,) = door.auth.seen
    assert seen.target == f"{path}?state=s&tenant=t&admin_consent=True"
    assert seen.headers["cookie"] == TX
    assert "authorization" not in seen.headers


async def test_there_is_no_way_back_for_an_unknown_cloud(door: Door) -> None:
    for path in (f"{CALLBACK}/global", f"{CALLBACK}/mars", f"{CALLBACK}/", f"{CALLBACK}/usgov/x"):
        assert (await door.call("GET", path))[0] == 404
    assert door.auth.seen == []


async def test_admin_consent_begins_as_authorize_does(door: Door) -> None:
    held = await door.sign_in()
    door.auth.answers[CONSENT] = _begin
    door.forget()
    status, _ = await door.call("GET", f"{CONSENT}?organization=o", headers={"Cookie": held["Cookie"]})
    assert status == 302
    assert door.auth.seen[0].headers["authorization"].startswith("Bearer access-of-ann")
    assert (await door.call("GET", CONSENT))[1]["code"] == "not_signed_in"
    status, _ = await door.call("GET", f"/bff{CONSENT}", headers=held)
    assert (status, door.auth.seen[-1].headers["accept"]) == (302, "application/json")


async def test_the_links_page_keeps_auth_s_policy_and_takes_no_session_along(door: Door) -> None:
    held = await door.sign_in()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<p>", content_type="text/html", headers={"Content-Security-Policy": "default-src x"})

    door.auth.answers |= {LINK: page, "/auth/oauth/ms365/done": page}
    door.forget()
    for path in (LINK, "/auth/oauth/ms365/done?result=connected"):
        async with door.http.get(f"{door.url}{path}", headers={"Cookie": f"{held['Cookie']}; {TX}"}) as answer:
            assert answer.status == 200
            assert answer.headers.getall("Content-Security-Policy") == ["default-src x"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert all("cookie" not in seen.headers and "authorization" not in seen.headers for seen in door.auth.seen)


async def test_a_link_s_token_goes_to_auth_in_a_body_from_our_own_page_only(door: Door) -> None:
    door.auth.answers[LINK] = _begin
    own = {"X-Flovify": "1", "Sec-Fetch-Site": "same-origin", "Origin": door.url}
    async with door.http.post(f"{door.url}{LINK}", json={"token": "t"}, headers=own, allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers.getall("Set-Cookie") == [f"{TX}; HttpOnly; Path=/auth/oauth; SameSite=lax; Max-Age=600"]
    (seen,) = door.auth.seen
    assert (seen.method, seen.target, seen.body) == ("POST", LINK, b'{"token": "t"}')
    door.forget()
    refused = [
        {**own, "Sec-Fetch-Site": "cross-site"},
        {**own, "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin"},
    ]
    for headers in refused:
        assert (await door.call("POST", LINK, json={"token": "t"}, headers=headers))[1]["code"] == "csrf_refused"
    assert (await door.call("POST", LINK, json={"token": "t" * 5000}, headers=own))[1]["code"] == "body_too_large"
    assert door.auth.seen == []
