"""An account that auth no longer has leaves nothing active and nothing waiting here, whoever forgot to say so."""

from __future__ import annotations

import pytest

from flovify.api.queue.store import PostgresQueue
from flovify.api.tenants.unknown import UnknownTenants
from flovify.common.db import Pool
from tests.integration.api_flow.queue_conformance import new_event
from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_what_is_kept_of_a_forgotten_account_is_put_away_when_auth_said_so_twice(api: Api, pool: Pool) -> None:
    """As after `DELETE /auth/tenants/{id}?force=true` while the api was away."""
    tenant, _ = await api.connect()
    other, _ = await api.connect()
    for one in (tenant, other):
        await api.subscribe(one)
        await PostgresQueue(pool).enqueue([new_event(one), new_event(one)])
    gone = api.auth.tenants.pop(tenant)
    unknown = UnknownTenants(pool, api.deps.auth, api.deps.tenants)
    assert await unknown.sweep() == 0, "once is not enough"
    assert await pool.fetchval("SELECT count(*) FROM api.webhook_subscriptions") == 2
    later = "UPDATE api.unknown_tenants SET first_seen = first_seen - interval '5 minutes'"
    await pool.execute(later)
    assert await unknown.sweep() == 1
    assert [row["tenant_id"] for row in await pool.fetch("SELECT tenant_id FROM api.webhook_subscriptions")] == [other]
    rows = await pool.fetch("SELECT outcome, reason FROM api.webhook_events WHERE tenant_id = $1", tenant)
    assert [tuple(row) for row in rows] == [("skipped", "tenant_disconnected")] * 2
    assert await pool.fetchval("SELECT count(*) FROM api.inbox WHERE tenant_id = $1", other) == 2
    assert await unknown.sweep() == 0
    api.auth.tenants[tenant] = gone


async def test_an_account_that_is_known_again_keeps_everything(api: Api, pool: Pool) -> None:
    tenant, _ = await api.connect()
    await api.subscribe(tenant)
    unknown = UnknownTenants(pool, api.deps.auth, api.deps.tenants)
    gone = api.auth.tenants.pop(tenant)
    await unknown.sweep()
    api.auth.tenants[tenant] = gone
    await pool.execute("UPDATE api.unknown_tenants SET first_seen = first_seen - interval '5 minutes'")
    assert await unknown.sweep() == 0
    api.auth.tenants.pop(tenant)
    assert await unknown.sweep() == 0, "it begins to be unknown now"
    api.auth.tenants[tenant] = gone
    assert await pool.fetchval("SELECT count(*) FROM api.webhook_subscriptions") == 1
