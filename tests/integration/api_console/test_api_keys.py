"""Programs at the api: what a key opens, and everything it does not."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from flovify.api.app import admin_app
from flovify.api.keys.rules import RULES
from flovify.common import api_keys
from flovify.common.db import Pool
from tests.integration.api_console import ground
from tests.integration.api_graph.running import Answer, Api

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBSCRIPTIONS = "/api/ms365/subscriptions"


async def call(api: Api, key: str, method: str, path: str, body: Any = None) -> Answer:
    return await api._send(method, api.public + path, body, {"Authorization": f"Bearer {key}"})


async def test_a_key_opens_what_its_scopes_name_and_nothing_else(api: Api, pool: Pool) -> None:
    tenant_id = ground.tenant(api.auth)
    message_id = await ground.message(pool, tenant_id)
    key = api.auth.make_key("messages:read")
    listed = await call(api, key, "GET", "/api/message-summaries")
    assert [item["id"] for item in listed.body["items"]] == [str(message_id)]
    assert (await call(api, key, "GET", f"/api/messages/{message_id}")).status == 200
    for path in ("/api/events", SUBSCRIPTIONS, "/api/accounts", "/api/coverage/gaps"):
        refused = await call(api, key, "GET", path)
        assert (refused.status, refused.body["code"]) == (403, "api_key_scope_missing")
    for method, path in (
        ("GET", "/api/audit"),
        ("GET", "/api/system"),
        ("DELETE", f"/api/tenants/{tenant_id}/messages"),
    ):
        refused = await call(api, api.auth.make_key(*api_keys.SCOPES), method, path)
        assert (refused.status, refused.body["code"]) == (403, "api_key_not_allowed"), path


async def test_a_key_of_some_accounts_is_held_to_them(api: Api, pool: Pool) -> None:
    own, foreign = ground.tenant(api.auth), ground.tenant(api.auth)
    key = api.auth.make_key(*api_keys.SCOPES, tenants=[own])
    found: dict[str, tuple[uuid.UUID, uuid.UUID]] = {
        "/api/messages/{}": (await ground.message(pool, own), await ground.message(pool, foreign)),
        "/api/events/{}": (await ground.event(pool, own), await ground.event(pool, foreign)),
        "/api/dead-letters/{}": (await ground.dead_letter(pool, own), await ground.dead_letter(pool, foreign)),
        SUBSCRIPTIONS + "/{}": (await ground.subscription(pool, own), await ground.subscription(pool, foreign)),
    }
    for path, (mine, theirs) in found.items():
        assert (await call(api, key, "GET", path.format(mine))).status == 200, path
        assert (await call(api, key, "GET", path.format(theirs))).status == 404, path
    for path in ("/api/messages", "/api/message-summaries", "/api/events", "/api/dead-letters", SUBSCRIPTIONS):
        assert (await call(api, key, "GET", f"{path}?tenant_id={own}")).status == 200, path
        for query in ("", f"?tenant_id={foreign}", f"?tenant_id={own}&tenant_id={foreign}", "?tenant_id=x"):
            refused = await call(api, key, "GET", path + query)
            assert (refused.status, refused.body["code"]) == (403, "api_key_limited"), path + query
    for path in ("/api/accounts", "/api/dead-letter-groups"):
        assert (await call(api, key, "GET", path)).body["code"] == "api_key_limited"
    assert (await call(api, key, "GET", f"/api/accounts/{own}")).status == 200
    assert (await call(api, key, "GET", f"/api/accounts/{foreign}")).status == 403
    bodies: list[Any] = [{"tenant_id": str(foreign)}, {}, [], {"tenant_id": [str(own)]}]
    for body in bodies:
        assert (await call(api, key, "POST", SUBSCRIPTIONS, body)).status == 403
    assert (await call(api, key, "POST", f"/api/tenants/{foreign}/sync")).status == 403


async def test_every_route_is_either_a_program_s_or_refused_to_it(api: Api) -> None:
    """A route that is added is closed to keys until a rule says otherwise; a rule without a route is a mistake."""
    key, some = api.auth.make_key(), str(uuid.uuid4())
    there: set[tuple[str, str]] = set()
    for path, operations in admin_app(api.deps).openapi()["paths"].items():
        for method in operations:
            there.add((method.upper(), path))
            filled = "/".join(some if part.startswith("{") else part for part in path.split("/"))
            refused = await call(api, key, method.upper(), filled)
            wanted = "api_key_scope_missing" if (method.upper(), path) in RULES else "api_key_not_allowed"
            assert (refused.status, refused.body["code"]) == (403, wanted), (method, path)
    assert set(RULES) <= there


@pytest.mark.parametrize("bad", ["flv_", "flv_" + "x" * 46, "flv_é", "flv_" + "0" * 10_000])
async def test_what_cannot_be_a_key_is_refused_without_asking_auth(api: Api, bad: str) -> None:
    refused = await call(api, bad, "GET", "/api/messages")
    assert refused.status == 401
    assert api.auth.key_requests == 0


async def test_keys_that_are_unknown_revoked_or_expired_are_refused_alike(api: Api) -> None:
    expired = api.auth.make_key("messages:read", expires="2020-01-01T00:00:00+00:00")
    texts = set()
    for key in (api_keys.make(), expired):
        refused = await call(api, key, "GET", "/api/messages")
        assert (refused.status, refused.body["code"]) == (401, "api_key_invalid")
        texts.add(refused.body["detail"])
    assert len(texts) == 1


async def test_auth_is_asked_once_and_a_revoked_key_ends_with_what_is_remembered(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = api.auth.make_key("messages:read")
    answers = await asyncio.gather(*(call(api, key, "GET", "/api/messages") for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert api.auth.key_requests == 1
    api.auth.api_keys.clear()
    assert (await call(api, key, "GET", "/api/messages")).status == 200
    later = api.deps.clock.monotonic() + 16
    monkeypatch.setattr(api.deps.key_gate._keys._clock, "monotonic", lambda: later)
    assert (await call(api, key, "GET", "/api/messages")).status == 401


async def test_what_a_program_did_is_in_the_audit_log_under_its_name(api: Api, pool: Pool) -> None:
    row_id = await ground.subscription(pool, ground.tenant(api.auth))
    await call(api, api.auth.make_key("subscriptions:write"), "DELETE", f"{SUBSCRIPTIONS}/{row_id}")
    entries = (await api.call("GET", "/api/audit")).body["items"]
    assert "API key n8n" in [entry["actor"] for entry in entries]
