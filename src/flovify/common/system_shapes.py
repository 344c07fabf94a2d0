"""The shapes of what every service tells of itself."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class FromModel(BaseModel):
    """Made from the attributes of another object."""

    model_config = ConfigDict(from_attributes=True)


class DatabaseState(FromModel):
    ok: bool
    latency_ms: float


class Setting(FromModel):
    """A setting in force. A secret's value is never shown, only whether it is set."""

    name: str
    value: str | None
    secret: bool
    is_set: bool
    source: Literal["default", "environment", "file", "flovify up"]
    description: str


class PeriodicTaskOut(FromModel):
    name: str
    due_at: datetime
    last_started_at: datetime | None
    last_finished_at: datetime | None
    last_error: str | None
