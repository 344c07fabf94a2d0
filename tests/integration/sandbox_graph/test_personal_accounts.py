from __future__ import annotations

import base64
import re
from typing import Any

import msgspec
import pytest

from tests.integration.sandbox_graph.world import (
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT,
    SALES,
    Receiver,
    Sandbox,
    open_receiver,
)
from tests.unit.sandbox_graph.fakes import simple_mail

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
ADA = "ada@outlook.example"
BOB = "bob@outlook.example"
EVERYTHING = "openid profile offline_access User.Read User.ReadBasic.All Mail.Read Mail.ReadWrite"


async def add(sandbox: Sandbox, address: str = ADA, **more: Any) -> dict[str, Any]:
    body = {"address": address, "display_name": "Ada Lovelace", "personal": True, **more}
    found: dict[str, Any] = await sandbox.control("POST", "/mailboxes", json=body)
    return found


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


async def test_the_account_has_an_id_of_its_own_kind(sandbox: Sandbox) -> None:
    made = await add(sandbox)
    assert re.fullmatch("[0-9a-f]{16}", made["id"])
    assert (made["tenant_id"], made["personal"]) == (PERSONAL_TENANT, True)
    again = await add(sandbox)
    assert again == made
    domains = {one["domain"] for one in (await sandbox.control("GET", "/organizations"))["items"]}
    assert "outlook.example" not in domains


@pytest.mark.parametrize("authority", ["common", "consumers", PERSONAL_TENANT])
async def test_it_signs_in_and_reads_its_mail(sandbox: Sandbox, authority: str) -> None:
    made = await add(sandbox)
    graph = await sandbox.sign_in(ADA, EVERYTHING, authority)
    found = claims(graph.id_token)
    assert found["tid"] == PERSONAL_TENANT
    assert found["iss"] == f"{sandbox.base}/{PERSONAL_TENANT}/v2.0"
    assert found["oid"] == f"00000000-0000-0000-{made['id'][:4]}-{made['id'][4:]}"
    me = (await graph.call("GET", "/me")).json
    assert (me["id"], me["userPrincipalName"]) == (made["id"], ADA)
    message_id = await sandbox.deliver(ADA, simple_mail())
    for user in ("me", f"users/{made['id']}", f"users('{made['id']}')"):
        assert (await graph.call("GET", f"/{user}/messages/{message_id}?$select=subject")).json["subject"] == "Order 17"


async def test_its_notices_carry_no_tenant(sandbox: Sandbox, receiver: Receiver) -> None:
    made = await add(sandbox)
    graph = await sandbox.sign_in(ADA)
    async with open_receiver() as lifecycle:
        resource = f"users/{made['id']}/mailFolders('inbox')/messages"
        answer = await graph.subscribe(receiver.url, resource=resource, lifecycleNotificationUrl=lifecycle.url)
        assert answer.status == 201, answer.json
        message_id = await sandbox.deliver(ADA, simple_mail())
        [change] = await receiver.received(1)
        await sandbox.control("POST", f"/subscriptions/{answer.json['id']}/missed")
        [event] = await lifecycle.received(1)
    assert (change["tenantId"], event["tenantId"]) == ("", "")
    assert change["resource"] == f"Users/{made['id']}/Messages/{message_id}"
    listed = (await graph.call("GET", "/subscriptions")).json["value"]
    assert [one["id"] for one in listed] == [answer.json["id"]]


async def test_personal_accounts_do_not_see_each_other(sandbox: Sandbox) -> None:
    await add(sandbox)
    bob = await add(sandbox, BOB)
    graph = await sandbox.sign_in(ADA, EVERYTHING)
    statuses = [(await graph.call("GET", path)).status for path in (f"/users/{bob['id']}/messages", "/users")]
    assert statuses == [403, 403]
    assert (await graph.call("GET", f"/users/{bob['id']}")).status == 404
    assert (await graph.call("GET", "/organization")).json["value"] == []
    sales = await sandbox.sign_in(SALES)
    assert (await sales.call("GET", f"/users/{bob['id']}/messages")).status == 404


async def test_it_does_not_sign_in_at_organisations(sandbox: Sandbox) -> None:
    await add(sandbox)
    query = {
        "client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT, "scope": "openid User.Read",
        "sandbox_auto": ADA,
    }  # fmt: skip
    for authority in ("organizations", "contoso.example"):
        url = f"{sandbox.base}/{authority}/oauth2/v2.0/authorize"
        async with sandbox.http.get(url, params=query, allow_redirects=False) as answer:
            assert answer.status == 400
            assert "AADSTS50020" in await answer.text()
    url = f"{sandbox.base}/consumers/oauth2/v2.0/authorize"
    async with sandbox.http.get(url, params={**query, "sandbox_auto": SALES}, allow_redirects=False) as answer:
        assert "AADSTS50020" in await answer.text()


@pytest.mark.parametrize("authority", ["consumers", PERSONAL_TENANT])
async def test_no_application_acts_there_by_itself(sandbox: Sandbox, authority: str) -> None:
    await add(sandbox)
    form = {
        "grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
        "scope": "https://graph.microsoft.com/.default",
    }  # fmt: skip
    async with sandbox.http.post(f"{sandbox.base}/{authority}/oauth2/v2.0/token", data=form) as answer:
        assert answer.status == 400
        assert (await answer.json())["error_codes"] == [50194]
    async with sandbox.http.get(f"{sandbox.base}/{authority}/v2.0/adminconsent", params=form) as answer:
        assert answer.status == 400
    document = f"{sandbox.base}/{authority}/v2.0/.well-known/openid-configuration"
    async with sandbox.http.get(document) as answer:
        assert (await answer.json())["issuer"] == f"{sandbox.base}/{PERSONAL_TENANT}/v2.0"


@pytest.mark.parametrize(
    "more", [{"kind": "shared"}, {"administrator": True}, {"delegates": [SALES]}, {"address": SALES}]
)
async def test_what_a_personal_account_cannot_be_is_refused(sandbox: Sandbox, more: dict[str, Any]) -> None:
    body = {"address": ADA, "personal": True, **more}
    async with sandbox.http.post(f"{sandbox.base}/_sandbox/mailboxes", json=body) as answer:
        assert answer.status == 422
    if "address" in more:
        return
    await add(sandbox)
    async with sandbox.http.post(f"{sandbox.base}/_sandbox/mailboxes", json={**body, "personal": False}) as answer:
        assert answer.status == 422


async def test_other_clouds_have_none(sandbox: Sandbox) -> None:
    url = f"{sandbox.base}/cloud/china/_sandbox/mailboxes"
    async with sandbox.http.post(url, json={"address": ADA, "personal": True}) as answer:
        assert answer.status == 422


async def test_it_outlives_a_restart(sandbox: Sandbox) -> None:
    made = await add(sandbox)
    graph = await sandbox.sign_in(ADA)
    sandbox.process.kill9_and_start()
    assert (await graph.call("GET", "/me")).json["id"] == made["id"]
    domains = {one["domain"] for one in (await sandbox.control("GET", "/organizations"))["items"]}
    assert "outlook.example" not in domains
