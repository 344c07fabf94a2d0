"""The shapes of events in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from flovify.api.events.models import EventState

EventKindName = Literal["change", "lifecycle", "unknown"]


class EventOut(BaseModel):
    """`outcome` of a settled event: stored, updated, unchanged, moved, deleted, skipped (see `reason`), renewed, …

    `reason` gone means that Microsoft did not have the message, at several looks over more than ten minutes. `waits`
    counts waits in a row that spent no attempt. `stuck`: it has met trouble and waits for more than a day; it is still
    tried.

    `account_email` is null when auth does not know the account any more, or cannot be asked.
    """

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    account_email: str | None
    provider: str
    state: EventState
    kind: EventKindName
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


class EventPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[EventOut]
    next: str | None


class EventDetail(EventOut):
    """With the notification as Microsoft sent it, without its secret, and the id of the stored message it led to."""

    item: Any
    stored_message_id: uuid.UUID | None
