"""When to renew."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

# Noted in a row until the provider has said what it grants.
EXPECTED_LIFE = timedelta(days=7)
RENEW_BEFORE = timedelta(hours=24)
SPREAD = timedelta(hours=1)


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
