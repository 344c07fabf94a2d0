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
class Discarded:
    """A dead letter that somebody gave up for good; it can be restored."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    kind: str
    change_type: str | None
    message_id: str | None
    correlation_id: uuid.UUID
    received_at: datetime
    died_at: datetime
    reason: str
    last_error: str | None
    discarded_at: datetime
    discarded_by: str
    discard_reason: str


@dataclass(frozen=True)
class Group:
    """The dead letters of one reason."""

    reason: str
    count: int
    accounts: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True)
class DeadLetterFilter:
    """None switches a condition off. `since` is of dying. `query` is an id of the event, the message or the
    correlation, or part of the last error.
    """

    tenant_id: uuid.UUID | None = None
    reason: str | None = None
    since: datetime | None = None
    query: str | None = None


@dataclass(frozen=True)
class Selection:
    """Dead letters chosen one by one, or by a filter: `ids` None means all that match."""

    ids: tuple[uuid.UUID, ...] | None = None
    reason: str | None = None
    tenant_id: uuid.UUID | None = None
    since: datetime | None = None

    def values(self) -> tuple[Any, ...]:
        """For the condition that `chosen` in the queries stands for: ids, reason, tenant, since."""
        return (list(self.ids) if self.ids is not None else None, self.reason, self.tenant_id, self.since)


@dataclass(frozen=True)
class Replay:
    """Where an event stands after a replay was asked for: `waiting` in the queue, or `settled` with an outcome."""

    id: uuid.UUID
    state: str
    outcome: str | None
    replays: int
