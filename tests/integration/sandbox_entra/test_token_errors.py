"""Entra's failures on demand."""

from __future__ import annotations

from typing import Any

import pytest

from flovify.sandbox.entra.demanded import KNOWN
from tests.integration.sandbox_entra.client import CLIENT_ID, REDIRECT, SALES, SUPPORT, Entra, check_error


async def _demand(entra: Entra, aadsts: int, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = await entra.control("POST", "/token-errors", json={"aadsts": aadsts, **body})
    return made


async def test_every_known_number_comes_as_asked(entra: Entra) -> None:
    tokens = await entra.sign_in()
    for number, (error, words) in KNOWN.items():
        made = await _demand(entra, number, address=SALES, times=1)
        refused = await entra.refresh(tokens["refresh_token"])
        check_error(refused, made["status"], error, number)
        assert f"AADSTS{number}: {words}" in refused.json["error_description"]
    assert (await entra.refresh(tokens["refresh_token"])).status == 200


async def test_a_failure_meets_only_whom_it_names_and_as_often_as_it_says(entra: Entra) -> None:
    sales, support = await entra.sign_in(), await entra.sign_in(SUPPORT)
    await _demand(entra, 50173, address=SALES.upper(), times=2)
    assert (await entra.refresh(support["refresh_token"])).status == 200
    for _ in range(2):
        check_error(await entra.refresh(sales["refresh_token"]), 400, "invalid_grant", 50173)
    assert (await entra.refresh(sales["refresh_token"])).status == 200


async def test_a_failure_of_the_application_meets_all_its_grants_until_it_is_removed(entra: Entra) -> None:
    tokens, code = await entra.sign_in(), await entra.code()
    made = await _demand(entra, 7000222, client_id=CLIENT_ID)
    check_error(await entra.refresh(tokens["refresh_token"]), 401, "invalid_client", 7000222)
    check_error(await entra.redeem(code), 401, "invalid_client", 7000222)
    form = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
    check_error(await entra.token(authority="contoso.example", **form), 401, "invalid_client", 7000222)
    assert (await entra.control("GET", "/token-errors"))["items"][0]["hits"] == 3
    assert await entra.control("DELETE", "/token-errors", params={"id": made["id"]}) == {"removed": 1}
    assert (await entra.redeem(code)).status == 200


async def test_words_status_suberror_and_claims_can_be_chosen(entra: Entra) -> None:
    tokens = await entra.sign_in()
    claims = '{"access_token":{"capolids":{"essential":true,"values":["x"]}}}'
    await _demand(
        entra, 12345678, error="interaction_required", address=SALES, claims=claims, suberror="basic_action",
        description="Own words.", status=418, grant_type="refresh_token",
    )  # fmt: skip
    refused = await entra.refresh(tokens["refresh_token"])
    assert (refused.status, refused.json["claims"], refused.json["suberror"]) == (418, claims, "basic_action")
    assert refused.json["error_description"].startswith("AADSTS12345678: Own words.")
    assert (await entra.redeem(await entra.code())).status == 200, "only the named grant is met"


async def test_failures_on_the_redirect(entra: Entra) -> None:
    await _demand(entra, 65004, address=SALES, at="authorize", times=1)
    refused = (await entra.authorize(sandbox_auto=SALES)).query
    assert (refused["error"], refused["state"]) == ("access_denied", "the state")
    assert "code" in (await entra.authorize(sandbox_auto=SALES)).query
    await _demand(entra, 90033, client_id=CLIENT_ID, at="adminconsent", times=1)
    query = {
        "client_id": CLIENT_ID, "redirect_uri": REDIRECT, "sandbox_auto": SALES, "scope": "User.Read",
    }  # fmt: skip
    consent = (await entra.call("GET", "/organizations/v2.0/adminconsent", params=query)).query
    assert (consent["error"], consent["admin_consent"]) == ("temporarily_unavailable", "True")


@pytest.mark.parametrize(
    "body",
    [
        {"aadsts": 50173},
        {"aadsts": 1, "address": SALES},
        {"error": "invalid_grant", "address": SALES},
        {"aadsts": 50173, "address": SALES, "times": 0},
        {"aadsts": 50173, "address": SALES, "at": "moon"},
    ],
)
async def test_a_demand_that_says_too_little_is_refused(entra: Entra, body: dict[str, Any]) -> None:
    answer = await entra.call("POST", "/_sandbox/token-errors", json=body)
    assert answer.status == 422, answer.text
