"""How long to ask for, and when to renew."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

# Outlook gives 10,080 minutes (graph/api/resources/subscription, 2026-09-17). Before about 2024 it gave 4,230, and was
# still seen to refuse more in August 2026. 1,440 is the limit with resource data; Graph raises less than 45.
STEPS_MINUTES = (10_000, 4_200, 1_400, 60)
RENEW_BEFORE = timedelta(hours=24)
SPREAD = timedelta(hours=1)


def steps(max_minutes: int | None = None) -> tuple[int, ...]:
    """Lifetimes in minutes to ask for, longest first; `max_minutes` is what a refusal named as the limit."""
    if max_minutes is None:
        return STEPS_MINUTES
    # A little less than the limit: Graph counts from its own clock, later than ours by the way to it.
    named = max(45, max_minutes - 5)
    return (named, *(step for step in STEPS_MINUTES if step < named))


def next_renewal(now: datetime, expires_at: datetime) -> datetime:
    """A day before the end; at half of the life where that is not yet a day. Spread over an hour by chance.

    Renewals of one installation must not all fall on one minute (graph/throttling-limits).
    """
    life = expires_at - now
    if life > RENEW_BEFORE * 2:
        return expires_at - RENEW_BEFORE - SPREAD * random.random()  # noqa: S311 - spreading, not secrecy
    return now + life * random.uniform(0.4, 0.5)  # noqa: S311


def retry_after_failure(now: datetime, failures: int, asked_seconds: float | None = None) -> datetime:
    """When to try a failed renewal again: 1, 2, 4 … minutes, an hour at most, or as long as Graph asks."""
    wait = min(3600.0, 60.0 * 2 ** min(failures, 6))
    return now + timedelta(seconds=max(wait * random.uniform(0.8, 1.0), asked_seconds or 0.0))  # noqa: S311
