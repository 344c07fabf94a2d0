"""The ways back from Microsoft, row by row as the threat model lists them (A-01 to A-12b), asked as a program would.

What a browser is shown is in test_connecting: it is led to a constant path with the same code.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.integration.auth.fake_entra import TENANT, Person, oauth_error
from tests.integration.auth.house import COOKIE, House, Reply, outcome, told

pytestmark = pytest.mark.asyncio(loop_scope="module")
CALLBACK = "/auth/oauth/ms365/callback"
OTHER_TENANT = "8d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f"


async def _back(house: House, cookie: str, parameters: dict[str, str], path: str = CALLBACK) -> Reply:
    headers = {"Cookie": f"{COOKIE}={cookie}", "Accept": "application/json"}
    return await house.call("GET", f"{house.public}{path}", params=parameters, headers=headers)


async def _flow(house: House, path: str = CALLBACK, **query: str) -> Reply:
    url, cookie = await house.begin(**query)
    return await _back(house, cookie, house.entra.sign_in(url), path)


async def _register(house: House, **more: Any) -> str:
    body = {"client_id": str(uuid.uuid4()), "credential": {"kind": "secret", "secret": "app-secret-canary-Zq3v8Kx2"}}
    url = f"{house.public}/auth/apps"
    answer = await house.call("POST", url, json=body | more, headers=await house.admin())
    assert answer.status == 201, answer.text
    return str(answer.body["id"])


async def _tenants(house: House) -> int:
    return int(await house.owner.fetchval("SELECT count(*) FROM auth.tenants"))


async def test_a01_a_state_that_is_none_is_400_and_asks_nobody(house: House) -> None:
    _, cookie = await house.begin()
    for parameters in ({}, {"state": "unknown" * 7, "code": "c"}, {"error": "access_denied"}):
        answer = await _back(house, cookie, parameters)
        assert (answer.status, answer.code) == (400, "state_invalid")
    assert house.entra.token_calls == []


async def test_a03_twenty_times_at_once_is_one_connection_and_nineteen_refusals(house: House) -> None:
    url, cookie = await house.begin()
    back = house.entra.sign_in(url)
    answers = await asyncio.gather(*(_back(house, cookie, back) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 19
    assert len(house.entra.token_calls) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE auth.sessions SET revoked_at = now()",
        "UPDATE auth.users SET role = 'operator'",
        "UPDATE auth.users SET disabled_at = now()",
        "UPDATE auth.sessions SET expires_at = now() - interval '1 second'",
    ],
)
async def test_a04_whoever_is_no_administrator_s_session_any_more_is_403(house: House, statement: str) -> None:
    url, cookie = await house.begin()
    back = house.entra.sign_in(url)
    await house.owner.execute(statement)
    answer = await _back(house, cookie, back)
    assert (answer.status, answer.code) == (403, "session_ended")
    assert (await _back(house, cookie, back)).status == 400  # used up all the same
    assert house.entra.token_calls == []
    assert await _tenants(house) == 0


async def test_a04_a_browser_sees_a_page_that_says_so(house: House) -> None:
    url, cookie = await house.begin()
    await house.owner.execute("UPDATE auth.sessions SET revoked_at = now()")
    answer = await house.come_back(house.entra.sign_in(url), cookie)
    assert answer.status == 403
    assert "sign in again" in answer.text.lower()
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_a05_a_code_of_another_flow_or_used_before_is_400(house: House) -> None:
    mine, cookie = await house.begin()
    theirs, _ = await house.begin()
    stolen = {**house.entra.sign_in(mine), "code": house.entra.sign_in(theirs)["code"]}
    answer = await _back(house, cookie, stolen)
    assert (answer.status, answer.code, answer.body["reason"]) == (400, "exchange_failed", "code_of_another_flow")
    assert await _tenants(house) == 0


async def test_a06_an_id_token_that_proves_nothing_is_400(house: House) -> None:
    for claims in ({"nonce": "x"}, {"aud": "another"}, {"exp": 1}, {"tid": None}):
        house.entra.claims = claims
        answer = await _flow(house)
        assert (answer.status, answer.code) == (400, "identity_not_proven")
    assert await _tenants(house) == 0


async def test_a07_an_answer_of_another_authority_or_cloud_is_400(house: House) -> None:
    origin = house.entra.origin
    for issuer in (
        f"https://login.microsoftonline.us/{TENANT}/v2.0",
        f"{origin}/cloud/usgov/{TENANT}/v2.0",
        f"{origin}.evil.example/{TENANT}/v2.0",
        f"{origin}/",
    ):
        url, cookie = await house.begin()
        answer = await _back(house, cookie, {**house.entra.sign_in(url), "iss": issuer})
        assert (answer.status, answer.code) == (400, "issuer_mismatch"), issuer
    assert house.entra.token_calls == []
    url, cookie = await house.begin()
    good = {**house.entra.sign_in(url), "iss": f"{origin}/{TENANT}/v2.0"}
    assert (await _back(house, cookie, good)).status == 200
    house.entra.claims = {"iss": f"{origin}/cloud/usgov/{TENANT}/v2.0"}  # a token of another cloud
    assert (await _flow(house)).code == "identity_not_proven"


async def test_a07_each_cloud_has_its_own_way_back(house: House) -> None:
    usgov = await _register(house, cloud="usgov")
    url, cookie = await house.begin(registration_id=usgov)
    parts = urlsplit(url)
    assert parts.path.startswith("/cloud/usgov/common/")
    assert dict(parse_qsl(parts.query))["redirect_uri"] == f"http://localhost:8000{CALLBACK}/usgov"
    assert (await _back(house, cookie, house.entra.sign_in(url))).code == "state_invalid"
    for path in (f"{CALLBACK}/china", f"{CALLBACK}/dod"):
        assert (await _flow(house, path, registration_id=usgov)).code == "state_invalid"
    assert (await _flow(house, f"{CALLBACK}/usgov")).code == "state_invalid"
    assert house.entra.token_calls == []
    connected = await _flow(house, f"{CALLBACK}/usgov", registration_id=usgov)
    assert connected.status == 200, connected.text
    shown = await house.call(
        "GET", f"{house.public}/auth/tenants/{connected.body['connected']}", headers=await house.admin()
    )
    assert (shown.body["cloud"], shown.body["registration_id"]) == ("usgov", usgov)
    url, _ = await house.begin(tenant_id=connected.body["connected"])
    assert urlsplit(url).path.startswith("/cloud/usgov/")  # connected again by its own registration
    for path in (f"{CALLBACK}/global", f"{CALLBACK}/mars"):
        assert (await house.call("GET", f"{house.public}{path}")).status == 422


async def test_a08_another_account_than_the_one_to_reconnect_is_409(house: House) -> None:
    tenant_id = await house.connect()
    before = await house.row(tenant_id)
    house.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000009")
    answer = await _flow(house, tenant_id=tenant_id)
    assert (answer.status, answer.code) == (409, "account_mismatch")
    assert await house.row(tenant_id) == before


async def test_a09_guests_and_namesakes_are_others_and_foreign_organisations_are_403(house: House) -> None:
    first = await house.connect()
    house.entra.person = Person(tenant_id=OTHER_TENANT)  # the same person as a guest elsewhere
    guest = (await _flow(house)).body["connected"]
    house.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000009")  # the same address, another object
    namesake = (await _flow(house)).body["connected"]
    assert len({first, guest, namesake}) == 3
    single = await _register(house, authority_tenant=TENANT)
    house.entra.person = Person(tenant_id=OTHER_TENANT)
    answer = await _flow(house, registration_id=single)
    assert (answer.status, answer.code) == (403, "organization_not_allowed")
    assert await _tenants(house) == 3


async def test_a11_where_the_browser_goes_in_the_end_is_nobody_s_choice(house: House) -> None:
    for evil in ("https://evil", "//evil", "/\\evil", "javascript:", "%2f%2fevil", "/ok@evil"):
        url, cookie = await house.begin(return_to=evil)
        assert "evil" not in url
        back = {**house.entra.sign_in(url), "return_to": evil, "redirect_uri": evil}
        answer = await house.come_back(back, cookie)
        assert answer.status == 303
        assert answer.headers["Location"].startswith("/admin/tenants?connected=")
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_a12b_an_error_with_markup_is_fixed_text_and_400(house: House) -> None:
    evil = {"error": "access_denied", "error_description": "AADSTS65004: <script>alert(1)</script>"}
    url, cookie = await house.begin()
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    answer = await _back(house, cookie, {**evil, "state": state})
    assert (answer.status, answer.code, answer.body["reason"]) == (400, "access_denied", "consent_declined")
    assert "script" not in answer.text
    assert (await _back(house, cookie, {**evil, "state": state})).code == "state_invalid"
    without = await house.come_back(evil, cookie)
    assert without.status == 400
    assert "script" not in without.text


async def test_what_support_asks_for_comes_along_to_be_copied(house: House) -> None:
    house.entra.script.append(oauth_error("invalid_client", 7000222, 401))
    assert told(await house.flow()) == {
        "error": "app_credential_invalid",
        "reason": "client_secret_expired",
        "aadsts": "7000222",
        "trace_id": "11111111-2222-3333-4444-555555555555",
        "correlation_id": "66666666-7777-8888-9999-000000000000",
        "at": "2026-11-23 02:00:00Z",
    }
    url, cookie = await house.begin()
    text = (
        "AADSTS90094: An administrator must approve. Trace ID: 0a0b0c0d-1111-2222-3333-444455556666 "
        "Correlation ID: 0a0b0c0d-1111-2222-3333-444455557777 Timestamp: 2026-11-23 06:00:00Z <b>"
    )
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    answer = await house.come_back({"error": "access_denied", "error_description": text, "state": state}, cookie)
    assert outcome(answer) == {"error": "admin_consent_required"}
    assert told(answer)["correlation_id"].endswith("7777")
    assert told(answer)["at"] == "2026-11-23 06:00:00Z"
