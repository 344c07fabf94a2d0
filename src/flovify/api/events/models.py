"""An event as it is shown."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventState(StrEnum):
    """`waiting` in the queue, `dead` among the dead letters, `settled` in the ledger."""

    WAITING = "waiting"
    DEAD = "dead"
    SETTLED = "settled"


@dataclass(frozen=True)
class EventFilter:
    """None switches a condition off. Times are of receiving, `since` included, `until` not.

    `q` is the id of an event, of a stored message or of a message at the provider, or a request id of the provider.
    """

    tenant_id: uuid.UUID | None = None
    state: EventState | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    q: str | None = None
    reason: str | None = None
    stuck: bool | None = None


@dataclass(frozen=True)
class EventRecord:
    """An event, waiting or settled. `due_at` only while it waits; `processed_at` and `outcome` only when settled.

    `waits` counts waits in a row that spent no attempt; `stuck`: it has met trouble and waits for more than a day.
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    state: str
    kind: str
    change_type: str | None
    message_id: str | None
    correlation_id: uuid.UUID
    subscription_row_id: uuid.UUID | None
    received_at: datetime
    due_at: datetime | None
    processed_at: datetime | None
    outcome: str | None
    reason: str | None
    attempts: int
    replays: int
    last_error_kind: str | None
    last_error: str | None
    waits: int
    stuck: bool


@dataclass(frozen=True)
class EventItem:
    """An event with the notification as it came, without its clientState; `stored_id` is the message it led to."""

    event: EventRecord
    item: Any
    stored_id: uuid.UUID | None
