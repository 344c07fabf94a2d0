"""What was missed is fetched once."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flovify.api.messages.traces.models import StepName
from tests.integration.api_console.messages.house import PROVIDER, TOKEN, House, message
from tests.integration.api_graph.fake_auth import Tenant

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def subscribe(house: House, resource: str = "user-1/inbox") -> None:
    await house.pool.execute(
        "INSERT INTO api.webhook_subscriptions (tenant_id, provider, subscription_id, resource, change_types, "
        "expires_at, status) VALUES ($1, $2, $3, $4, '{created}', now() + interval '1 day', 'active')",
        house.tenant,
        PROVIDER,
        uuid.uuid4().hex,
        resource,
    )


def deliver(house: House, *message_ids: str) -> None:
    house.provider.mailboxes[TOKEN] |= dict.fromkeys(message_ids, b"")


async def sync(house: House, status: int = 200) -> Any:
    return await house.post(f"/api/tenants/{house.tenant}/sync", status=status)


def numbers(found: dict[str, Any]) -> tuple[int, int, int]:
    return found["looked_at"], found["already_stored"], found["enqueued"]


async def waiting(house: House) -> list[str]:
    rows = await house.pool.fetch("SELECT message_id FROM api.inbox ORDER BY message_id")
    return [row["message_id"] for row in rows]


async def test_what_is_not_stored_is_enqueued_once(house: House) -> None:
    await subscribe(house)
    await house.store(message("a"))
    deliver(house, "a", "b", "c")
    assert numbers(await sync(house)) == (3, 1, 2)
    assert await waiting(house) == ["b", "c"]
    assert numbers(await sync(house)) == (3, 3, 0)
    assert await waiting(house) == ["b", "c"]
    await house.work()
    await house.store(message("b"), message("c"))
    assert numbers(await sync(house)) == (3, 3, 0)
    assert await waiting(house) == []


async def test_many_at_once_enqueue_each_message_once(house: House) -> None:
    await subscribe(house)
    deliver(house, *(f"m{number}" for number in range(30)))
    found = await asyncio.gather(*(sync(house) for _ in range(5)))
    assert sum(one["enqueued"] for one in found) == 30
    assert len(await waiting(house)) == 30


async def test_what_a_notification_announced_already_is_left_to_it(house: House) -> None:
    await subscribe(house)
    deliver(house, "a")
    await house.queue.enqueue([house.event("a")])
    assert numbers(await sync(house)) == (1, 1, 0)


async def test_a_message_of_which_only_the_deletion_was_heard_is_fetched(house: House) -> None:
    await subscribe(house)
    await house.delete_at_provider("a")
    deliver(house, "a")
    assert numbers(await sync(house)) == (1, 0, 1)


async def test_it_looks_back_a_day_behind_the_last_message_and_thirty_at_most(house: House) -> None:
    await subscribe(house)
    since = datetime.fromisoformat((await sync(house))["since"])
    assert abs(datetime.now(UTC) - timedelta(days=30) - since) < timedelta(minutes=1)
    last = datetime.now(UTC).replace(microsecond=0) - timedelta(days=3)
    await house.store(message("a", received_at=last), message("b", received_at=last - timedelta(days=9)))
    assert datetime.fromisoformat((await sync(house))["since"]) == last - timedelta(days=1)
    await house.store(message("c", received_at=datetime(2020, 1, 1, tzinfo=UTC)))
    assert datetime.fromisoformat((await sync(house))["since"]) == last - timedelta(days=1)


async def test_more_than_it_looks_at_is_said(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flovify.api.sync.service.MAX_MESSAGES", 2)
    await subscribe(house)
    deliver(house, "a", "b", "c")
    found = await sync(house)
    assert (numbers(found), found["truncated"]) == ((2, 0, 2), True)


async def test_nothing_to_look_at(house: House) -> None:
    assert (await sync(house, 409))["code"] == "nothing_subscribed"


async def test_refusals_of_auth_are_passed_on_and_nothing_is_changed(house: House) -> None:
    await subscribe(house)
    house.tenants[house.tenant] = Tenant(refusal=(409, "reconnect_required"))
    assert (await sync(house, 409))["code"] == "reconnect_required"
    house.tenants[house.tenant] = Tenant("not a token", "user-1", provider=PROVIDER)
    assert (await sync(house, 409))["code"] == "graph_refused"
    assert await waiting(house) == []


async def test_the_trace_says_that_it_was_found_by_a_sync(house: House) -> None:
    await subscribe(house)
    deliver(house, "a")
    await sync(house)
    event_id = await house.pool.fetchval("SELECT id FROM api.inbox")
    trace = await house.get(f"/api/events/{event_id}/trace")
    [notified] = [step for step in trace["steps"] if step["name"] == StepName.NOTIFIED]
    assert "looking into the mailbox" in notified["detail"]


async def test_roles_and_audit(house: House) -> None:
    await subscribe(house)
    path = f"/api/tenants/{house.tenant}/sync"
    assert (await house.call("POST", path, role="viewer")).status == 403
    await sync(house)
    [(actor, action, details)] = await house.audited()
    assert (actor, action, details["looked_at"]) == ("operator@example.org", "account.synced", 0)
