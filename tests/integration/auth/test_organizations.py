from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.integration.auth.fake_entra import TENANT
from tests.integration.auth.fake_graph import Refusal
from tests.integration.auth.house import COOKIE, House, Reply, told

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONSENT = "/auth/oauth/ms365/adminconsent"
VICTIM = "99999999-6f0b-4f43-9b8e-0a1b2c3d4e5f"
ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
DENIED = Refusal(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
POLICY = Refusal(403, "ErrorAccessDenied", "Access to OData is disabled.")


async def _begin(house: House, **query: str) -> tuple[str, str]:
    answer = await house.call("GET", f"{house.public}{CONSENT}", params=query, headers=await house.admin())
    assert answer.status == 302, answer.text
    return answer.headers["Location"], answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]


async def _back(house: House, cookie: str, **query: str) -> Reply:
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    return await house.call("GET", f"{house.public}{CONSENT}/callback", params=query, headers=headers)


async def _consent(house: House, tenant: str = TENANT, **query: str) -> dict[str, str]:
    url, cookie = await _begin(house)
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    return told(await _back(house, cookie, state=state, tenant=tenant, admin_consent="True", **query))


async def _ask(house: House, method: str, path: str, **options: Any) -> Reply:
    return await house.call(method, f"{house.public}/auth/organizations{path}", headers=await house.admin(), **options)


async def _granted(house: House) -> str:
    found = await _consent(house)
    assert found["consent"] == "granted"
    return found["organization"]


async def test_an_organisation_is_granted_after_a_token_was_issued_and_graph_answered(house: House) -> None:
    url, _ = await _begin(house, organization=TENANT)
    parts = urlsplit(url)
    assert parts.path == f"/{TENANT}/v2.0/adminconsent"
    query = dict(parse_qsl(parts.query))
    assert query["redirect_uri"] == f"http://localhost:8000{CONSENT}/callback"
    assert query["scope"] == "https://graph.microsoft.com/.default"
    organization = await _granted(house)
    shown = (await _ask(house, "GET", f"/{organization}")).body
    assert (shown["status"], shown["missing"], shown["display_name"]) == ("granted", [], "Contoso")
    assert (shown["external_tenant_id"], shown["last_error"]) == (TENANT, None)
    assert house.entra.token_calls[-1]["grant_type"] == "client_credentials"
    assert all(token.startswith("Bearer app-access-canary") for token in house.entra.graph.tokens)


async def test_a_forged_callback_is_pending_and_touches_nothing(house: House) -> None:
    organization = await _granted(house)
    before = (await _ask(house, "GET", f"/{organization}")).body
    found = await _consent(house, VICTIM)
    assert found["consent"] == "pending"
    forged = (await _ask(house, "GET", f"/{found['organization']}")).body
    assert (forged["status"], forged["last_error"]["words"]["code"]) == ("pending", "app_not_in_organization")
    assert (await _ask(house, "GET", f"/{organization}")).body == before
    house.entra.consented.clear()
    assert (await _consent(house))["consent"] == "granted"  # what was granted before stays
    assert (await _ask(house, "GET", f"/{organization}")).body == before
    refused = await _ask(house, "POST", f"/{found['organization']}/tenants", json={"mailboxes": [ONE]})
    assert (refused.status, refused.code) == (409, "organization_not_granted")


async def test_an_error_is_looked_at_before_anything_else_in_the_callback(house: House) -> None:
    for error, number, code in (
        ("consent_required", "AADSTS65004", "consent_declined"),
        ("consent_required", "", "admin_consent_refused"),
        ("permission_denied", "", "admin_consent_refused"),
        ("access_denied", "AADSTS900382", "organization_in_another_cloud"),
        ("<script>", "<script>", "microsoft_unavailable"),
    ):
        found = await _consent(house, error=error, error_description=f"{number}: <script>")
        assert found["error"] == code, (error, found)
        assert "script" not in str(found)
    assert house.entra.token_calls == []
    assert (await _ask(house, "GET", "")).body["items"] == []


@pytest.mark.parametrize("tenant", ["", "common", "../x", "a@b", "x" * 5000, "{" + TENANT + "}", TENANT + "/x"])
async def test_a_tenant_that_is_no_id_is_asked_about_nowhere(house: House, tenant: str) -> None:
    assert await _consent(house, tenant) == {"error": "admin_consent_unconfirmed"}
    assert house.entra.token_calls == []
    assert await house.owner.fetchval("SELECT count(*) FROM auth.organizations") == 0


async def test_a_consent_callback_is_bound_to_its_browser_and_works_once(house: House) -> None:
    url, cookie = await _begin(house)
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    query = {"state": state, "tenant": TENANT, "admin_consent": "True"}
    assert (await _back(house, "x" * 43, **query)).status == 400
    assert (await _back(house, cookie, **query)).status == 400
    for wrong in ({}, {"state": ""}, {"error": "permission_denied", "admin_consent": "True"}):
        answer = await _back(house, cookie, **wrong)
        assert answer.status == 400
        assert "start again" in answer.text.lower()
    url, cookie = await _begin(house)
    state = dict(parse_qsl(urlsplit(url).query))["state"]
    crossed = await house.come_back({"state": state, "code": "c"}, cookie)  # a flow for consent is none for a mailbox
    assert crossed.status == 400
    assert house.entra.token_calls == []


