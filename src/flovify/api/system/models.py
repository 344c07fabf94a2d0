"""What the database says of the installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flovify.api.system.schemas import HealthState

# As `ProviderError.describe` begins when the fault was on Graph's side, or on the way there.
GRAPH_FAULT = r"^(no answer|429|5\d\d)\M"
RECENT_SECONDS = 900.0


@dataclass(frozen=True)
class Worker:
    """A worker's last sign of life. `skew_seconds`: how far its clock is ahead of the database's."""

    name: str
    started_at: datetime
    last_seen_at: datetime
    version: str
    in_flight: int
    alive: bool
    skew_seconds: float


@dataclass(frozen=True)
class Depth:
    """How much waits; `oldest_seconds` is the age of the oldest due event, 0 without one."""

    waiting: int
    dead: int
    oldest_seconds: float


@dataclass(frozen=True)
class Check:
    """The last outcome of a check."""

    ok: bool
    detail: str
    at: datetime


@dataclass(frozen=True)
class GraphTrace:
    """What calls of Graph left behind; `throttled` and `away` count the mailboxes that wait because of it."""

    last_success_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    throttled: int
    away: int

    def state(self, now: datetime) -> HealthState:
        """How Graph answers, as far as its last answers tell."""
        if self.away:
            return "failed"
        if self.throttled or self._failed_last(now):
            return "warning"
        return "ok" if self.last_success_at is not None else "unknown"

    def _failed_last(self, now: datetime) -> bool:
        failed = self.last_error_at
        if failed is None or (now - failed).total_seconds() > RECENT_SECONDS:
            return False
        return self.last_success_at is None or failed > self.last_success_at
