"""A week of renewals on a clock of its own, with a fifth of the calls refused: no subscription is ever out of force."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from flovify.api.auth_client import TenantToken
from flovify.api.coverage.store import CoverageStore
from flovify.api.providers.errors import ProviderUnavailable
from flovify.api.providers.models import GrantedSubscription, SubscriptionWish
from flovify.api.providers.registry import ProviderRegistry
from flovify.api.subscriptions.renewal import renew_due
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.api.subscriptions.timeline.store import Timeline
from flovify.common.db import Pool
from tests.integration.api_graph.memory_provider import MemoryProvider

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEBHOOK = "http://localhost/webhook"
# What Outlook grants, and the cap of 4,230 minutes that is still met (graph/api/resources/subscription, 2026-09-17).
LIVES = (10_080, 4_230)
COUNT = 100
STEP = timedelta(minutes=10)


@dataclass
class WeekClock:
    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()


@dataclass
class Granting(MemoryProvider):
    """Grants a life from its own clock's present, and refuses a fifth of all renewals."""

    clock: WeekClock = field(default_factory=WeekClock)
    minutes: int = 10_080
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - repeatable
    refused: int = 0

    async def subscribe(self, token: TenantToken, wish: SubscriptionWish) -> GrantedSubscription:
        return self._until(await super().subscribe(token, wish))

    async def renew(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        if self.chance.random() < 0.2:
            self.refused += 1
            raise ProviderUnavailable("broken", status=503)
        return self._until(await super().renew(token, subscription_id))

    def _until(self, granted: GrantedSubscription) -> GrantedSubscription:
        ends = replace(granted, expires_at=self.clock.now() + timedelta(minutes=self.minutes))
        self.subscriptions[ends.id] = ends
        return ends


class Auth:
    """A token for each account, named like it."""

    async def request_tenant_token(
        self, tenant_id: uuid.UUID, *, min_seconds: int = 300, rejected_token: str | None = None
    ) -> TenantToken:
        assert min_seconds > 0
        assert rejected_token is None
        later = datetime.now(UTC) + timedelta(days=30)
        return TenantToken(str(tenant_id), later, external_account_id=str(tenant_id), provider="memory")


@pytest.mark.parametrize("minutes", LIVES)
async def test_a_hundred_subscriptions_are_covered_for_every_second_of_seven_days(pool: Pool, minutes: int) -> None:
    clock = WeekClock()
    provider = Granting(clock=clock, minutes=minutes, reachable={WEBHOOK})
    service = SubscriptionService(
        SubscriptionStore(pool),
        ProviderRegistry([provider]),
        Auth(),  # type: ignore[arg-type]
        clock,
        notification_url=WEBHOOK,
        lifecycle_url=WEBHOOK,
        client_state_keys=["client-state-key-of-the-tests"],
        timeline=Timeline(pool),
        coverage=CoverageStore(pool),
    )
    tenants = [uuid.uuid4() for _ in range(COUNT)]
    for tenant in tenants:
        provider.mailboxes[str(tenant)] = {}
        await service.create_subscription(tenant, "inbox")
    made = set(provider.subscriptions)
    uncovered = timedelta()
    end = clock.moment + timedelta(days=7)
    while clock.moment < end:
        clock.moment += STEP
        uncovered += sum(
            (STEP for item in provider.subscriptions.values() if item.expires_at <= clock.moment), timedelta()
        )
        await renew_due(service, clock)
    assert uncovered == timedelta()
    assert set(provider.subscriptions) == made, "renewed, never made anew"
    assert provider.refused > 0
    ended = await pool.fetchval("SELECT count(*) FROM api.webhook_subscriptions WHERE status <> 'active'")
    assert ended == 0
