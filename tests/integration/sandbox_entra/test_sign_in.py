from __future__ import annotations

from html import unescape
from typing import Any

import jwt
import pytest

from tests.integration.sandbox_entra.client import (
    CLIENT_ID,
    OTHER_REDIRECT,
    REDIRECT,
    SALES,
    SUPPORT,
    Entra,
    Page,
    fragment_of,
)


async def test_picking_an_account_and_consenting_leads_to_tokens_for_that_account(entra: Entra) -> None:
    picker = Page.read(await entra.authorize())
    assert {SALES in label or SUPPORT in label for label in picker.buttons} == {True}
    consent = await entra.post_page(picker, picker.press(SUPPORT))
    assert "Read your mail" in consent.text
    assert "Sign you in" in consent.text
    assert SUPPORT in consent.text
    page = Page.read(consent)
    back = await entra.post_page(page, page.press("Accept"))
    assert back.headers["Location"].startswith(f"{REDIRECT}?")
    assert back.query["state"] == "the state"
    assert back.query["session_state"]
    tokens = (await entra.redeem(back.query["code"])).json
    assert (await entra.me(tokens["access_token"])).json["mail"] == SUPPORT


async def test_id_token_carries_microsofts_claims_and_verifies_with_the_published_key(entra: Entra) -> None:
    tokens = await entra.sign_in(SALES)
    user = next(u for u in (await entra.control("GET", "/mailboxes"))["items"] if u["address"] == SALES)
    keys = (await entra.call("GET", "/common/discovery/v2.0/keys")).json
    key = jwt.PyJWKSet.from_dict(keys)[jwt.get_unverified_header(tokens["id_token"])["kid"]]
    claims: dict[str, Any] = jwt.decode(tokens["id_token"], key, algorithms=["RS256"], audience=CLIENT_ID)
    assert claims.pop("iat") == claims.pop("nbf") == claims.pop("exp") - 3900
    assert {len(claims.pop(name)) >= 15 for name in ("rh", "uti", "sub")} == {True}
    assert claims == {
        "ver": "2.0",
        "iss": f"{entra.sandbox.url}/{user['tenant_id']}/v2.0",
        "aud": CLIENT_ID,
        "name": "Contoso Sales",
        "nonce": "the-nonce",
        "oid": user["id"],
        "preferred_username": SALES,
        "tid": user["tenant_id"],
    }


async def test_token_response_has_only_what_the_scopes_ask_for(entra: Entra) -> None:
    whole = await entra.sign_in()
    assert set(whole) == {
        "token_type", "scope", "expires_in", "ext_expires_in", "access_token", "refresh_token", "id_token",
    }  # fmt: skip
    assert whole["token_type"] == "Bearer"
    assert 3600 - 5 <= whole["expires_in"] <= 5400
    assert set(whole["scope"].split()) == {"openid", "profile", "User.Read", "Mail.Read"}
    bare = await entra.sign_in(scope="https://graph.microsoft.com/mail.read")
    assert set(bare) == {"token_type", "scope", "expires_in", "ext_expires_in", "access_token"}
    assert bare["scope"] == "Mail.Read"


async def test_without_the_profile_scope_the_id_token_does_not_name_the_person(entra: Entra) -> None:
    tokens = await entra.sign_in(scope="openid email Mail.Read")
    claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
    assert claims["email"] == SALES
    assert not {"oid", "name", "preferred_username"} & set(claims)


async def test_the_subject_differs_from_application_to_application(entra: Entra) -> None:
    other = await entra.control("POST", "/apps", json={"display_name": "Other", "redirect_uris": [REDIRECT]})
    tokens = [
        await entra.sign_in(),
        (
            await entra.redeem(
                await entra.code(client_id=other["client_id"]),
                client_id=other["client_id"],
                client_secret=other["client_secret"],
            )
        ).json,
    ]
    claims = [jwt.decode(one["id_token"], options={"verify_signature": False}) for one in tokens]
    assert claims[0]["oid"] == claims[1]["oid"]
    assert claims[0]["sub"] != claims[1]["sub"]


