"""What goes through the queue."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flovify.common.uuid7 import uuid7


class EventKind(StrEnum):
    """`unknown` is what a notification of ours may hold that this version cannot act on; it is kept and counted."""

    CHANGE = "change"
    LIFECYCLE = "lifecycle"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event to be taken in. `event_key` makes it the same as its redeliveries; `item` is JSON text.

    `correlation_id` is that of the request which brought it, None where none did: then it is the event's own id.
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    event_key: str
    subscription_row_id: uuid.UUID
    subscription_id: str | None
    kind: str
    change_type: str | None
    message_id: str | None
    item: str
    correlation_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event in a worker's hands.

    `attempts` counts this take too. `settled` means the ledger has it already: there is nothing left to do.
    `last_error_kind` is the sort of trouble the previous take met, None at the first; `waits` counts how often in a row
    it met that sort without spending an attempt.
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    event_key: str
    subscription_row_id: uuid.UUID
    subscription_id: str | None
    kind: EventKind
    change_type: str | None
    message_id: str | None
    correlation_id: uuid.UUID
    received_at: datetime
    attempts: int
    last_error_kind: str | None = None
    waits: int = 0
    settled: bool = False

    def __hash__(self) -> int:
        """Events stand in many small dicts while they are worked on; going through all fields each time is slow."""
        return hash(self.id)


@dataclass(frozen=True, slots=True)
class Lease:
    """One mailbox held by one worker, with the events it took.

    `failures` counts the waits of this mailbox in a row; it sets how long the next one is. `blocked_since` is when the
    first of them began, None when it does not wait.
    """

    tenant_id: uuid.UUID
    owner: str
    fence: int
    failures: int
    events: tuple[Event, ...]
    blocked_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class BlockedMailbox:
    """A mailbox that waits for the reason's sake, since when, and how many events wait with it."""

    tenant_id: uuid.UUID
    since: datetime
    reason: str
    failures: int
    waiting: int


@dataclass(frozen=True, slots=True)
class AttemptNote:
    """How one take of an event ended, for those who follow its way. `outcome` is retry, waited, dead or done."""

    event: Event
    stage: str
    outcome: str
    error_kind: str | None = None
    error: str | None = None
    status: int | None = None
    request_id: str | None = None
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits. `oldest_seconds` is for how long the oldest event is due, 0 without one.

    `oldest_served_seconds` is the same without mailboxes that are known to wait for some reason.
    """

    waiting: int
    dead: int
    oldest_seconds: float
    oldest_served_seconds: float


def new_event_id() -> uuid.UUID:
    """Ids of events order by arrival."""
    return uuid7()
