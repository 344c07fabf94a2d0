"""What was stored of a disconnected account goes when an administrator says so, and nothing of another's."""

from __future__ import annotations

import uuid

import pytest

from tests.integration.api_console.messages.house import House, message
from tests.integration.api_graph.fake_auth import Tenant

TABLES = ("messages", "message_feed", "inbox", "webhook_events", "event_attempts", "discarded_dead_letters")


async def rows(house: House, tenant: uuid.UUID) -> dict[str, int]:
    return {
        table: await house.pool.fetchval(f"SELECT count(*) FROM api.{table} WHERE tenant_id = $1", tenant)
        for table in TABLES
    }


async def fill(house: House, tenant: uuid.UUID) -> None:
    await house.store(*(message(f"m{number}") for number in range(5)), tenant=tenant)
    await house.queue.enqueue([house.event("m1", tenant)])
    await house.work()
    discarded, _, again = await house.dead(3, tenant=tenant)
    await house.post("/api/dead-letters/discard", {"ids": [str(discarded)], "reason": "x"})
    await house.post(f"/api/dead-letters/{again}/replay", status=202)
    await house.work("dead")
    assert set((await house.states()).values()) >= {"stored", "discarded", "dead"}
    assert all(count > 0 for count in (await rows(house, tenant)).values())


async def test_everything_of_the_account_goes_and_nothing_of_another(
    house: House, other: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flovify.api.messages.removal.store.BATCH", 2)
    await fill(house, house.tenant)
    await fill(house, other)
    kept = await rows(house, other)
    del house.tenants[house.tenant]
    path = f"/api/tenants/{house.tenant}/messages"
    answer = await house.call("DELETE", path, role="administrator")
    assert (answer.status, answer.body) == (200, {"deleted": 5})
    assert set((await rows(house, house.tenant)).values()) == {0}
    assert await rows(house, other) == kept
    again = await house.call("DELETE", path, role="administrator")
    assert again.body == {"deleted": 0}
    actor, action, details = (await house.audited())[-1]
    assert (actor, action, details) == ("administrator@example.org", "messages.deleted", {"messages": 0})


@pytest.mark.parametrize("refusal", [None, (409, "reconnect_required"), (503, "vault_locked")])
async def test_a_connected_account_keeps_its_messages(house: House, refusal: tuple[int, str] | None) -> None:
    await house.store(message("m"))
    house.tenants[house.tenant].refusal = refusal
    answer = await house.call("DELETE", f"/api/tenants/{house.tenant}/messages", role="administrator")
    code = "vault_locked" if refusal == (503, "vault_locked") else "still_connected"
    assert (answer.status, answer.body["code"]) == (503 if code == "vault_locked" else 409, code)
    assert (await rows(house, house.tenant))["messages"] == 1


async def test_a_worker_that_has_some_in_hand_brings_nothing_back(house: House) -> None:
    await house.queue.enqueue([house.event("m")])
    lease = await house.queue.take("worker", 30)
    assert lease is not None
    await house.console.removal.delete_all(house.tenant)
    assert await house.queue.extend(lease, 30) is False
    assert set((await rows(house, house.tenant)).values()) == {0}


async def test_roles(house: House) -> None:
    house.tenants[house.tenant] = Tenant()
    for role, status in ((None, 401), ("viewer", 403), ("operator", 403)):
        answer = await house.call("DELETE", f"/api/tenants/{house.tenant}/messages", role=role)
        assert answer.status == status
