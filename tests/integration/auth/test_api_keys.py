"""Keys of programs at a real auth: made once, kept as hashes, listed, used, revoked."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flovify.common import api_keys
from tests.integration.auth.house import House, Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/auth/api-keys"


async def make(house: House, **body: Any) -> Reply:
    wanted = {"name": "n8n", "scopes": ["messages:read"], **body}
    return await house.call("POST", house.public + PATH, json=wanted, headers=await house.admin())


async def use(house: House, key: str, secret: str | None = None) -> Reply:
    headers = {"X-Service-Token": house.service_secret if secret is None else secret}
    body = {"key_sha256": api_keys.digest(key).hex()}
    return await house.call("POST", f"{house.internal}/auth/internal/api-keys", json=body, headers=headers)


async def test_a_key_is_told_once_and_kept_as_a_hash(house: House) -> None:
    tenant_id = str(uuid.uuid4())
    made = await make(
        house, scopes=["events:read", "messages:read", "events:read"], tenant_ids=[tenant_id], expires_in_days=30
    )
    assert made.status == 201
    assert made.headers["Cache-Control"] == "no-store"
    key, kept = made.body["key"], made.body["api_key"]
    assert api_keys.is_well_formed(key)
    assert kept["shown"] == key[:12]
    assert (kept["scopes"], kept["tenant_ids"], kept["state"]) == (
        ["events:read", "messages:read"],
        [tenant_id],
        "active",
    )
    listed = await house.call("GET", house.public + PATH, headers=await house.admin())
    assert listed.body["items"][0] == kept
    dump = await house.owner.fetchval("SELECT json_agg(one)::text FROM auth.api_keys AS one")
    log = await house.owner.fetchval("SELECT json_agg(one)::text FROM auth.audit_log AS one")
    for text in (listed.text, dump, log):
        assert key not in text
        assert key[12:] not in text
    assert "api_key.created" in log


async def test_a_service_learns_what_a_good_key_may_do(house: House) -> None:
    made = (await make(house)).body
    answer = await use(house, made["key"])
    assert answer.status == 200
    assert answer.body == {
        "id": made["api_key"]["id"], "name": "n8n", "scopes": ["messages:read"], "tenant_ids": None, "expires_at": None,
    }  # fmt: skip
    listed = (await house.call("GET", house.public + PATH, headers=await house.admin())).body["items"]
    assert next(one for one in listed if one["id"] == made["api_key"]["id"])["last_used_at"] is not None
    assert (await use(house, made["key"], "guess")).status == 401


async def test_unknown_revoked_and_expired_keys_are_all_unknown(house: House) -> None:
    revoked, expired = (await make(house)).body, (await make(house, expires_in_days=1)).body
    url = f"{house.public}{PATH}/{revoked['api_key']['id']}"
    for _ in range(2):
        assert (await house.call("DELETE", url, headers=await house.admin())).status == 204
    await house.owner.execute(
        "UPDATE auth.api_keys SET expires_at = now() - interval '1 second' WHERE id = $1",
        uuid.UUID(expired["api_key"]["id"]),
    )
    for key in (api_keys.make(), revoked["key"], expired["key"]):
        answer = await use(house, key)
        assert (answer.status, answer.code) == (404, "api_key_unknown")
    listed = (await house.call("GET", house.public + PATH, headers=await house.admin())).body["items"]
    states = {one["id"]: (one["state"], one["revoked_by"]) for one in listed}
    assert states[revoked["api_key"]["id"]] == ("revoked", "admin@example.com")
    assert states[expired["api_key"]["id"]][0] == "expired"
    entries = await house.owner.fetchval("SELECT count(*) FROM auth.audit_log WHERE action = 'api_key.revoked'")
    assert entries == 1


@pytest.mark.parametrize(
    "body",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 101},
        {"scopes": []},
        {"scopes": ["everything"]},
        {"tenant_ids": []},
        {"tenant_ids": ["x"]},
        {"expires_in_days": 0},
        {"expires_in_days": 99_999},
        {"key": "flv_mine"},
    ],
)
async def test_what_could_do_nothing_or_is_nonsense_is_refused(house: House, body: dict[str, Any]) -> None:
    assert (await make(house, **body)).status == 422


async def test_keys_are_for_administrators_and_open_nothing_at_auth(house: House) -> None:
    key = (await make(house, scopes=list(api_keys.SCOPES))).body["key"]
    for method, path in (("GET", PATH), ("POST", PATH), ("GET", "/auth/tenants"), ("GET", "/auth/me")):
        assert (await house.call(method, house.public + path)).status == 401
        answer = await house.call(method, house.public + path, headers={"Authorization": f"Bearer {key}"})
        assert answer.status == 401
    gone = f"{house.public}{PATH}/{uuid.uuid4()}"
    assert (await house.call("DELETE", gone, headers=await house.admin())).status == 404