async def test_bad_organisations_begin_no_flow(house: House) -> None:
    admin = await house.admin()
    for organization in ("common", "consumers", "common/../x", "evil.com#", "a@b", "x" * 5000, "%2e%2e", "contoso.com"):
        url = f"{house.public}{CONSENT}"
        answer = await house.call("GET", url, params={"organization": organization}, headers=admin)
        assert answer.status == 422, (organization, answer.text)
        url = f"{house.public}/auth/organizations"
        answer = await house.call("POST", url, json={"external_tenant_id": organization}, headers=admin)
        assert answer.status == 422, (organization, answer.text)
    assert await house.owner.fetchval("SELECT count(*) FROM auth.oauth_states") == 0
    assert house.entra.token_calls == []


async def test_an_administrator_without_an_account_here_approves_by_link(house: House) -> None:
    body = {"purpose": "admin_consent"}
    made = await house.call("POST", f"{house.public}/auth/connect-links", json=body, headers=await house.admin())
    token = made.body["url"].partition("#token=")[2]

    async def follow(tenant: str) -> str:
        headers = {"Accept": "application/json"}
        url = f"{house.public}/auth/oauth/ms365/link"
        begun = await house.call("POST", url, json={"token": token}, headers=headers)
        assert begun.status == 200, begun.text
        cookie = begun.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
        parts = urlsplit(begun.body["authorize_url"])
        assert parts.path == "/organizations/v2.0/adminconsent"
        state = dict(parse_qsl(parts.query))["state"]
        ended = await _back(house, cookie, state=state, tenant=tenant, admin_consent="True")
        assert ended.status == 303
        return ended.headers["Location"]

    assert await follow(VICTIM) == "/auth/oauth/ms365/done?result=pending"
    assert await follow(TENANT) == "/auth/oauth/ms365/done?result=granted"
    url = f"{house.public}/auth/oauth/ms365/link"
    assert (await house.call("POST", url, json={"token": token})).code == "link_unusable"


async def test_what_is_missing_is_found_by_trying(house: House) -> None:
    house.entra.graph.refusals = {"users": Refusal(403, "Authorization_RequestDenied")}
    found = await _consent(house)
    assert (found["consent"], found["missing"]) == ("granted", "User.Read.All")
    organization = found["organization"]
    house.entra.graph.refusals = dict.fromkeys(house.entra.graph.people, DENIED)
    checked = (await _ask(house, "POST", f"/{organization}/check")).body
    assert (checked["status"], checked["missing"]) == ("granted", ["Mail.Read"])
    assert checked["last_error"]["words"]["code"] == "mailbox_access_denied"
    house.entra.graph.refusals = {ONE: DENIED}  # one outside the scope is not a missing permission
    assert (await _ask(house, "POST", f"/{organization}/check")).body["missing"] == []
    house.entra.graph.refusals = {"users": Refusal(503, "")}
    house.entra.graph.refusals["organization"] = Refusal(503, "")
    away = (await _ask(house, "POST", f"/{organization}/check")).body
    assert (away["status"], away["last_error"]["words"]["status"]) == ("granted", "waiting")
    house.entra.consented.clear()
    withdrawn = (await _ask(house, "POST", f"/{organization}/check")).body
    assert (withdrawn["status"], withdrawn["last_error"]["error"]) == ("refused", "unauthorized_client")


async def test_mailboxes_are_listed_page_by_page_and_searched(house: House) -> None:
    organization = await _granted(house)
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = (await _ask(house, "GET", f"/{organization}/mailboxes", params={"after": after})).body
        seen += [item["address"] for item in page["items"]]
        after = page["next"]
    assert seen == list(house.entra.graph.people.values())
    found = (await _ask(house, "GET", f"/{organization}/mailboxes", params={"search": "p4"})).body
    assert [item["address"] for item in found["items"]] == ["p4@contoso.example"]
    await _ask(house, "GET", f"/{organization}/mailboxes", params={"search": "o'x') or startswith(mail,'"})
    assert "o''x''" in house.entra.graph.calls[-1].replace("%27", "'")
    house.entra.graph.foreign_next = True  # a link to another host is not followed, and not shown
    assert (await _ask(house, "GET", f"/{organization}/mailboxes")).body["next"] is None
    house.entra.graph.refusals = {"users": Refusal(403, "Authorization_RequestDenied")}
    refused = await _ask(house, "GET", f"/{organization}/mailboxes")
    assert (refused.status, refused.code) == (409, "directory_access_denied")
    house.entra.graph.refusals = {"users": Refusal(429, "TooManyRequests")}
    refused = await _ask(house, "GET", f"/{organization}/mailboxes")
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (503, "graph_throttled", "10")


