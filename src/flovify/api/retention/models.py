"""For how long each kind is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Keep:
    """Days for each kind; 0 keeps it for ever."""

    events: int
    dead_letters: int
    messages: int


@dataclass(frozen=True)
class Taken:
    """A row that is going, as one line of JSON."""

    id: object
    at: datetime
    line: str


def cutoff(now: datetime, days: int) -> datetime | None:
    """What is older goes; None where nothing does."""
    return now - timedelta(days=days) if days else None