async def test_declining_consent_goes_back_with_access_denied_and_ends_the_sign_in(entra: Entra) -> None:
    page = Page.read(await entra.authorize(login_hint=SALES))
    form = page.press("Cancel")
    back = await entra.post_page(page, form)
    assert back.query == {
        "error": "access_denied",
        "error_description": "AADSTS65004: User declined to consent to access the app.",
        "state": "the state",
    }
    again = await entra.post_page(page, {**form, "decision": "accept"})
    assert (again.status, "AADSTS90014" in again.text) == (400, True)


async def test_consent_is_asked_once_and_again_only_for_new_permissions(entra: Entra) -> None:
    await entra.sign_in()
    assert "code" in (await entra.authorize(login_hint=SALES)).query
    more = await entra.authorize(login_hint=SALES, scope="openid Mail.Read Mail.Send")
    assert "Send mail as you" in more.text
    assert "Permissions requested" in (await entra.authorize(login_hint=SALES, prompt="consent")).text
    assert "Pick an account" in (await entra.authorize(login_hint=SALES, prompt="login")).text
    assert "Pick an account" in (await entra.authorize(prompt="select_account")).text
    assert "Permissions requested" in (await entra.authorize(login_hint=SUPPORT)).text


async def test_silent_sign_in_needs_a_known_account_with_consent(entra: Entra) -> None:
    assert (await entra.authorize(prompt="none")).query["error"] == "login_required"
    hinted = await entra.authorize(prompt="none", login_hint=SALES)
    assert hinted.query["error"] == "interaction_required"
    assert hinted.query["error_description"].startswith("AADSTS65001: ")
    await entra.sign_in()
    assert "code" in (await entra.authorize(prompt="none", login_hint=SALES.upper())).query


async def test_the_decision_is_that_of_the_account_that_was_picked(entra: Entra) -> None:
    page = Page.read(await entra.authorize(login_hint=SALES))
    other = next(u for u in (await entra.control("GET", "/mailboxes"))["items"] if u["address"] == SUPPORT)
    back = await entra.post_page(page, {**page.press("Accept"), "user": other["id"]})
    tokens = (await entra.redeem(back.query["code"])).json
    assert (await entra.me(tokens["access_token"])).json["mail"] == SALES


async def test_a_tenant_shows_and_admits_only_its_own_accounts(entra: Entra) -> None:
    users = {user["address"]: user for user in (await entra.control("GET", "/mailboxes"))["items"]}
    assert users[SALES]["tenant_id"] != users[SUPPORT]["tenant_id"]
    for authority in ("contoso.example", users[SALES]["tenant_id"], users[SALES]["tenant_id"].upper()):
        picker = Page.read(await entra.authorize(authority=authority))
        assert [SALES in label for label in picker.buttons] == [True]
        foreign = await entra.post_page(picker, {**picker.hidden, "user": users[SUPPORT]["id"]})
        assert (foreign.status, "AADSTS50020" in foreign.text) == (400, True)
    auto = await entra.authorize(authority="contoso.example", sandbox_auto=SUPPORT)
    assert (auto.status, "AADSTS50020" in auto.text) == (400, True)
    code = (await entra.authorize(authority="contoso.example", sandbox_auto=SALES)).query["code"]
    assert (await entra.redeem(code, authority="fabrikam.example")).json["error_codes"] == [700005]


