"""Keeping subscriptions alive: what ends within a day is renewed, what is gone or failed is made anew."""

from __future__ import annotations

import asyncio

from prometheus_client import Counter

from flovify.api.subscriptions.keys.store import KeyStore
from flovify.api.subscriptions.lifetime import RENEW_BEFORE
from flovify.api.subscriptions.models import Subscription
from flovify.api.subscriptions.service import CRASHED_AFTER, SubscriptionService
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask

# Each subscription has its own due time, spread over an hour; looking often keeps that spread and repairs soon.
LOOK_SECONDS = 30.0
_BATCH = 200
_AT_ONCE = 4

RENEWALS = Counter("flovify_subscription_renewals", "Renewals of Graph subscriptions by outcome.", ("outcome",))


def renewal_task(pool: Pool, service: SubscriptionService, clock: Clock) -> PeriodicTask:
    """The periodic work, done by one worker at a time however many there are."""
    keys = KeyStore(pool)

    async def renew() -> None:
        await service.end_overdue()
        await keys.bring_forward(service.keyring, clock.now())
        await renew_due(service, clock)

    return PeriodicTask(pool, "api", "renew_subscriptions", LOOK_SECONDS, renew)


async def renew_due(service: SubscriptionService, clock: Clock) -> int:
    """Renew all that is due, four at a time; says how many were tried. One failure does not keep the others."""
    tried = 0
    seen: set[object] = set()
    while True:
        now = clock.now()
        due = await service.store.list_due(now, now + RENEW_BEFORE, now - CRASHED_AFTER, _BATCH)
        new = [row for row in due if row.id not in seen]
        if not new:
            break
        seen |= {row.id for row in new}
        gate = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(_renew_one(service, row, gate) for row in new))
        tried += len(new)
    return tried


async def _renew_one(service: SubscriptionService, row: Subscription, gate: asyncio.Semaphore) -> None:
    logger = get_logger(subscription=str(row.id), tenant=str(row.tenant_id))
    async with gate:
        try:
            renewed = await service.renew_subscription(row.id)
        except FlovifyError as error:
            # The row keeps the reason and the time of the next try.
            RENEWALS.labels(error.problem_code).inc()
            logger.warning("subscription_not_renewed", code=error.problem_code)
            return
    outcome = "renewed" if renewed.subscription_id == row.subscription_id else "recreated"
    RENEWALS.labels(outcome).inc()
    logger.info("subscription_renewed", outcome=outcome, expires_at=renewed.expires_at.isoformat())
