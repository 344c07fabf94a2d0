"""Graph's service limits for Outlook and subscriptions (graph/throttling-limits, 2026-02-06)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.graph.errors import mailbox_concurrency, too_many_requests


@dataclass(frozen=True)
class Limits:
    """Requests and the seconds they are counted over; per app id and mailbox, or per app id and tenant."""

    concurrent_per_mailbox: int = 4
    concurrency_retry_seconds: int = 1
    mailbox_requests: int = 10_000
    mailbox_seconds: float = 600
    subscription_lists: int = 25
    subscription_reads: int = 500
    subscription_writes: int = 500
    subscription_seconds: float = 20


class Throttle:
    """Counts what runs and what ran; one for the whole sandbox, batch items included."""

    def __init__(self, clock: SandboxClock, limits: Limits | None = None) -> None:
        self._clock = clock
        self.limits = limits or Limits()
        self._running: dict[tuple[str, str], int] = {}
        self._windows: dict[tuple[str, str, str], deque[datetime]] = {}

    @contextmanager
    def mailbox(self, client_id: str, user_id: str) -> Iterator[None]:
        """Hold one of the app's slots at this mailbox. Raises GraphError 429, at once rather than waiting."""
        key = (client_id, user_id)
        self._count("mailbox", *key, self.limits.mailbox_requests, self.limits.mailbox_seconds)
        running = self._running.get(key, 0)
        if running >= self.limits.concurrent_per_mailbox:
            raise mailbox_concurrency(self.limits.concurrency_retry_seconds)
        self._running[key] = running + 1
        try:
            yield
        finally:
            left = self._running[key] - 1
            if left:
                self._running[key] = left
            else:
                del self._running[key]

    def subscriptions(self, client_id: str, tenant_id: str, kind: str) -> None:
        """Count a call of kind list, read or write. Raises GraphError 429."""
        limits = {
            "list": self.limits.subscription_lists,
            "read": self.limits.subscription_reads,
            "write": self.limits.subscription_writes,
        }
        self._count(f"subscriptions-{kind}", client_id, tenant_id, limits[kind], self.limits.subscription_seconds)

    def _count(self, scope: str, first: str, second: str, limit: int, seconds: float) -> None:
        """Requests made while throttled count too (GC: concepts/throttling.md)."""
        now = self._clock.now()
        window = self._windows.setdefault((scope, first, second), deque(maxlen=limit))
        if window and window[-1] > now:
            # The sandbox's clock was set back by a reset: what was counted then counts no more.
            window.clear()
        oldest = window[0] if len(window) == limit else None
        window.append(now)
        if oldest is not None and now - oldest < timedelta(seconds=seconds):
            left = seconds - (now - oldest).total_seconds()
            raise too_many_requests(math.ceil(left))
