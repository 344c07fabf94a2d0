from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox_entra.client import OTHER_REDIRECT, REDIRECT, SALES, SUPPORT, Entra

LETTER = b"From: a@example.org\r\nTo: sales@contoso.example\r\nSubject: by hand\r\n\r\nHello\r\n"


async def _subjects(entra: Entra, address: str) -> list[str]:
    tokens = await entra.sign_in(address)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    query = "/v1.0/me/messages?$select=subject,receivedDateTime&$top=100"
    return [one["subject"] for one in (await entra.call("GET", query, headers=bearer)).json["value"]]


async def test_the_first_seed_has_two_mailboxes_of_two_organisations_with_days_of_mail(entra: Entra) -> None:
    items = (await entra.control("GET", "/mailboxes"))["items"]
    assert [one["address"] for one in items] == [SALES, SUPPORT]
    assert len({one["tenant_id"] for one in items}) == 2
    tokens = await entra.sign_in(SALES)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    mail = (await entra.call("GET", "/v1.0/me/messages", headers=bearer)).json["value"]
    days = {one["receivedDateTime"][:10] for one in mail}
    assert len(mail) >= 5
    assert len(days) >= 4
    assert len(await _subjects(entra, SUPPORT)) >= 5


async def test_a_mailbox_made_by_hand_can_sign_in_and_get_mail(entra: Entra) -> None:
    body = {"address": " New.Person@Contoso.Example ", "display_name": "New Person"}
    made = await entra.control("POST", "/mailboxes", json=body)
    assert made["address"] == "new.person@contoso.example"
    assert await entra.control("POST", "/mailboxes", json=body) == made
    message = await entra.control("POST", "/mailboxes/NEW.person@contoso.example/messages", data=LETTER)
    assert set(message) == {"id", "internet_message_id"}
    assert await _subjects(entra, "new.person@contoso.example") == ["by hand"]


async def test_an_application_made_by_hand_works_with_its_own_secret(entra: Entra) -> None:
    app = await entra.control("POST", "/apps", json={"display_name": "Mine", "redirect_uris": [OTHER_REDIRECT]})
    code = await entra.code(client_id=app["client_id"], redirect_uri=OTHER_REDIRECT)
    good = {"client_id": app["client_id"], "redirect_uri": OTHER_REDIRECT}
    assert (await entra.redeem(code, **good)).json["error_codes"] == [7000215]
    assert (await entra.redeem(code, **good, client_secret=app["client_secret"])).status == 200
    wrong = await entra.authorize(client_id=app["client_id"], redirect_uri=REDIRECT)
    assert "AADSTS50011" in wrong.text


async def test_reset_goes_back_to_the_seed_with_the_same_ids(entra: Entra) -> None:
    before = (await entra.control("GET", "/mailboxes"))["items"]
    tokens = await entra.sign_in()
    app = await entra.control("POST", "/apps", json={"display_name": "Gone", "redirect_uris": [REDIRECT]})
    await entra.control("POST", "/mailboxes", json={"address": "gone@contoso.example"})
    await entra.control("POST", f"/mailboxes/{SALES}/messages", data=LETTER)
    await entra.control("POST", "/clock", json={"advance_seconds": 1000})
    await entra.control("POST", "/faults", json={"status": 500})
    await entra.control("POST", "/settings", json={"refresh_rotation": "strict"})
    assert await entra.control("POST", "/reset") == {"mailboxes": [SALES, SUPPORT]}
    assert (await entra.control("GET", "/mailboxes"))["items"] == before
    assert await entra.control("GET", "/faults") == {"items": []}
    assert await entra.control("GET", "/requests") == {"items": []}
    assert (await entra.me(tokens["access_token"])).status == 401
    assert (await entra.authorize(client_id=app["client_id"])).status == 400
    assert "by hand" not in await _subjects(entra, SALES)


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/mailboxes", {"json": {"address": "nobody"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": "a@b@c"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": "a b@c.example"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": "a\r\n@c.example"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": "a/b@c.example"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": "a" * 260 + "@c.example"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": 5}}, 422),
        ("POST", "/mailboxes", {"json": {"adress": "a@c.example"}}, 422),
        ("POST", "/mailboxes", {"json": {"address": "a@c.example", "display_name": "x" * 300}}, 422),
        ("POST", "/mailboxes", {"data": b"{"}, 422),
        ("POST", "/mailboxes", {"data": b'{"address":"\xff"}'}, 422),
        ("POST", "/mailboxes", {"data": b"[" * 100_000}, 422),
        ("POST", "/mailboxes/nobody@contoso.example/messages", {"data": LETTER}, 404),
        ("POST", f"/mailboxes/{SALES}/messages", {"data": b""}, 422),
        ("POST", "/apps", {"json": {"display_name": ""}}, 422),
        ("POST", "/apps", {"json": {"display_name": "x", "redirect_uris": ["http://evil.example/"]}}, 422),
        ("POST", "/apps", {"json": {"display_name": "x", "redirect_uris": ["https://a.example/*"]}}, 422),
        ("POST", "/apps", {"json": {"display_name": "x", "redirect_uris": ["https://a.example/#f"]}}, 422),
        ("POST", "/apps", {"json": {"display_name": "x", "redirect_uris": ["javascript:alert(1)"]}}, 422),
        ("POST", "/apps", {"json": {"display_name": "x", "redirect_uris": ["/callback"]}}, 422),
        ("POST", "/clock", {"json": {"advance_seconds": -1}}, 422),
        ("POST", "/clock", {"json": {"advance_seconds": 1e300}}, 422),
        ("POST", "/clock", {"json": {}}, 422),
        ("POST", "/settings", {"json": {"refresh_rotation": "sometimes"}}, 422),
        ("POST", "/grants/nobody@contoso.example/revoke", {}, 404),
        ("POST", "/subscriptions/none/removed", {}, 404),
        ("POST", "/subscriptions/none/exploded", {}, 404),
        ("POST", "/nonsense", {}, 404),
        ("PUT", "/clock", {}, 405),
    ],
)
async def test_a_wrong_control_call_is_refused_with_a_reason(
    entra: Entra, method: str, path: str, options: dict[str, Any], status: int
) -> None:
    answer = await entra.call(method, f"/_sandbox{path}", **options)
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json["code"]
    assert answer.json["detail"]


async def test_control_calls_are_not_in_the_request_log(entra: Entra) -> None:
    await entra.control("GET", "/mailboxes")
    assert await entra.control("GET", "/requests") == {"items": []}
    assert set(await entra.control("GET", "/deliveries")) == {"items", "delivering"}
