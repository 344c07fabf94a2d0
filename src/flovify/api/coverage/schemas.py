"""The shapes of gaps in the API."""

from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class GapOut(BaseModel):
    """A time in which notifications may have been missed; it stays open until the folder was looked through.

    `looked_at` messages were seen in the folder, `recovered` of them no notification had announced, `removals` had left
    it. While it is open, `next_try_at` says when it is looked at next and `last_error` why the last look failed.
    """

    model_config = ConfigDict(from_attributes=True)

    id: int
    tenant_id: uuid.UUID
    provider: str
    resource: str
    subscription_row_id: uuid.UUID
    reasons: list[str] = Field(
        description="Why something may have been missed: missed, removed, recreated, renewed_late, reauthorized, "
        "reconnected, process_down, not_subscribed (polled), silence, not_understood, storm_of_404, cursor_lost, "
        "first_sync."
    )
    since: datetime
    until: datetime
    opened_at: datetime
    closed_at: datetime | None
    looked_at: int
    recovered: int
    removals: int
    next_try_at: datetime
    failures: int
    last_error: str | None
    last_error_at: datetime | None
    summary: str = Field(description="The gap in words, with its times in UTC.")


class GapPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[GapOut]
    next: str | None
