"""A replay: many dead letters put back into the queue, and what became of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class ReplayState(StrEnum):
    """A cancelled replay puts nothing more back; what is in the queue already is still worked on and counted."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


class ItemState(StrEnum):
    """`planned` is what a dry run would put back; `pending` and `waiting` are under way, the others are ends."""

    PLANNED = "planned"
    PENDING = "pending"
    WAITING = "waiting"
    DONE = "done"
    FAILED_AGAIN = "failed_again"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class ReplayRow:
    """A replay as it stands. `waiting` counts what is in the queue."""

    id: uuid.UUID
    key: str
    state: ReplayState
    dry_run: bool
    filter: dict[str, Any]
    per_second: int
    total: int
    done: int
    failed_again: int
    skipped: int
    waiting: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None

    @property
    def remaining(self) -> int:
        """What has not come to its end."""
        return 0 if self.dry_run else self.total - self.done - self.failed_again - self.skipped


@dataclass(frozen=True)
class ItemRow:
    """One dead letter of a replay. `reason` is why it was dead, `outcome` what came of it."""

    event_id: uuid.UUID
    tenant_id: uuid.UUID
    state: ItemState
    reason: str
    outcome: str | None
    changed_at: datetime
