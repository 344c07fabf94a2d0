from __future__ import annotations

import asyncio
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.integration.auth.fake_entra import Person
from tests.integration.auth.house import COOKIE, EMAIL, House, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINK = "/auth/oauth/ms365/link"
DONE = "/auth/oauth/ms365/done"
JSON = {"Accept": "application/json"}


async def _make(house: House, **body: Any) -> dict[str, Any]:
    url = f"{house.public}/auth/connect-links"
    answer = await house.call("POST", url, json=body, headers=await house.admin())
    assert answer.status == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    made: dict[str, Any] = answer.body
    return made


def _token(made: dict[str, Any]) -> str:
    parts = urlsplit(str(made["url"]))
    assert (parts.path, parts.query) == (LINK, "")
    return str(parts.fragment).removeprefix("token=")


async def _open(house: House, token: str) -> Reply:
    return await house.call("POST", f"{house.public}{LINK}", json={"token": token}, headers=JSON)


def _begun(answer: Reply) -> tuple[str, str]:
    assert answer.status == 200, answer.text
    cookie = answer.headers["Set-Cookie"].partition(";")[0].removeprefix(f"{COOKIE}=")
    return answer.body["authorize_url"], cookie


async def _follow(house: House, token: str) -> Reply:
    url, cookie = _begun(await _open(house, token))
    return await house.come_back(house.entra.sign_in(url), cookie)


def _result(answer: Reply) -> str:
    """How a person without an account is told that it ended: a constant page."""
    assert answer.status == 303, answer.text
    path, _, query = answer.headers["Location"].partition("?result=")
    assert path == DONE
    return query


async def test_somebody_without_an_account_connects_a_mailbox_by_a_link_that_works_once(house: House) -> None:
    made = await _make(house, login_hint="sales@contoso.example")
    token = _token(made)
    assert made["state"] == "open"
    url, cookie = _begun(await _open(house, token))
    assert dict(parse_qsl(urlsplit(url).query))["login_hint"] == "sales@contoso.example"
    assert _result(await house.come_back(house.entra.sign_in(url), cookie)) == "connected"
    tenant = await house.owner.fetchrow("SELECT * FROM auth.tenants")
    assert tenant is not None
    assert tenant["account_email"] == "sales@contoso.example"
    assert (await _open(house, token)).code == "link_unusable"
    actor = await house.owner.fetchval("SELECT actor FROM auth.audit_log WHERE action = 'tenant.connected'")
    assert actor == f"{EMAIL} by link {made['id']}"
    listed = await house.call("GET", f"{house.public}/auth/connect-links", headers=await house.admin())
    assert [(item["id"], item["state"]) for item in listed.body["items"]] == [(made["id"], "used")]
    assert token not in listed.text


async def test_only_a_hash_of_the_token_is_kept(house: House) -> None:
    token = _token(await _make(house))
    row = await house.owner.fetchrow("SELECT token_hash, row_to_json(l)::text AS text FROM auth.connect_links AS l")
    assert row is not None
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    assert token not in row["text"]
    log = await house.owner.fetch("SELECT row_to_json(a)::text AS text FROM auth.audit_log AS a")
    assert all(token not in entry["text"] for entry in log)


async def test_a_flow_that_fails_leaves_the_link_open(house: House) -> None:
    token = _token(await _make(house))
    house.entra.scope = "openid User.Read"
    assert _result(await _follow(house, token)) == "missing_scope"
    url, cookie = _begun(await _open(house, token))
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    refused = {"error": "access_denied", "error_description": "AADSTS90094: x", "state": state}
    assert _result(await house.come_back(refused, cookie)) == "admin_consent_required"
    house.entra.scope = "Mail.Read"
    assert _result(await _follow(house, token)) == "connected"


