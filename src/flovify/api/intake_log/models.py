"""Events on their way from the intake into the inbox."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import NamedTuple

from flovify.api.queue.models import NewEvent

# Between the values of a column (ASCII's record separator): no JSON text holds it, and no id of Graph's.
SEPARATOR = "\x1e"
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


class EventRow(NamedTuple):
    """One event in the order of the log's columns, all as text and '' for NULL; ids of ours are UUIDs in any form."""

    id: str
    tenant_id: str
    provider: str
    event_key: str
    subscription_row_id: str
    subscription_id: str
    kind: str
    change_type: str
    message_id: str
    item: str
    correlation_id: str


@dataclass(frozen=True, slots=True)
class Carried:
    """What one step of the mover did. `new` events were in the inbox not yet; `seconds` is what the oldest waited."""

    groups: int
    events: int
    new: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LogDepth:
    """How many events were not carried yet, for how long the oldest waits, and how many groups the inbox refuses."""

    events: int
    oldest_seconds: float
    refused: int


def to_row(event: NewEvent) -> EventRow:
    """The event as a row. Its key was made before, so that two events stay two even if a separator goes."""
    return EventRow(
        event.id.hex,
        event.tenant_id.hex,
        event.provider,
        event.event_key,
        event.subscription_row_id.hex,
        _clean(event.subscription_id),
        event.kind,
        _clean(event.change_type),
        _clean(event.message_id),
        _clean(event.item),
        str(event.correlation_id or event.id),
    )


def to_event(row: EventRow) -> NewEvent:
    """The row as an event again."""
    return NewEvent(
        id=uuid.UUID(row.id),
        tenant_id=uuid.UUID(row.tenant_id),
        provider=row.provider,
        event_key=row.event_key,
        subscription_row_id=uuid.UUID(row.subscription_row_id),
        subscription_id=row.subscription_id or None,
        kind=row.kind,
        change_type=row.change_type or None,
        message_id=row.message_id or None,
        item=row.item,
        correlation_id=uuid.UUID(row.correlation_id),
    )


def _clean(text: str | None) -> str:
    return (text or "").replace(SEPARATOR, _INSTEAD)
