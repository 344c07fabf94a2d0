"""What the console and the api need of connected accounts: token events, wishes to subscribe, changes told, system."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.integration.auth.fake_api import REMOVAL_ID
from tests.integration.auth.fake_entra import CLIENT_ID, oauth_error
from tests.integration.auth.house import EMAIL, House, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _get(house: House, path: str) -> Any:
    answer = await house.call("GET", house.public + path, headers=await house.admin())
    assert answer.status == 200, answer.text
    return answer.body


async def _connect(house: House, **query: str) -> str:
    return outcome(await house.flow(**query))["connected"]


async def test_a_connected_account_is_told_with_its_permissions(house: House) -> None:
    tenant_id = await _connect(house)
    found = await _get(house, f"/auth/tenants/{tenant_id}")
    assert found["required_scopes"] == ["Mail.Read"]
    assert found["missing_scopes"] == []
    assert "Mail.Read" not in found["extra_scopes"]
    assert found["connected_by"] == "admin@example.com"
    listed = await house.call(
        "GET", f"{house.internal}/auth/internal/tenants", headers={"X-Service-Token": house.service_secret}
    )
    (known,) = listed.body["items"]
    assert known["id"] == tenant_id
    assert "app_credential_expires_at" in known
    secrets = await house.row(tenant_id)
    assert secrets["encrypted_access_token"] not in listed.text
    assert (await house.call("GET", f"{house.internal}/auth/internal/tenants")).status == 401


async def test_what_happens_to_tokens_is_kept_and_told(house: House) -> None:
    tenant_id = await _connect(house)
    await house.call("POST", f"{house.public}/auth/tenants/{tenant_id}/refresh", headers=await house.admin())
    await _connect(house)
    house.entra.script.append(oauth_error("invalid_grant"))
    await house.expire(tenant_id)
    assert (await house.token(tenant_id)).code == "reconnect_required"
    events = (await _get(house, f"/auth/tenants/{tenant_id}/token-events"))["items"]
    kinds = [one["kind"] for one in events]
    assert kinds == ["reconnect_required", "refresh_failed", "reconnected", "refreshed", "connected"]
    assert events[0]["error"]["code"]
    assert events[-1]["error"] is None
    assert house.deps is not None
    await house.deps.tenants._api.close()  # let what is being told arrive
    assert set(house.api.changed) == {tenant_id}
    assert len(house.api.changed) >= 2
    unknown = await house.call(
        "GET", f"{house.public}/auth/tenants/{UUID(int=1)}/token-events", headers=await house.admin()
    )
    assert unknown.code == "tenant_not_found"


async def test_only_the_last_fifty_are_kept(house: House) -> None:
    tenant_id = await _connect(house)
    await house.owner.execute(
        "INSERT INTO auth.token_events (tenant_id, kind) SELECT $1, 'refreshed' FROM generate_series(1, 80)", tenant_id
    )
    assert house.deps is not None
    await house.deps.clean_up()
    assert await house.owner.fetchval("SELECT count(*) FROM auth.token_events") == 50


async def test_the_inbox_is_wished_for_until_the_api_takes_it(house: House) -> None:
    tenant_id = await _connect(house, subscribe="inbox")
    assert house.api.subscribed == {tenant_id: "inbox"}
    assert await house.owner.fetchval("SELECT count(*) FROM auth.tenants WHERE wanted_subscription IS NOT NULL") == 0
    house.api.reset()
    house.api.status_reconnected = 503
    await _connect(house, subscribe="inbox")
    assert house.api.subscribed == {}
    house.api.status_reconnected = 202
    assert house.deps is not None
    await house.deps.tenants.tell_wanted_subscriptions()
    assert house.api.subscribed == {tenant_id: "inbox"}
    house.api.reset()
    await house.deps.tenants.tell_wanted_subscriptions()
    assert house.api.reconnected == []
    await _connect(house)
    assert house.api.subscribed == {tenant_id: None}


async def test_a_link_carries_the_wish(house: House) -> None:
    made = await house.call(
        "POST", f"{house.public}/auth/connect-links", json={"subscribe": "inbox"}, headers=await house.admin()
    )
    assert made.body["subscribe"] == "inbox"
    token = made.body["url"].partition("#token=")[2]
    begun = await house.call(
        "POST", f"{house.public}/auth/oauth/ms365/link", json={"token": token}, headers={"Accept": "application/json"}
    )
    cookie = begun.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    await house.come_back(house.entra.sign_in(begun.body["authorize_url"]), cookie)
    assert list(house.api.subscribed.values()) == ["inbox"]


async def test_disconnecting_can_take_the_mail_with_it(house: House) -> None:
    tenant_id = await _connect(house)
    house.api.status = 503
    url = f"{house.public}/auth/tenants/{tenant_id}"
    refused = await house.call("DELETE", f"{url}?force=true&delete_messages=true", headers=await house.admin())
    assert (refused.status, refused.code) == (503, "subscriptions_not_removed")
    house.api.status = 200
    done = await house.call("DELETE", f"{url}?delete_messages=true", headers=await house.admin())
    assert done.body == {"removed": 2, "left_to_expire": [], "removal_id": REMOVAL_ID}
    assert house.api.ordered == {tenant_id: {"label": "sales@contoso.example", "ordered_by": EMAIL}}


async def test_the_system_shows_settings_without_secrets(house: House) -> None:
    await house.owner.execute("INSERT INTO auth.periodic_tasks (name) VALUES ('tell_api') ON CONFLICT DO NOTHING")
    answer = await house.call("GET", f"{house.public}/auth/system", headers=await house.admin())
    system = answer.body
    assert system["database"]["ok"] is True
    assert "tell_api" in {task["name"] for task in system["periodic_tasks"]}
    settings = {one["name"]: one for one in system["settings"]}
    assert settings["MICROSOFT_CLIENT_ID"]["value"] == CLIENT_ID
    secret = settings["SERVICE_SECRET"]
    assert (secret["value"], secret["secret"], secret["is_set"]) == (None, True, True)
    for text in (house.service_secret, house.encryption_key):
        assert text not in answer.text


async def test_all_words_are_listed(house: House) -> None:
    words = (await _get(house, "/auth/error-words"))["items"]
    codes = [one["code"] for one in words]
    assert len(codes) == len(set(codes)) > 40
    assert await _get(house, f"/auth/error-words/{codes[0]}") == words[0]
