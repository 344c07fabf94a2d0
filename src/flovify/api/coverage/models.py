"""Times in which notifications may have been missed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Risk(StrEnum):
    """Why something may have been missed.

    MISSED: Microsoft said so. REMOVED, RECREATED: for a time there was no subscription. RENEWED_LATE, REAUTHORIZED:
    notifications may have been held back. RECONNECTED: the account could not be used. PROCESS_DOWN: nobody took
    notifications. NOT_SUBSCRIBED: Microsoft has no subscription, so the folder is polled. SILENCE: the folder is
    quieter than usual. NOT_UNDERSTOOD: a notification said something this version does not know. STORM_OF_404: many
    announced messages were not there. CURSOR_LOST: the provider forgot how far we were. FIRST_SYNC: the beginning.
    """

    MISSED = "missed"
    REMOVED = "removed"
    RECREATED = "recreated"
    RENEWED_LATE = "renewed_late"
    REAUTHORIZED = "reauthorized"
    RECONNECTED = "reconnected"
    PROCESS_DOWN = "process_down"
    NOT_SUBSCRIBED = "not_subscribed"
    SILENCE = "silence"
    NOT_UNDERSTOOD = "not_understood"
    STORM_OF_404 = "storm_of_404"
    CURSOR_LOST = "cursor_lost"
    FIRST_SYNC = "first_sync"


@dataclass(frozen=True)
class Gap:
    """One row. What came from `since` to `until` may be missing until `closed_at`.

    `looked_at` messages were seen in it, `recovered` of them were not known before, `removals` had left the folder.
    """

    id: int
    tenant_id: uuid.UUID
    provider: str
    resource: str
    subscription_row_id: uuid.UUID
    reasons: tuple[str, ...]
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


@dataclass(frozen=True)
class HeldGap:
    """A gap in a worker's hands, with what closing it needs to know.

    `version` is what was risked by when it was taken. `change_types` are those of all subscriptions of the folder,
    `subscribed_at` is the oldest one's age; `cursor` and `in_round` say where its change tracking goes on.
    """

    id: int
    tenant_id: uuid.UUID
    provider: str
    resource: str
    subscription_row_id: uuid.UUID
    subscription_id: str | None
    reasons: tuple[str, ...]
    since: datetime
    until: datetime
    version: int
    failures: int
    fence: int
    change_types: tuple[str, ...]
    subscribed_at: datetime
    cursor: str | None
    in_round: bool
    round_began: datetime | None
    covered_until: datetime | None


def held_gap(row: Mapping[str, Any]) -> HeldGap:
    """From the row of the statement `take`."""
    values = {name: row[name] for name in HeldGap.__dataclass_fields__}
    return HeldGap(**values | {name: tuple(row[name] or ()) for name in ("reasons", "change_types")})


def summary(gap: Gap) -> str:
    """The gap in words: "14:02 to 15:10 UTC (missed): 37 recovered of 112 looked at."."""
    day = "" if gap.since.date() == gap.until.date() else f"{gap.until:%Y-%m-%d} "
    times = f"{gap.since:%Y-%m-%d %H:%M} to {day}{gap.until:%H:%M} UTC"
    why = ", ".join(reason.replace("_", " ") for reason in gap.reasons)
    return f"{times} ({why}): {gap.recovered} recovered of {gap.looked_at} looked at."