async def test_the_answer_comes_in_the_asked_response_mode(entra: Entra) -> None:
    fragment = (await entra.authorize(sandbox_auto=SALES, response_mode="fragment")).headers["Location"]
    assert set(fragment_of(fragment)) == {"code", "state", "session_state"}
    assert "?" not in fragment
    posted = await entra.authorize(sandbox_auto=SALES, response_mode="form_post", state='"><script>x</script>')
    page = Page.read(posted)
    assert page.action == REDIRECT
    assert page.hidden["state"] == '"><script>x</script>'
    assert "<script>x" not in posted.text
    assert (await entra.redeem(page.hidden["code"])).status == 200
    kept = await entra.authorize(sandbox_auto=SALES, redirect_uri=OTHER_REDIRECT)
    assert kept.headers["Location"].startswith(f"{OTHER_REDIRECT}&code=")


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ({"client_id": "11111111-1111-1111-1111-111111111111"}, 700016),
        ({"client_id": None}, 900144),
        ({"redirect_uri": "http://localhost:9/callback/"}, 50011),
        ({"redirect_uri": "http://localhost:10/callback"}, 50011),
        ({"redirect_uri": "https://evil.example/callback"}, 50011),
        ({"authority": "nobody.example"}, 90002),
        ({"authority": "22222222-2222-2222-2222-222222222222"}, 90002),
        ({"sandbox_auto": "nobody@contoso.example"}, 50034),
        ({"sandbox_auto": "<script>@contoso.example"}, 50034),
    ],
)
async def test_what_makes_the_redirect_untrustworthy_is_shown_and_not_redirected(
    entra: Entra, query: dict[str, Any], number: int
) -> None:
    answer = await entra.authorize(**query)
    assert answer.status == 400
    assert answer.headers["Content-Type"].startswith("text/html")
    assert f"AADSTS{number}" in answer.text
    assert "<script" not in answer.text
    assert "Location" not in answer.headers


@pytest.mark.parametrize(
    ("query", "error", "number"),
    [
        ({"response_type": "token"}, "unsupported_response_type", 700054),
        ({"response_type": "code id_token"}, "unsupported_response_type", 700054),
        ({"response_type": None}, "invalid_request", 900144),
        ({"response_mode": "cookie"}, "invalid_request", 70007),
        ({"scope": None}, "invalid_request", 900144),
        ({"scope": "openid Mail.Everything"}, "invalid_scope", 70011),
        ({"scope": "https://foo.microsoft.com/mail.read"}, "invalid_scope", 70011),
        ({"scope": "https://graph.microsoft.com/openid"}, "invalid_scope", 70011),
        ({"scope": "https://graph.microsoft.com/.default Mail.Read"}, "invalid_scope", 70011),
        ({"prompt": "always"}, "invalid_request", 90023),
        ({"prompt": "select_account", "login_hint": SALES}, "invalid_request", 90023),
        ({"code_challenge_method": "S512"}, "invalid_request", 501491),
        ({"code_challenge": "short"}, "invalid_request", 501491),
        ({"code_challenge": None}, "invalid_request", 50147),
    ],
)
async def test_other_mistakes_go_back_to_the_application_with_its_state(
    entra: Entra, query: dict[str, Any], error: str, number: int
) -> None:
    back = (await entra.authorize(sandbox_auto=SALES, **query)).query
    assert (back["error"], back["state"]) == (error, "the state")
    assert back["error_description"].startswith(f"AADSTS{number}: ")
    assert "code" not in back


async def test_a_parameter_given_twice_is_refused(entra: Entra) -> None:
    pairs = [("client_id", CLIENT_ID), ("redirect_uri", REDIRECT), ("redirect_uri", OTHER_REDIRECT)]
    answer = await entra.call("GET", "/common/oauth2/v2.0/authorize", params=pairs)
    assert (answer.status, "AADSTS9000411" in answer.text) == (400, True)


async def test_pages_escape_what_comes_from_outside_and_forbid_scripts(entra: Entra) -> None:
    nasty = '<img src=x onerror=alert(1)>"&'
    app = await entra.control("POST", "/apps", json={"display_name": nasty, "redirect_uris": [REDIRECT]})
    await entra.control("POST", "/mailboxes", json={"address": "o'neil&co@contoso.example", "display_name": nasty})
    picker = await entra.authorize(client_id=app["client_id"])
    page = Page.read(picker)
    consent = await entra.post_page(page, page.press("o'neil"))
    for answer in (picker, consent):
        assert "<img" not in answer.text
        assert nasty in unescape(answer.text)
        assert "Flovify sandbox" in answer.text
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';")
        assert "script-src" not in policy
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_page_left_open_for_too_long_says_so(entra: Entra) -> None:
    page = Page.read(await entra.authorize())
    await entra.control("POST", "/clock", json={"advance_seconds": 31 * 60})
    late = await entra.post_page(page, page.press(SALES))
    assert (late.status, "expired" in late.text) == (400, True)
    unknown = await entra.post_page(page, {**page.press(SALES), "flow": "guessed"})
    assert unknown.status == 400
