"""A dead letter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class DeadLetter:
    """An event the worker gave up, with why. `attempts` are those since it was received or last replayed."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    subscription_row_id: uuid.UUID
    kind: str
    change_type: str | None
    message_id: str | None
    correlation_id: uuid.UUID
    received_at: datetime
    died_at: datetime
    reason: str
    attempts: int
    replays: int
    last_error_kind: str | None
    last_error: str | None
    last_error_at: datetime | None
    item: Any


@dataclass(frozen=True)
class Replay:
    """Where an event stands after a replay was asked for: `waiting` in the queue, or `settled` with an outcome."""

    id: uuid.UUID
    state: str
    outcome: str | None
    replays: int
