"""Listing, refreshing and disconnecting accounts."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from tests.integration.auth.fake_entra import Person, oauth_error
from tests.integration.auth.house import House, Reply, outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _delete(house: House, tenant_id: str, **query: str) -> Reply:
    return await house.call(
        "DELETE", f"{house.public}/auth/tenants/{tenant_id}", params=query, headers=await house.admin()
    )


async def _left(house: House, tenant_id: str) -> list[int]:
    tables = (("tenants", "id"), ("tenant_tokens", "tenant_id"), ("data_keys", "owner_id"))
    return [
        await house.owner.fetchval(f"SELECT count(*) FROM auth.{table} WHERE {column} = $1", tenant_id)
        for table, column in tables
    ]


async def test_the_list_goes_on_where_it_ended(house: House) -> None:
    made = set()
    for number in range(5):
        house.entra.person = Person(object_id=f"a1b2c3d4-0000-4000-8000-00000000001{number}")
        made.add(await house.connect())
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = await house.call("GET", f"{house.public}/auth/tenants", params=query, headers=await house.admin())
        assert set(page.body) == {"items", "next"}
        seen += [item["id"] for item in page.body["items"]]
        if page.body["next"] is None:
            break
        query["after"] = page.body["next"]
    assert len(seen) == 5
    assert set(seen) == made
    for odd in ({"limit": "0"}, {"limit": "x"}, {"after": "x"}, {"limit": "99999"}):
        answer = await house.call("GET", f"{house.public}/auth/tenants", params=odd, headers=await house.admin())
        assert answer.status == 422


async def test_an_account_shows_its_state_and_no_secret(house: House) -> None:
    tenant_id = await house.connect()
    answer = await house.call("GET", f"{house.public}/auth/tenants", headers=await house.admin())
    (item,) = answer.body["items"]
    assert item["id"] == tenant_id
    assert item["provider"] == "ms365"
    assert item["status"] == "active"
    assert item["status_reason"] is None
    assert item["last_refreshed_at"] is not None
    assert item["token_expires_at"] is not None
    assert "canary" not in answer.text
    inside = await house.call(
        "GET",
        f"{house.internal}/auth/internal/tenants/{tenant_id}",
        headers={"X-Service-Token": house.service_secret},
    )
    names = ("id", "provider", "status", "external_tenant_id", "external_account_id", "account_email")
    assert inside.body == {name: item[name] for name in (*names, "cloud", "token_type")}


async def test_a_refresh_on_demand_makes_one_call(house: House) -> None:
    tenant_id = await house.connect()
    before = await house.row(tenant_id)
    url = f"{house.public}/auth/tenants/{tenant_id}/refresh"
    answer = await house.call("POST", url, headers=await house.admin())
    assert answer.status == 200, answer.text
    assert len(house.entra.refreshes) == 1
    assert (await house.row(tenant_id))["generation"] == before["generation"] + 1
    house.entra.script.append(oauth_error("invalid_grant"))
    house.entra.script.append(oauth_error("invalid_grant"))
    refused = await house.call("POST", url, headers=await house.admin())
    assert (refused.status, refused.code) == (409, "reconnect_required")


@pytest.mark.parametrize(
    ("error", "number", "status", "code", "words"),
    [
        ("invalid_grant", 50173, 409, "reconnect_required", "sign_in_revoked"),
        ("invalid_client", 7000222, 503, "app_credential_invalid", "client_secret_expired"),
        ("unauthorized_client", 700016, 503, "app_credential_invalid", "app_not_in_organization"),
        ("invalid_grant", 50196, 503, "token_endpoint_unavailable", "refresh_loop"),
        ("temporarily_unavailable", 90033, 503, "token_endpoint_unavailable", "temporarily_unavailable"),
    ],
)
async def test_a_refused_refresh_says_what_microsoft_said_although_the_old_token_lives(
    house: House, error: str, number: int, status: int, code: str, words: str
) -> None:
    tenant_id = await house.connect()
    house.entra.script += [oauth_error(error, number)] * 2
    url = f"{house.public}/auth/tenants/{tenant_id}/refresh"
    refused = await house.call("POST", url, headers=await house.admin())
    assert (refused.status, refused.code) == (status, code), refused.text
    assert (refused.body["reason"]["aadsts"], refused.body["words"]["code"]) == (number, words)
    assert refused.body["words"]["cause"] in refused.body["detail"]
    row = await house.row(tenant_id)
    assert row["status"] == ("reconnect_required" if status == 409 else "active")
    # Again, while nobody may ask: the same answer, and not a 200 either.
    again = await house.call("POST", url, headers=await house.admin())
    assert (again.status, again.code, again.body["words"]["code"]) == (status, code, words)
    # Whoever only wants a token gets the one that lives.
    assert (await house.token(tenant_id)).status == (409 if status == 409 else 200)


async def test_what_passes_by_itself_is_asked_less_and_less_often(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    waits = []
    for _ in range(5):
        house.entra.script.append(oauth_error("invalid_grant", 50196))
        answer = await house.token(tenant_id)
        assert (answer.status, answer.code) == (503, "token_endpoint_unavailable")
        waits.append(int(answer.headers["Retry-After"]))
        await house.owner.execute("UPDATE auth.tenant_tokens SET refresh_blocked_until = NULL")
    assert waits == [5, 10, 20, 30, 30]
    assert len(house.entra.refreshes) == 5  # the token before it is not tried: the grant is not dead
    assert (await house.token(tenant_id)).status == 200
    assert (await house.row(tenant_id))["status"] == "active"


async def test_disconnecting_removes_the_subscriptions_first_and_then_everything(house: House) -> None:
    tenant_id = await house.connect()
    answer = await _delete(house, tenant_id)
    assert answer.status == 200, answer.text
    assert answer.body["removed"] == 2
    assert house.api.removed == [tenant_id]
    assert house.api.tokens == {house.service_secret}
    assert await _left(house, tenant_id) == [0, 0, 0]
    assert (await house.token(tenant_id)).code == "tenant_not_found"
    assert (await _delete(house, tenant_id)).code == "tenant_not_found"
    log = await house.owner.fetch("SELECT actor, action FROM auth.audit_log WHERE subject = $1 ORDER BY id", tenant_id)
    assert [row["action"] for row in log][-1] == "tenant.disconnected"
    assert log[-1]["actor"] == "admin@example.com"


async def test_while_the_api_is_away_an_account_stays_disconnecting_and_can_be_tried_again(house: House) -> None:
    tenant_id = await house.connect()
    house.api.status = 503
    answer = await _delete(house, tenant_id)
    assert answer.status == 503
    assert "Retry-After" in answer.headers
    assert (await house.row(tenant_id))["status"] == "disconnecting"
    assert await _left(house, tenant_id) == [1, 1, 1]
    # The api needs a token to remove the subscriptions at Microsoft.
    assert (await house.token(tenant_id)).body["status"] == "disconnecting"
    house.api.status = 200
    assert (await _delete(house, tenant_id)).status == 200
    assert await _left(house, tenant_id) == [0, 0, 0]


async def test_force_deletes_anyway_and_says_what_stays_at_microsoft(house: House) -> None:
    tenant_id = await house.connect()
    house.api.status = 503
    answer = await _delete(house, tenant_id, force="true")
    assert answer.status == 200
    assert answer.body["left_to_expire"]
    assert await _left(house, tenant_id) == [0, 0, 0]


async def test_an_account_whose_sign_in_is_dead_can_be_disconnected(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    house.entra.script += [oauth_error("invalid_grant")] * 4
    assert (await house.token(tenant_id)).status == 409
    house.api.status = 503
    assert (await _delete(house, tenant_id)).status == 503
    # What the api is told meanwhile: not "come again later", but that there will be no token.
    for _ in range(2):
        assert (await house.token(tenant_id)).code == "reconnect_required"
    house.api.status = 200
    assert (await _delete(house, tenant_id)).status == 200


async def test_an_account_connected_again_during_its_removal_stays(house: House) -> None:
    tenant_id = await house.connect()
    house.api.hold.clear()
    deleting = asyncio.create_task(_delete(house, tenant_id))
    await house.api.asked.wait()
    assert outcome(await house.flow())["connected"] == tenant_id
    house.api.hold.set()
    answer = await deleting
    assert (answer.status, answer.code) == (409, "connected_again")
    assert (await house.token(tenant_id)).status == 200


async def test_a_reconnection_is_told_to_the_api_and_its_silence_does_no_harm(house: House) -> None:
    house.api.status_reconnected = 500
    tenant_id = await house.connect()
    assert house.api.reconnected == [tenant_id]


async def test_the_audit_log_can_only_be_added_to(house: House) -> None:
    await house.connect()
    connection = await asyncpg.connect(house.database.auth_dsn)
    assert await connection.fetchval("SELECT count(*) FROM auth.audit_log") > 0
    for statement in ("DELETE FROM auth.audit_log", "UPDATE auth.audit_log SET actor = 'x'", "TRUNCATE auth.audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)
    await connection.close()
