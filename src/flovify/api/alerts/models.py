"""What is looked at, and what there is to tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from flovify.common.readings.models import Reading

Severity: TypeAlias = Literal["warning", "critical"]
State: TypeAlias = Literal["begun", "still", "ended"]


@dataclass(frozen=True)
class Seen:
    """One look. A reading is None where there is none; `closed` and `disk` are the api's own sentences, "" for well."""

    at: datetime
    api: Reading | None = None
    auth: Reading | None = None
    auth_answers: bool = True
    closed: str = ""
    disk: str = ""


@dataclass(frozen=True)
class Due:
    """A word of one alert that a receiver has not taken yet. `since` is when it was first seen."""

    id: int
    name: str
    state: State
    since: datetime
    ended_at: datetime | None
    summary: str
