"""The figures behind the overview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Stored:
    """What was stored in one bucket, with its delays in seconds."""

    count: int
    p50: float
    p95: float


@dataclass(frozen=True)
class Unsettled:
    """What is tried again, or died, in one bucket."""

    retrying: int
    dead: int


@dataclass(frozen=True)
class Cause:
    """Open dead letters of one reason."""

    reason: str
    count: int
    first_at: datetime
    last_hour: int


@dataclass(frozen=True)
class SubscriptionFigures:
    active: int
    next_expiry: datetime | None


@dataclass(frozen=True)
class Tried:
    """What somebody who tries Flovify out has done already."""

    message: bool
    opened: bool
    broken: bool
    replayed: bool