async def test_two_flows_of_one_link_at_once_connect_once(house: House) -> None:
    token = _token(await _make(house))
    people = [Person(), Person(object_id="a1b2c3d4-0000-4000-8000-000000000002", address="two@contoso.example")]
    begun = [_begun(await _open(house, token)) for _ in people]
    first = await house.come_back(house.entra.sign_in(begun[0][0]), begun[0][1])
    house.entra.person = people[1]
    second = await house.come_back(house.entra.sign_in(begun[1][0]), begun[1][1])
    assert [_result(first), _result(second)] == ["connected", "link_unusable"]
    assert await house.owner.fetchval("SELECT count(*) FROM auth.tenants") == 1
    again = _token(await _make(house))
    begun = [_begun(await _open(house, again)) for _ in range(6)]
    back = [house.come_back(house.entra.sign_in(url), cookie) for url, cookie in begun]
    assert sorted([_result(answer) for answer in await asyncio.gather(*back)]) == ["connected"] + ["link_unusable"] * 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auth.connect_links SET expires_at = now() - interval '1 second'",
        "UPDATE auth.connect_links SET used_at = now()",
        "UPDATE auth.connect_links SET begun = 20",
        "DELETE FROM auth.connect_links",
        "UPDATE auth.users SET role = 'operator'",
        "UPDATE auth.users SET disabled_at = now()",
    ],
)
async def test_a_link_that_may_not_be_used_any_more_begins_nothing(house: House, statement: str) -> None:
    token = _token(await _make(house))
    await house.owner.execute(statement)
    answer = await _open(house, token)
    assert (answer.status, answer.code) == (410, "link_unusable")
    assert "Set-Cookie" not in answer.headers
    assert await house.owner.fetchval("SELECT count(*) FROM auth.oauth_states") == 0


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM auth.connect_links",
        "UPDATE auth.users SET role = 'viewer'",
        "UPDATE auth.connect_links SET expires_at = now() - interval '1 second'",
    ],
)
async def test_a_link_withdrawn_on_the_way_ends_the_flow_begun_by_it(house: House, statement: str) -> None:
    url, cookie = _begun(await _open(house, _token(await _make(house))))
    await house.owner.execute(statement)
    assert _result(await house.come_back(house.entra.sign_in(url), cookie)) == "link_unusable"
    assert house.entra.token_calls == []
    assert await house.owner.fetchval("SELECT count(*) FROM auth.tenants") == 0


async def test_a_link_to_connect_again_takes_that_account_only(house: House) -> None:
    tenant_id = await house.connect()
    before = await house.row(tenant_id)
    token = _token(await _make(house, tenant_id=tenant_id))
    house.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000009")
    assert _result(await _follow(house, token)) == "account_mismatch"
    assert await house.row(tenant_id) == before
    house.entra.person = Person()
    assert _result(await _follow(house, token)) == "connected"
    assert (await house.row(tenant_id))["generation"] > before["generation"]


async def test_a_link_s_flow_is_bound_to_the_browser_that_began_it(house: House) -> None:
    url, cookie = _begun(await _open(house, _token(await _make(house))))
    back = house.entra.sign_in(url)
    assert (await house.come_back(back)).status == 400
    assert (await house.come_back(back, cookie)).status == 400  # used up by the wrong browser
    assert house.entra.token_calls == []


async def test_the_page_of_a_link_runs_nothing_but_its_own_script(house: House) -> None:
    page = await house.call("GET", f"{house.public}{LINK}")
    assert page.status == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "http" not in page.text.partition("<script>")[0]
    for result in ("connected", "granted", "pending", "link_unusable", "access_denied", "<script>", "x" * 64):
        ended = await house.call("GET", f"{house.public}{DONE}", params={"result": result})
        assert ended.status == 200
        assert "<script" not in ended.text
        assert "script-src" not in ended.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"purpose": "other"}, 422),
        ({"expires_in_hours": 0}, 422),
        ({"expires_in_hours": 169}, 422),
        ({"login_hint": "x" * 255}, 422),
        ({"tenant_id": "00000000-0000-0000-0000-000000000001"}, 404),
        ({"registration_id": "00000000-0000-0000-0000-000000000001"}, 404),
        ({"more": 1}, 422),
    ],
)
async def test_what_makes_no_link(house: House, body: dict[str, Any], status: int) -> None:
    url = f"{house.public}/auth/connect-links"
    assert (await house.call("POST", url, json=body, headers=await house.admin())).status == status
    assert await house.owner.fetchval("SELECT count(*) FROM auth.connect_links") == 0


async def test_bad_tokens_are_all_refused_alike(house: House) -> None:
    answers = [await _open(house, token) for token in ("", "x", "é" * 100, "\x00")]
    assert {(answer.status, answer.alike) for answer in answers} == {(410, answers[0].alike)}
    assert (await _open(house, "x" * 201)).status == 422


async def test_links_are_for_administrators(house: House) -> None:
    url = f"{house.public}/auth/connect-links"
    assert (await house.call("POST", url, json={})).status == 401
    made = await _make(house)
    headers = await house.admin()
    assert (await house.call("DELETE", f"{url}/{made['id']}", headers=headers)).status == 204
    assert (await house.call("DELETE", f"{url}/{made['id']}", headers=headers)).code == "link_not_found"
    await house.owner.execute("UPDATE auth.users SET role = 'operator'")
    assert (await house.call("GET", url, headers=headers)).status == 403
