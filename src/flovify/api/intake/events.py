"""From a checked notification to an event of the queue."""

from __future__ import annotations

import hashlib
import time
import uuid

from flovify.api.intake.models import KnownSubscription
from flovify.api.intake.parse import Item, resource_id_and_etag, stored_json, text
from flovify.api.queue.models import EventKind, NewEvent, new_event_id

CHANGE_TYPES = frozenset(("created", "updated", "deleted"))
LIFECYCLE_EVENTS = frozenset(("reauthorizationRequired", "subscriptionRemoved", "missed"))
# Graph repeats a demand every few minutes until it has its way; within this time it is one event of one subscription.
# It must not be one event for ever, or a later need for the same action would be taken for a repetition.
LIFECYCLE_BUCKET_SECONDS = 300
MISSED = "missed"


def to_event(item: Item, known: KnownSubscription, correlation_id: uuid.UUID | None = None) -> NewEvent:
    """The event of a notification whose secret was right; what cannot be acted on becomes kind `unknown`.

    `correlation_id` is that of the request it came with.
    """
    notification = item.notification
    change_type, lifecycle_event = text(notification.change_type), text(notification.lifecycle_event)
    message_id, etag = resource_id_and_etag(notification.resource_data)
    subscription_id = text(notification.subscription_id)
    kind, name = _kind(change_type, lifecycle_event, message_id)
    stored = stored_json(item)
    event_id = new_event_id()
    if kind == EventKind.LIFECYCLE and name == MISSED:
        # Two losses look alike, and one taken for the other's repetition would be a loss for good.
        difference = str(event_id)
    elif kind == EventKind.LIFECYCLE:
        difference = f"{(subscription_id or '').lower()} {int(time.time()) // LIFECYCLE_BUCKET_SECONDS}"
    else:
        # Without an etag only a true repetition, equal in all its fields, counts as the same event: two updates of one
        # message must not be taken for one.
        difference = etag if etag is not None else f"item {stored}"
    return NewEvent(
        id=event_id,
        tenant_id=known.tenant_id,
        provider=known.provider,
        event_key=event_key(str(known.id), message_id or "", name or "", difference),
        subscription_row_id=known.id,
        subscription_id=subscription_id,
        kind=kind.value,
        change_type=name,
        message_id=message_id,
        item=stored,
        correlation_id=correlation_id,
    )


def event_key(subscription_row_id: str, resource_id: str, change_type: str, difference: str) -> str:
    """40 hex digits of BLAKE2b over the four parts, which are joined by a character that none of them holds."""
    joined = f"{subscription_row_id}\x00{resource_id}\x00{change_type}\x00{difference}"
    return hashlib.blake2b(joined.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


def _kind(change_type: str | None, lifecycle_event: str | None, message_id: str | None) -> tuple[EventKind, str | None]:
    """Graph sends a changeType or a lifecycleEvent, never both (graph/api/resources/changenotification, 2026-10-01)."""
    if lifecycle_event is not None and change_type is None:
        known = lifecycle_event in LIFECYCLE_EVENTS
        return (EventKind.LIFECYCLE if known else EventKind.UNKNOWN), lifecycle_event
    if lifecycle_event is None and change_type in CHANGE_TYPES and message_id is not None:
        return EventKind.CHANGE, change_type
    return EventKind.UNKNOWN, change_type or lifecycle_event
