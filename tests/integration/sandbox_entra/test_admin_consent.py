"""Organisations that let their people consent to mail and those that do not, and both admin consent endpoints."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox_entra.client import CLIENT_ID, REDIRECT, SALES, Answer, Entra, Page, check_error

ANN, BOSS = "ann@strict.example", "boss@strict.example"
OTHER = "carl@other.example"
NO_APP = "11111111-1111-1111-1111-111111111111"
V2 = {"scope": "https://graph.microsoft.com/.default"}


@pytest.fixture
async def strict(entra: Entra) -> Entra:
    """An organisation as new ones are: its people cannot consent to mail, its administrator can."""
    await entra.control("POST", "/mailboxes", json={"address": ANN})
    await entra.control("POST", "/mailboxes", json={"address": BOSS, "administrator": True})
    await entra.control("POST", "/mailboxes", json={"address": OTHER})
    return entra


async def _ask(entra: Entra, path: str, **query: str) -> Answer:
    asked = {"client_id": CLIENT_ID, "redirect_uri": REDIRECT, "state": "the state", **query}
    return await entra.call("GET", path, params=asked)


async def _tenant(entra: Entra, address: str) -> str:
    users = (await entra.control("GET", "/mailboxes"))["items"]
    return next(str(user["tenant_id"]) for user in users if user["address"] == address)


async def test_by_default_people_cannot_consent_to_mail(strict: Entra) -> None:
    refused = (await strict.authorize(sandbox_auto=ANN)).query
    assert refused["error"] == "access_denied"
    assert refused["error_description"].startswith("AADSTS90094: ")
    assert (refused["state"], "code" in refused) == ("the state", False)
    harmless = await strict.authorize(sandbox_auto=ANN, scope="openid profile offline_access User.Read Mail.Send")
    assert "code" in harmless.query
    assert "code" in (await strict.authorize(sandbox_auto=BOSS)).query, "an administrator may, for himself"
    assert (await strict.authorize(sandbox_auto=ANN)).query["error"] == "access_denied"
    await strict.control("PUT", "/organizations/strict.example", json={"user_consent": "open"})
    assert "code" in (await strict.authorize(sandbox_auto=ANN)).query


async def test_the_page_leads_back_without_consent(strict: Entra) -> None:
    page = Page.read(await strict.authorize(login_hint=ANN))
    assert list(page.buttons) == ["Return without granting consent"]
    back = (await strict.post_page(page, page.press("Return"))).query
    assert (back["error"], back["error_description"][:11]) == ("access_denied", "AADSTS90094")
    page = Page.read(await strict.authorize(login_hint=ANN))
    forged = {**page.hidden, "decision": "accept"}
    assert (await strict.post_page(page, forged)).query["error"] == "access_denied"


async def test_after_admin_consent_people_sign_in_without_being_asked(strict: Entra) -> None:
    answer = (await _ask(strict, "/organizations/v2.0/adminconsent", sandbox_auto=BOSS, **V2)).query
    assert answer == {
        "admin_consent": "True",
        "tenant": await _tenant(strict, BOSS),
        "scope": "https://graph.microsoft.com/.default",
        "state": "the state",
    }
    scopes = "openid profile offline_access User.Read Mail.Read"
    assert "code" in (await strict.authorize(login_hint=ANN, prompt="none", scope=scopes)).query
    assert "code" in (await strict.authorize(login_hint=ANN, scope=scopes)).query
    assert (await strict.authorize(sandbox_auto=ANN, scope="Mail.ReadWrite")).query["error"] == "access_denied"
    own = await strict.token(authority="strict.example", grant_type="client_credentials", **V2)
    bearer = {"Authorization": f"Bearer {own.json['access_token']}"}
    assert (await strict.call("GET", f"/v1.0/users/{ANN}/messages", headers=bearer)).status == 200


async def test_named_scopes_are_granted_without_application_roles(strict: Entra) -> None:
    answer = await _ask(strict, "/strict.example/v2.0/adminconsent", sandbox_auto=BOSS, scope="Mail.Read User.Read")
    assert answer.query["scope"] == "https://graph.microsoft.com/Mail.Read https://graph.microsoft.com/User.Read"
    own = await strict.token(authority="strict.example", grant_type="client_credentials", **V2)
    bearer = {"Authorization": f"Bearer {own.json['access_token']}"}
    assert (await strict.call("GET", f"/v1.0/users/{ANN}/messages", headers=bearer)).status == 403


async def test_a_refusal_says_admin_consent_true_all_the_same(strict: Entra) -> None:
    path = "/organizations/v2.0/adminconsent"
    refused = (await _ask(strict, path, sandbox_auto=BOSS, sandbox_decision="cancel", **V2)).query
    assert (refused["admin_consent"], refused["error"], refused["state"]) == ("True", "consent_required", "the state")
    assert refused["error_description"].startswith("AADSTS65004: ")
    assert "tenant" not in refused
    nobody = (await _ask(strict, path, sandbox_auto=ANN, **V2)).query
    assert (nobody["error"], nobody["error_description"][:11]) == ("consent_required", "AADSTS90094")
    check_error(
        await strict.token(authority="strict.example", grant_type="client_credentials", **V2),
        400,
        "unauthorized_client",
        700016,
    )


async def test_the_old_endpoint_grants_everything_registered_and_refuses_without_state(strict: Entra) -> None:
    granted = (await _ask(strict, "/common/adminconsent", sandbox_auto=BOSS)).query
    assert granted == {"admin_consent": "True", "tenant": await _tenant(strict, BOSS), "state": "the state"}
    assert (await strict.token(authority="strict.example", grant_type="client_credentials", **V2)).status == 200
    refused = (await _ask(strict, "/common/adminconsent", sandbox_auto=BOSS, sandbox_decision="cancel")).query
    assert set(refused) == {"error", "error_description"}
    assert refused["error"] == "permission_denied"


async def test_an_administrator_is_shown_what_is_asked_for_and_accepts(strict: Entra) -> None:
    picker = Page.read(await _ask(strict, "/strict.example/v2.0/adminconsent", **V2))
    assert [label for label in picker.buttons if "other.example" in label] == []
    shown = await strict.post_page(picker, picker.press(BOSS))
    assert "Review for your organisation" in shown.text
    assert "Read mail in all mailboxes" in shown.text
    page = Page.read(shown)
    assert (await strict.post_page(page, page.press("Accept"))).query["admin_consent"] == "True"
    again = Page.read(await _ask(strict, "/strict.example/v2.0/adminconsent", **V2))
    person = await strict.post_page(again, again.press(ANN))
    assert "AADSTS90094" in person.text
    forged = await strict.post_page(Page.read(person), {**Page.read(person).hidden, "decision": "accept"})
    assert forged.query["error"] == "consent_required"


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("/common/v2.0/adminconsent", V2, "AADSTS90023"),
        ("/consumers/adminconsent", {}, "AADSTS90023"),
        ("/nobody.example/v2.0/adminconsent", V2, "AADSTS90002"),
        ("/strict.example/v2.0/adminconsent", {}, "AADSTS900144"),
        ("/strict.example/v2.0/adminconsent", {"scope": "Nonsense"}, "AADSTS70011"),
        ("/strict.example/v2.0/adminconsent", {**V2, "redirect_uri": "http://localhost:9/other"}, "AADSTS50011"),
        ("/strict.example/v2.0/adminconsent", {**V2, "redirect_uri": ""}, "AADSTS900144"),
        ("/strict.example/v2.0/adminconsent", {**V2, "client_id": NO_APP}, "AADSTS700016"),
        ("/strict.example/v2.0/adminconsent", {**V2, "sandbox_auto": OTHER}, "AADSTS50020"),
        ("/strict.example/v2.0/adminconsent", {**V2, "sandbox_auto": "x@y.example"}, "AADSTS50034"),
    ],
)  # fmt: skip
async def test_a_wrong_request_is_shown_and_never_redirected(
    strict: Entra, path: str, query: dict[str, str], said: str
) -> None:
    answer = await _ask(strict, path, **query)
    assert (answer.status, said in answer.text) == (400, True), answer.text


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/organizations/strict.example", {"user_consent": "maybe"}, 422),
        ("PUT", "/organizations/strict.example", {"mailbox_scope": {"none": None}}, 422),
        ("PUT", "/organizations/strict.example", {"mailbox_scope": {CLIENT_ID: [SALES]}}, 404),
        ("PUT", "/organizations/two words", {}, 422),
        ("POST", "/organizations/nobody.example/consents", {"client_id": CLIENT_ID}, 404),
        ("POST", "/organizations/strict.example/consents", {"client_id": CLIENT_ID, "roles": ["x"]}, 422),
        ("DELETE", f"/organizations/strict.example/consents/{CLIENT_ID}", None, 404),
        ("POST", "/mailboxes", {"address": ANN, "kind": "robot"}, 422),
    ],
)
async def test_a_wrong_control_call_is_refused(strict: Entra, method: str, path: str, body: Any, status: int) -> None:
    answer = await strict.call(method, f"/_sandbox{path}", json=body)
    assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text


async def test_an_organisation_is_listed_with_its_policy_and_consents(strict: Entra) -> None:
    made = await strict.control("PUT", "/organizations/new.example", json={"display_name": "New & Co"})
    assert (made["display_name"], made["user_consent"], made["consents"]) == ("New & Co", "blocked_for_mail", [])
    await strict.control("POST", "/organizations/new.example/consents", json={"client_id": CLIENT_ID, "scopes": []})
    listed = (await strict.control("GET", "/organizations"))["items"]
    by_domain = {one["domain"]: one for one in listed}
    assert by_domain["new.example"]["consents"][0]["roles"] == ["Mail.Read", "User.Read.All"]
    assert by_domain["contoso.example"]["user_consent"] == "open"
    configuration = await strict.call("GET", "/new.example/v2.0/.well-known/openid-configuration")
    assert made["tenant_id"] in configuration.json["issuer"]
