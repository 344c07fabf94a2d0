"""Subscriptions at Microsoft that no row knows: those that announce to us go, others are not ours to touch."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from flovify.api.providers.models import SubscriptionWish
from flovify.api.subscriptions.orphans import Orphans, is_turn
from flovify.common.db import Pool
from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")


def orphans(api: Api) -> Orphans:
    deps = api.deps
    url = f"{api.public}/api/ms365/webhook"
    return Orphans(deps.subscriptions.store, deps.auth, deps.providers, deps.clock, notification_url=url)


async def test_only_what_announces_to_us_and_is_in_no_row_is_removed(api: Api, pool: Pool) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    token = await api.deps.auth.request_tenant_token(tenant)
    provider = api.deps.providers.of(token)
    url, resource = f"{api.public}/api/ms365/webhook", provider.resource(token, "archive")
    left = await provider.subscribe(token, SubscriptionWish(resource, ("created",), url, url, "secret-1"))
    elsewhere = f"{url}?other=installation"
    other = await provider.subscribe(token, SubscriptionWish(resource, ("updated",), elsewhere, url, "secret-2"))
    await pool.execute("UPDATE api.webhook_subscriptions SET status = 'creating'")
    assert await orphans(api).remove_of(tenant) == 0, "it may be the one that is being made"
    await pool.execute("UPDATE api.webhook_subscriptions SET status = 'active'")
    assert await orphans(api).remove_of(tenant) == 1
    there = {item.id for item in await provider.list_own(token)}
    assert made["subscription_id"] in there
    assert other.id in there
    assert left.id not in there


async def test_each_account_has_its_hour_of_the_day() -> None:
    day = [datetime(2026, 12, 1, tzinfo=UTC) + timedelta(hours=hour) for hour in range(24)]
    for _ in range(50):
        tenant = uuid.uuid4()
        assert sum(is_turn(tenant, hour) for hour in day) == 1
