"""The OAuth flow: what connects an account, and everything that must not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
import pytest

from tests.integration.auth.fake_entra import CLIENT_ID, KEY, OTHER_KEY, Answer, Person, oauth_error
from tests.integration.auth.house import COOKIE, House, outcome

OTHER = Person(object_id="a1b2c3d4-0000-4000-8000-000000000002", address="sales@contoso.example")

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _counts(house: House) -> tuple[int, int]:
    tenants = await house.owner.fetchval("SELECT count(*) FROM auth.tenants")
    tokens = await house.owner.fetchval("SELECT count(*) FROM auth.tenant_tokens")
    return tenants, tokens


async def test_a_flow_connects_the_account_and_seals_its_tokens(house: House) -> None:
    url, cookie = await house.begin(login_hint="sales@contoso.example")
    query = dict(parse_qsl(urlsplit(url).query))
    assert urlsplit(url).path == "/common/oauth2/v2.0/authorize"
    assert query["redirect_uri"] == "http://localhost:8000/auth/oauth/ms365/callback"
    assert query["login_hint"] == "sales@contoso.example"
    assert set(query["scope"].split()) >= {"openid", "profile", "offline_access", "User.Read", "Mail.Read"}
    assert len(query["state"]) >= 43
    assert len(query["nonce"]) >= 43
    answer = await house.come_back(house.entra.sign_in(url), cookie)
    tenant_id = outcome(answer)["connected"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    row = await house.row(tenant_id)
    assert row["status"] == "active"
    assert "canary" not in json.dumps({name: str(value) for name, value in row.items()})
    assert house.api.reconnected == [tenant_id]
    shown = await house.call("GET", f"{house.public}/auth/tenants/{tenant_id}", headers=await house.admin())
    assert shown.body["external_account_id"] == house.entra.person.object_id
    assert shown.body["external_tenant_id"] == house.entra.person.tenant_id
    assert shown.body["account_email"] == "sales@contoso.example"
    assert "canary" not in shown.text


async def test_the_cookie_is_lax_http_only_and_for_the_oauth_path_only(house: House) -> None:
    answer = await house.call(
        "GET",
        f"{house.public}/auth/oauth/ms365/authorize",
        headers={**await house.admin(), "Accept": "application/json"},
    )
    assert answer.status == 200
    assert answer.body["authorize_url"].startswith(house.entra.origin)
    parts = {part.strip().lower() for part in answer.headers["Set-Cookie"].split(";")[1:]}
    assert parts == {"httponly", "max-age=600", "path=/auth/oauth", "samesite=lax"}
    assert answer.headers["Set-Cookie"].startswith(f"{COOKIE}=")


async def test_a_state_that_is_missing_unknown_expired_or_another_browser_s_starts_again(house: House) -> None:
    before = await _counts(house)

    async def refused(parameters: dict[str, str], *cookies: str) -> None:
        answer = await house.come_back(parameters, *cookies)
        assert answer.status == 400, answer.text
        assert "start again" in answer.text.lower()
        assert "code-canary" not in answer.text

    _, cookie = await house.begin()
    await refused({}, cookie)
    await refused({"code": "code-canary", "state": ""}, cookie)
    await refused({"code": "code-canary", "state": "unknown" * 7}, cookie)
    await refused({"code": "code-canary", "state": "\x00"}, cookie)
    await refused({"code": "code-canary", "state": "é" * 1000}, cookie)
    url, cookie = await house.begin()
    await house.owner.execute("UPDATE auth.oauth_states SET expires_at = now() - interval '1 second'")
    await refused(house.entra.sign_in(url), cookie)
    for wrong in ([], ["wrong" * 9], ["é"]):
        url, cookie = await house.begin()
        back = house.entra.sign_in(url)
        await refused(back, *wrong)
        await refused(back, cookie)  # the state died with the wrong browser
    url, cookie = await house.begin()
    await refused(house.entra.sign_in(url), "other" * 9, cookie)
    assert house.entra.token_calls == []
    assert await _counts(house) == before


async def test_the_same_callback_twenty_times_at_once_connects_once(house: House) -> None:
    url, cookie = await house.begin()
    back = house.entra.sign_in(url)
    answers = await asyncio.gather(*(house.come_back(back, cookie) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [303] + [400] * 19
    assert len(house.entra.token_calls) == 1
    assert await _counts(house) == (1, 1)


async def test_a_flow_whose_session_has_ended_connects_nothing(house: House) -> None:
    login = await house.login()
    house.bearer = login.body["access_token"]
    url, cookie = await house.begin()
    out = await house.call("POST", f"{house.public}/auth/logout", json={"refresh_token": login.body["refresh_token"]})
    assert out.status == 204
    answer = await house.come_back(house.entra.sign_in(url), cookie)
    assert answer.status in {400, 403}
    assert house.entra.token_calls == []
    assert await _counts(house) == (0, 0)


async def test_a_code_of_another_flow_is_refused_by_pkce(house: House) -> None:
    mine, cookie = await house.begin()
    theirs, _ = await house.begin()
    stolen = {**house.entra.sign_in(mine), "code": house.entra.sign_in(theirs)["code"]}
    assert outcome(await house.come_back(stolen, cookie)) == {"error": "exchange_failed"}
    assert await _counts(house) == (0, 0)


async def test_an_id_token_that_proves_nothing_connects_nothing(house: House) -> None:
    hour = 3600
    now = house.entra.claims_for("")["iat"]
    bad_claims = (
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another-app"},
        {"aud": [CLIENT_ID, "another-app"]},
        {"exp": now - hour},
        {"exp": None},
        {"iat": now + 600},
        {"nbf": now + 600},
        {"iss": "https://login.microsoftonline.com/7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f/v2.0"},
        {"iss": f"{house.entra.origin}/{{tenantid}}/v2.0"},
        {"tid": "00000000-0000-0000-0000-000000000007"},
        {"tid": "not-a-guid"},
        {"tid": None},
        {"oid": None},
        {"oid": ["a1b2c3d4-0000-4000-8000-000000000001"]},
    )
    for claims in bad_claims:
        house.entra.claims = claims
        assert outcome(await house.flow()) == {"error": "identity_not_proven"}, claims
    house.entra.claims = {}
    bad_headers: tuple[dict[str, object], ...] = (
        {"kid": "unknown"},
        {"kid": "key-of-one-tenant"},
        {},
        {"kid": "key-1", "jku": "https://evil.example/keys"},
        {"kid": "key-1", "crit": ["b64"]},
    )
    for header in bad_headers:
        house.entra.header = header
        assert outcome(await house.flow()) == {"error": "identity_not_proven"}, header
    assert await _counts(house) == (0, 0)
    # However many unknown key ids: the keys were fetched once at most, and at most once again.
    assert house.entra.documents.count("keys") <= 2


async def test_an_id_token_signed_otherwise_connects_nothing(house: House) -> None:
    secret = "x" * 64
    makers: tuple[Callable[[dict[str, Any]], str], ...] = (
        lambda claims: jwt.encode(claims, "", "none", {"kid": "key-1"}),
        lambda claims: jwt.encode(claims, secret, "HS256", {"kid": "key-1"}),
        lambda claims: jwt.encode(claims, OTHER_KEY, "RS256", {"kid": "key-1"}),
        lambda claims: jwt.encode(claims, KEY, "PS256", {"kid": "key-1"}),
        lambda claims: jwt.encode(claims, KEY, "RS256", {"kid": "key-1"})[:-6] + "AAAAAA",
        lambda _: "",
        lambda _: "a.b",
        lambda _: "é.é.é",
    )
    for make in makers:
        url, cookie = await house.begin()
        nonce = dict(parse_qsl(urlsplit(url).query))["nonce"]
        house.entra.signed = make(house.entra.claims_for(nonce))
        answer = await house.come_back(house.entra.sign_in(url), cookie)
        assert outcome(answer) == {"error": "identity_not_proven"}
    assert await _counts(house) == (0, 0)


async def test_reconnecting_keeps_the_row_and_its_id(house: House) -> None:
    tenant_id = await house.connect()
    before = await house.row(tenant_id)
    await house.owner.execute("UPDATE auth.tenants SET status = 'reconnect_required', status_reason = '{}'")
    url, _ = await house.begin(tenant_id=tenant_id)
    assert dict(parse_qsl(urlsplit(url).query))["login_hint"] == "sales@contoso.example"
    house.entra.person = Person(address="renamed@contoso.example", name="New name")
    assert outcome(await house.flow(tenant_id=tenant_id)) == {"connected": tenant_id}
    after = await house.row(tenant_id)
    assert (after["status"], after["account_email"]) == ("active", "renamed@contoso.example")
    assert after["generation"] > before["generation"]
    assert await _counts(house) == (1, 1)
    answer = await house.token(tenant_id)
    assert answer.body["access_token"].startswith("access-canary")


async def test_reconnecting_with_another_account_changes_nothing(house: House) -> None:
    tenant_id = await house.connect()
    before = await house.row(tenant_id)
    house.entra.person = OTHER
    assert outcome(await house.flow(tenant_id=tenant_id)) == {"error": "account_mismatch"}
    assert await house.row(tenant_id) == before
    assert await _counts(house) == (1, 1)


async def test_the_same_address_with_another_object_id_is_another_account(house: House) -> None:
    first = await house.connect()
    house.entra.person = OTHER
    assert await house.connect() != first
    assert await _counts(house) == (2, 2)


async def test_twenty_connections_of_one_account_at_once_make_one_row(house: House) -> None:
    await house.admin()
    ends = await asyncio.gather(*(house.flow() for _ in range(20)))
    assert len({outcome(end)["connected"] for end in ends}) == 1
    assert await _counts(house) == (1, 1)
    found = await house.token(outcome(ends[0])["connected"])
    assert found.status == 200


@pytest.mark.parametrize(
    ("came", "code"),
    [
        ({"error": "access_denied", "error_description": "<script>alert(1)</script>"}, "access_denied"),
        ({"error": "access_denied", "error_description": "AADSTS90094: admin"}, "admin_consent_required"),
        ({"error": "server_error"}, "server_error"),
        ({"error": "nonsense\r\nSet-Cookie: a=b"}, "authorization_failed"),
        ({"admin_consent": "True", "tenant": "7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f"}, "admin_consent_unconfirmed"),
        ({"code": ""}, "authorization_failed"),
        ({"code": "c", "iss": "https://login.evil.example/common/v2.0"}, "issuer_mismatch"),
    ],
)
async def test_an_error_on_the_way_back_becomes_a_stable_code(house: House, came: dict[str, str], code: str) -> None:
    url, cookie = await house.begin()
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    answer = await house.come_back({**came, "state": state}, cookie)
    assert outcome(answer) == {"error": code}
    assert "script" not in answer.text + answer.headers["Location"]
    assert (await house.come_back({**came, "state": state}, cookie)).status == 400
    assert (await house.come_back(came)).status == 400
    assert house.entra.token_calls == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (oauth_error("invalid_grant", 70008), "exchange_failed"),
        (oauth_error("invalid_client", 7000222, 401), "app_credential_invalid"),
        (oauth_error("unauthorized_client", 700016), "app_credential_invalid"),
        (Answer(500, "oops"), "microsoft_unavailable"),
        (Answer(200, "<html>A proxy's page</html>"), "microsoft_unavailable"),
        (Answer(200, '{"access_token": "t", "expires_in": 1e400}'), "microsoft_unavailable"),
        (Answer(200, '{"access_token": "t", "expires_in": 99999999999999}'), "microsoft_unavailable"),
        (Answer(302, "moved", {"Location": "https://evil.example/"}), "microsoft_unavailable"),
        (Answer(429, "", {"Retry-After": "inf"}), "microsoft_unavailable"),
    ],
)
async def test_an_exchange_that_fails_connects_nothing(house: House, answer: Answer, code: str) -> None:
    house.entra.script.append(answer)
    assert outcome(await house.flow()) == {"error": code}
    assert await _counts(house) == (0, 0)


async def test_without_the_permission_to_read_mail_nothing_is_stored(house: House) -> None:
    house.entra.scope = "openid profile User.Read Mail.ReadBasic"
    assert outcome(await house.flow()) == {"error": "missing_scope", "scope": "Mail.Read"}
    assert await _counts(house) == (0, 0)
    house.entra.scope = "OPENID https://graph.microsoft.com/mail.READ"
    assert "connected" in outcome(await house.flow())


async def test_bad_parameters_begin_no_flow(house: House) -> None:
    admin = await house.admin()
    for query, status in (
        ({"prompt": "none"}, 422),
        ({"prompt": "select_account", "login_hint": "a@b.c"}, 422),
        ({"tenant_id": "common/../x"}, 422),
        ({"tenant_id": "%2e%2e"}, 422),
        ({"tenant_id": "00000000-0000-0000-0000-000000000001"}, 404),
        ({"login_hint": "x" * 5000}, 422),
    ):
        answer = await house.call("GET", f"{house.public}/auth/oauth/ms365/authorize", params=query, headers=admin)
        assert answer.status == status, (query, answer.text)
    assert await house.owner.fetchval("SELECT count(*) FROM auth.oauth_states") == 0


async def test_a_state_is_stored_only_as_hashes_and_sealed(house: House) -> None:
    url, cookie = await house.begin()
    query = dict(parse_qsl(urlsplit(url).query))
    row = await house.owner.fetchrow("SELECT row_to_json(s)::text AS all FROM auth.oauth_states AS s")
    assert row is not None
    assert query["state"] not in row["all"]
    assert cookie not in row["all"]


async def test_only_administrators_begin_a_flow(house: House) -> None:
    url = f"{house.public}/auth/oauth/ms365/authorize"
    assert (await house.call("GET", url)).status == 401
    await house.admin()
    await house.owner.execute("UPDATE auth.users SET role = 'operator'")
    answer = await house.call("GET", url, headers=await house.admin())
    assert answer.status in {401, 403}