async def test_each_chosen_mailbox_is_connected_or_told_why_not(house: House) -> None:
    organization = await _granted(house)
    three = "00000000-0000-4000-8000-000000000003"
    house.entra.graph.refusals = {
        TWO: DENIED,
        three: POLICY,
        "00000000-0000-4000-8000-000000000004": Refusal(404, "MailboxNotEnabledForRESTAPI"),
    }
    names = [ONE, "p2@contoso.example", three, "p4@contoso.example", "nobody@contoso.example", "no'mail\u2019box", ONE]
    answer = await _ask(house, "POST", f"/{organization}/tenants", json={"mailboxes": names})
    assert answer.status == 200, answer.text
    by_name = {item["mailbox"]: item for item in answer.body["items"]}
    assert len(by_name) == len(answer.body["items"]) == 6
    assert by_name[ONE]["status"] == "connected"
    codes = {name: item.get("code") for name, item in by_name.items() if item["status"] == "failed"}
    assert codes == {
        "p2@contoso.example": "mailbox_access_denied",
        three: "mailbox_policy_refuses",
        "p4@contoso.example": "mailbox_unsupported",
        "nobody@contoso.example": "mailbox_unknown",
        "no'mail\u2019box": "mailbox_unknown",
    }
    assert "New-ManagementRoleAssignment" in by_name["p2@contoso.example"]["command"]
    assert "-Resource 'p2@contoso.example'" in by_name["p2@contoso.example"]["command"]
    assert "Test-ApplicationAccessPolicy" in by_name[three]["command"]
    assert by_name["p2@contoso.example"]["words"]["who_must_act"] == "administrator"
    tenant_id = by_name[ONE]["tenant_id"]
    row = await house.row(tenant_id)
    assert row["encrypted_refresh_token"] is None
    assert await house.owner.fetchval("SELECT count(*) FROM auth.tenants") == 1
    token = (await house.token(tenant_id)).body
    assert (token["token_type"], token["external_account_id"], token["account_email"]) == (
        "app",
        ONE,
        "p1@contoso.example",
    )
    assert (await _ask(house, "DELETE", f"/{organization}")).code == "organization_in_use"


async def test_an_object_id_is_enough_where_the_directory_may_not_be_read(house: House) -> None:
    house.entra.graph.refusals = {"users": Refusal(403, "Authorization_RequestDenied")}
    organization = (await _consent(house))["organization"]
    names = [ONE, "p2@contoso.example"]
    answer = await _ask(house, "POST", f"/{organization}/tenants", json={"mailboxes": names})
    first, second = answer.body["items"]
    assert (first["status"], second["code"]) == ("connected", "directory_access_denied")


async def test_a_mailbox_signed_in_to_before_keeps_its_row_when_the_organisation_takes_over(house: House) -> None:
    house.entra.person.object_id = ONE
    tenant_id = await house.connect()
    organization = await _granted(house)
    answer = await _ask(house, "POST", f"/{organization}/tenants", json={"mailboxes": [ONE]})
    assert answer.body["items"][0]["tenant_id"] == tenant_id
    assert (await house.token(tenant_id)).body["token_type"] == "app"
    assert await house.owner.fetchval("SELECT count(*) FROM auth.tenant_tokens") == 1


async def test_organisations_are_for_administrators_and_bad_lists_are_refused(house: House) -> None:
    organization = await _granted(house)
    for mailboxes in ([], [""], ["x" * 255], ["a@b.c"] * 51, "a@b.c"):
        answer = await _ask(house, "POST", f"/{organization}/tenants", json={"mailboxes": mailboxes})
        assert answer.status == 422, mailboxes
    missing = "/00000000-0000-0000-0000-000000000001"
    assert (await _ask(house, "GET", f"{missing}/mailboxes")).code == "organization_not_found"
    url = f"{house.public}/auth/organizations"
    assert (await house.call("GET", url)).status == 401
    headers = await house.admin()
    await house.owner.execute("UPDATE auth.users SET role = 'operator'")
    assert (await house.call("GET", f"{url}/{organization}/mailboxes", headers=headers)).status == 403
    assert (await house.call("POST", f"{url}/{organization}/check", headers=headers)).status == 403


async def test_words_for_a_code_and_for_an_account_that_must_be_connected_again(house: House) -> None:
    headers = await house.admin()
    url = f"{house.public}/auth/error-words"
    found = await house.call("GET", f"{url}/client_secret_expired", headers=headers)
    assert found.body["who_must_act"] == "operator"
    assert (await house.call("GET", f"{url}/nonsense", headers=headers)).code == "code_not_found"
    assert (await house.call("GET", f"{url}/client_secret_expired")).status == 401
    tenant_id = await house.connect()
    await house.owner.execute(
        "UPDATE auth.tenants SET status = 'reconnect_required', status_reason = $1::text::jsonb",
        '{"error": "invalid_grant", "aadsts": 50173, "trace_id": "t-1"}',
    )
    shown = await house.call("GET", f"{house.public}/auth/tenants/{tenant_id}", headers=headers)
    reason = shown.body["status_reason"]
    assert (reason["trace_id"], reason["words"]["code"]) == ("t-1", "sign_in_revoked")
    assert reason["words"]["link"] == f"/auth/oauth/ms365/authorize?tenant_id={tenant_id}"
