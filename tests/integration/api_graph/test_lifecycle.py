"""Lifecycle notifications from the sandbox, over the webhook and the queue, to the worker and back to Microsoft."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest

from flovify.api.queue.store import PostgresQueue
from flovify.api.worker.process import Processor
from tests.integration.api_graph.running import Api
from tests.support.intake_log import carry_all
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/ms365/subscriptions"


async def send_lifecycle(api: Api, made: dict[str, Any], event: str) -> None:
    url = f"{api.sandbox.url}/_sandbox/subscriptions/{made['subscription_id']}/{event}"
    async with api.http.post(url) as answer:
        assert answer.status == 202, await answer.text()


async def work(api: Api, tenant: uuid.UUID) -> tuple[str, str | None]:
    """Wait for the tenant's event, work it off, and say how it was settled: (outcome, reason)."""
    queue = PostgresQueue(api.deps.pool)
    processor = Processor(queue, api.deps.auth, api.deps.providers, api.deps.subscriptions, api.deps.clock)

    async def settled() -> tuple[str, str | None] | None:
        await carry_all(api.deps.pool)
        lease = await queue.take("worker", 30)
        if lease is not None:
            await processor.process(lease)
        taken_out = "DELETE FROM api.webhook_events WHERE tenant_id = $1 RETURNING kind, outcome, reason"
        row = await api.deps.pool.fetchrow(taken_out, tenant)
        assert row is None or row["kind"] == "lifecycle"
        return (row["outcome"], row["reason"]) if row else None

    return await until(settled, what="the lifecycle event settled")


async def row(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = (await api.call("GET", f"{PATH}/{made['id']}")).body
    return body


async def test_reauthorization_required_renews_the_subscription(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    await api.deps.pool.execute("UPDATE api.webhook_subscriptions SET expires_at = now() + interval '1 hour'")
    expected = datetime.fromisoformat(made["expires_at"])
    await send_lifecycle(api, made, "reauthorize")
    assert await work(api, tenant) == ("renewed", None)
    after = await row(api, made)
    assert after["subscription_id"] == made["subscription_id"]
    assert after["last_renewed_at"] is not None
    assert abs(datetime.fromisoformat(after["expires_at"]) - expected) < timedelta(minutes=5)
    patches = await api.sandbox.requests("PATCH", f"/v1.0/subscriptions/{made['subscription_id']}")
    assert len(patches) == 1
    assert len((await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]) == 1


async def test_a_removed_subscription_is_made_anew_under_the_same_id(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    await send_lifecycle(api, made, "removed")
    assert await work(api, tenant) == ("recreated", None)
    after = await row(api, made)
    assert after["status"] == "active"
    assert after["subscription_id"] != made["subscription_id"]
    [at_graph] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert at_graph["id"] == after["subscription_id"]


async def test_missed_is_recorded_and_changes_nothing(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await send_lifecycle(api, made, "missed")
    assert await work(api, tenant) == ("missed_recorded", None)
    assert await row(api, made) == made
    assert await api.sandbox.requests("PATCH", f"/v1.0/subscriptions/{made['subscription_id']}") == []


async def test_a_lifecycle_event_while_microsoft_is_away_is_done_later(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await api.sandbox.fault("PATCH", f"/v1.0/subscriptions/{made['subscription_id']}", times=1, status=503)
    await send_lifecycle(api, made, "reauthorize")
    queue = PostgresQueue(api.deps.pool)
    await until(lambda: carry_all(api.deps.pool), what="the event")
    lease = await queue.take("worker", 30)
    assert lease is not None
    processor = Processor(queue, api.deps.auth, api.deps.providers, api.deps.subscriptions, api.deps.clock)
    await processor.process(lease)
    waiting = await api.deps.pool.fetchrow("SELECT state, last_error_kind, attempts FROM api.inbox")
    assert waiting is not None
    assert tuple(waiting) == ("waiting", "graph_unavailable", 0)
    await api.deps.pool.execute("UPDATE api.inbox SET due_at = clock_timestamp() - interval '1 second'")
    assert await work(api, tenant) == ("renewed", None)


async def test_a_lifecycle_event_of_a_dead_sign_in_waits_for_the_reconnection(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    api.deps.auth.forget(tenant)
    api.auth.tenants[tenant].refusal = (409, "reconnect_required")
    await send_lifecycle(api, made, "reauthorize")
    assert await work(api, tenant) == ("renewal_failed", "reconnect_required")
    assert (await row(api, made))["last_error"].startswith("reconnect_required")
