from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from tests.integration.sandbox_entra.client import CLIENT_ID, CLIENT_SECRET, SALES, Entra, check_error


async def test_a_code_works_once_even_when_redeemed_many_times_at_once(entra: Entra) -> None:
    code = await entra.code()
    answers = await asyncio.gather(*(entra.redeem(code) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 9
    check_error(next(one for one in answers if one.status == 400), 400, "invalid_grant", 54005)


async def test_a_code_lives_ten_minutes(entra: Entra) -> None:
    young, old = await entra.code(), await entra.code()
    await entra.control("POST", "/clock", json={"advance_seconds": 595})
    assert (await entra.redeem(young)).status == 200
    await entra.control("POST", "/clock", json={"advance_seconds": 6})
    check_error(await entra.redeem(old), 400, "invalid_grant", 70008)


@pytest.mark.parametrize(
    ("form", "status", "error", "number"),
    [
        ({"code_verifier": "x" * 43}, 400, "invalid_grant", 501481),
        ({"code_verifier": None}, 400, "invalid_grant", 501481),
        ({"redirect_uri": "http://localhost:9/other"}, 400, "invalid_grant", 500112),
        ({"redirect_uri": None}, 400, "invalid_request", 900144),
        ({"code": None}, 400, "invalid_request", 900144),
        ({"code": "1.Aguess"}, 400, "invalid_grant", 70000),
        ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
        ({"client_secret": "schlüssel"}, 401, "invalid_client", 7000215),
        ({"client_secret": None}, 401, "invalid_client", 7000218),
        ({"client_id": "11111111-1111-1111-1111-111111111111"}, 400, "unauthorized_client", 700016),
        ({"client_id": None}, 400, "invalid_request", 900144),
        ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
        ({"grant_type": None}, 400, "invalid_request", 900144),
        ({"authority": "nobody.example"}, 400, "invalid_request", 90002),
        ({"headers": {"Origin": "http://localhost:9"}}, 400, "invalid_request", 9002326),
    ],
)
async def test_a_wrong_token_request_is_refused_in_microsofts_words_and_does_not_use_up_the_code(
    entra: Entra, form: dict[str, Any], status: int, error: str, number: int
) -> None:
    code = await entra.code()
    whole = {"grant_type": "authorization_code", "code": code, "code_verifier": entra.verifier}
    check_error(
        await entra.token(**{**whole, "redirect_uri": "http://localhost:9/callback", **form}), status, error, number
    )
    assert (await entra.redeem(code)).status == 200


async def test_a_plain_challenge_and_no_challenge_at_all(entra: Entra) -> None:
    plain = await entra.code(code_challenge=entra.verifier, code_challenge_method=None)
    assert (await entra.redeem(plain)).status == 200
    without = await entra.code(code_challenge=None, code_challenge_method=None)
    check_error(await entra.redeem(without), 400, "invalid_grant", 501481)
    assert (await entra.redeem(without, code_verifier=None)).status == 200


async def test_a_code_of_another_application_is_refused(entra: Entra) -> None:
    other = await entra.control("POST", "/apps", json={"display_name": "Other", "redirect_uris": []})
    code = await entra.code()
    stolen = await entra.redeem(code, client_id=other["client_id"], client_secret=other["client_secret"])
    check_error(stolen, 400, "invalid_grant", 70000)
    assert (await entra.redeem(code)).status == 200


async def test_the_credential_may_come_as_basic_authorization(entra: Entra) -> None:
    def basic(secret: str) -> dict[str, str]:
        pair = f"{quote_plus(CLIENT_ID)}:{quote_plus(secret)}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    code = await entra.code()
    nothing: dict[str, Any] = {"client_id": None, "client_secret": None}
    check_error(await entra.redeem(code, headers=basic("wrong"), **nothing), 401, "invalid_client", 7000215)
    check_error(
        await entra.redeem(code, headers={"Authorization": "Basic %%"}, **nothing), 401, "invalid_client", 7000218
    )
    assert (await entra.redeem(code, headers=basic(CLIENT_SECRET), **nothing)).status == 200


async def test_only_a_form_is_read(entra: Entra) -> None:
    path = "/common/oauth2/v2.0/token"
    check_error(await entra.call("POST", path, json={"grant_type": "refresh_token"}), 400, "invalid_request", 900144)
    check_error(await entra.call("POST", path, data=b"\xff\x00%zz"), 400, "invalid_request", 900144)
    check_error(await entra.call("GET", path), 400, "invalid_request", 900561)
    twice = [("grant_type", "refresh_token"), ("grant_type", "refresh_token")]
    check_error(await entra.call("POST", path, data=twice), 400, "invalid_request", 9000411)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    large = await entra.call("POST", path, data=io.BytesIO(b"a=" + b"x" * (1024 * 1024)), headers=form)
    check_error(large, 400, "invalid_request", 9002313)


async def test_an_error_repeats_the_callers_correlation_id(entra: Entra) -> None:
    mine = "0B1C2D3E-0000-4000-8000-0123456789AB"
    answer = await entra.token(grant_type="nonsense", headers={"client-request-id": mine})
    assert answer.json["correlation_id"] == mine.lower()
    strange = await entra.token(grant_type="nonsense", headers={"client-request-id": "<b>"})
    assert "<b>" not in strange.text


async def test_access_tokens_end_with_their_life(entra: Entra) -> None:
    tokens = await entra.sign_in()
    assert (await entra.me(tokens["access_token"])).status == 200
    await entra.control("POST", "/clock", json={"advance_seconds": tokens["expires_in"] + 1})
    assert (await entra.me(tokens["access_token"])).status == 401


async def test_access_token_lives_differ_and_stay_between_60_and_90_minutes(entra: Entra) -> None:
    lives = [(await entra.sign_in())["expires_in"] for _ in range(8)]
    assert len(set(lives)) > 1
    assert min(lives) >= 3595
    assert max(lives) <= 5400


async def test_refreshing_gives_a_new_refresh_token_and_leaves_the_old_one_valid(entra: Entra) -> None:
    first = await entra.sign_in()
    second = (await entra.refresh(first["refresh_token"])).json
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert set(second["scope"].split()) == set(first["scope"].split())
    assert (await entra.refresh(first["refresh_token"])).status == 200
    assert (await entra.refresh(second["refresh_token"])).status == 200
    assert (await entra.me(second["access_token"])).json["mail"] == SALES


async def test_strict_rotation_ends_the_family_when_an_old_token_comes_again(entra: Entra) -> None:
    await entra.control("POST", "/settings", json={"refresh_rotation": "strict"})
    first = await entra.sign_in()
    second = (await entra.refresh(first["refresh_token"])).json
    check_error(await entra.refresh(first["refresh_token"]), 400, "invalid_grant", 70000)
    assert (await entra.refresh(second["refresh_token"])).json["error"] == "invalid_grant"
    assert (await entra.refresh((await entra.sign_in())["refresh_token"])).status == 200


async def test_refresh_tokens_slide_by_ninety_days(entra: Entra) -> None:
    tokens = await entra.sign_in()
    for _ in range(2):
        await entra.control("POST", "/clock", json={"advance_seconds": 89 * 86400})
        tokens = (await entra.refresh(tokens["refresh_token"])).json
    await entra.control("POST", "/clock", json={"advance_seconds": 90 * 86400 + 1})
    check_error(await entra.refresh(tokens["refresh_token"]), 400, "invalid_grant", 700082)


async def test_revoking_ends_tokens_and_codes_until_the_next_consent(entra: Entra) -> None:
    tokens, code = await entra.sign_in(), await entra.code()
    assert await entra.control("POST", f"/grants/{SALES.upper()}/revoke") == {"revoked": 1}
    check_error(await entra.refresh(tokens["refresh_token"]), 400, "invalid_grant", 50173)
    check_error(await entra.redeem(code), 400, "invalid_grant", 50173)
    assert (await entra.me(tokens["access_token"])).status == 401
    assert "Permissions requested" in (await entra.authorize(login_hint=SALES)).text
    again = await entra.sign_in()
    assert (await entra.refresh(again["refresh_token"])).status == 200
    check_error(await entra.refresh(tokens["refresh_token"]), 400, "invalid_grant", 50173)


async def test_a_refresh_may_narrow_the_scope_but_not_pass_what_was_consented(entra: Entra) -> None:
    tokens = await entra.sign_in()
    narrow = (await entra.refresh(tokens["refresh_token"], scope="User.Read offline_access")).json
    assert narrow["scope"] == "User.Read"
    assert "id_token" not in narrow
    denied = await entra.call("GET", "/v1.0/me/messages", headers={"Authorization": f"Bearer {narrow['access_token']}"})
    assert denied.status == 403
    wide = await entra.refresh(tokens["refresh_token"], scope="Mail.Send")
    check_error(wide, 400, "invalid_grant", 65001)
    assert wide.json["suberror"] == "consent_required"
    check_error(await entra.refresh(tokens["refresh_token"], scope="Nonsense"), 400, "invalid_scope", 70011)
    everything = (await entra.refresh(tokens["refresh_token"], scope="https://graph.microsoft.com/.default")).json
    assert set(everything["scope"].split()) == {"User.Read", "Mail.Read"}
    assert everything["refresh_token"]


async def test_a_bad_refresh_token_is_refused(entra: Entra) -> None:
    other = await entra.control("POST", "/apps", json={"display_name": "Other", "redirect_uris": []})
    tokens = await entra.sign_in()
    check_error(await entra.refresh("0.Aguess"), 400, "invalid_grant", 9002313)
    check_error(await entra.refresh(""), 400, "invalid_request", 900144)
    stolen = await entra.refresh(
        tokens["refresh_token"], client_id=other["client_id"], client_secret=other["client_secret"]
    )
    check_error(stolen, 400, "invalid_grant", 9002313)
    foreign = await entra.refresh(tokens["refresh_token"], authority="fabrikam.example")
    check_error(foreign, 400, "invalid_grant", 700005)


async def test_an_application_acts_as_itself_only_in_one_concrete_tenant(entra: Entra) -> None:
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    check_error(await entra.token(authority="contoso.example", **form), 400, "unauthorized_client", 700016)
    await entra.control("POST", "/organizations/contoso.example/consents", json={"client_id": CLIENT_ID})
    good = await entra.token(authority="contoso.example", **form)
    assert set(good.json) == {"token_type", "expires_in", "ext_expires_in", "access_token"}
    bearer = {"Authorization": f"Bearer {good.json['access_token']}"}
    assert (await entra.call("GET", f"/v1.0/users/{SALES}/messages", headers=bearer)).status == 200
    foreign = await entra.call("GET", "/v1.0/users/support@fabrikam.example/messages", headers=bearer)
    assert foreign.status in {403, 404}
    check_error(await entra.token(authority="common", **form), 400, "invalid_request", 50194)
    wrong = await entra.token(authority="contoso.example", **{**form, "scope": "Mail.Read"})
    check_error(wrong, 400, "invalid_scope", 1002012)


async def test_client_info_comes_only_when_asked_for(entra: Entra) -> None:
    answer = (await entra.redeem(await entra.code(), client_info="1")).json
    padded = answer["client_info"] + "=" * (-len(answer["client_info"]) % 4)
    user = next(u for u in (await entra.control("GET", "/mailboxes"))["items"] if u["address"] == SALES)
    assert json.loads(base64.urlsafe_b64decode(padded)) == {"uid": user["id"], "utid": user["tenant_id"]}
