"""Messages that a look into the mailbox found, as events for the same queue and worker as everything else."""

from __future__ import annotations

import hashlib
import json
import uuid
from dataclasses import dataclass

from flovify.api.queue.models import EventKind, NewEvent, new_event_id

# Marks the key of an event that a look into the mailbox made; see `is_found`.
_PREFIX = "sync|"
# What `Place.source` is for a gap, before its number.
GAP_SOURCE = "gap "


@dataclass(frozen=True)
class Place:
    """Whose folder was looked into, and for which subscription; `source` says why, for the trace."""

    tenant_id: uuid.UUID
    provider: str
    resource: str
    subscription_row_id: uuid.UUID
    subscription_id: str | None
    source: str


def is_found(event_key: str) -> bool:
    """Whether the event came from a look into the mailbox and not from a notification."""
    return event_key.startswith(_PREFIX)


def found_event(place: Place, message_id: str, state: str, change_type: str = "created") -> NewEvent:
    """One key for a message in one state: looking again adds nothing, a message that came back later is new."""
    kind = "" if change_type == "created" else f"\x00{change_type}"
    parts = f"{place.tenant_id}\x00{message_id}\x00{state}{kind}"
    digest = hashlib.blake2b(parts.encode("utf-8", "replace"), digest_size=20).hexdigest()
    return NewEvent(
        id=new_event_id(),
        tenant_id=place.tenant_id,
        provider=place.provider,
        event_key=f"{_PREFIX}{digest}",
        subscription_row_id=place.subscription_row_id,
        subscription_id=place.subscription_id,
        kind=EventKind.CHANGE,
        change_type=change_type,
        message_id=message_id,
        item=json.dumps({"source": place.source, "resource": place.resource, "id": message_id}),
    )
