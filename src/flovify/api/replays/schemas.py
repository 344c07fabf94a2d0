"""The shapes of replays in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from flovify.api.dead_letters.schemas import Chosen
from flovify.api.dead_letters.words import DeadLetterWords
from flovify.api.replays.models import ItemState, ReplayRow, ReplayState

Key = Annotated[str, Field(min_length=8, max_length=100, pattern=r"^[A-Za-z0-9._:-]+$")]


class ReplayPreviewRequest(Chosen):
    """What would be replayed."""


class ReplayRequest(Chosen):
    """`key` is the caller's own name for this replay: asking again with it starts nothing anew."""

    key: Key
    exclude_blocked: bool = Field(default=True, description="Leave those out that would only fail again.")
    per_second: int = Field(default=20, ge=1, le=1000)
    dry_run: bool = Field(default=False, description="Note what would be put back, and put nothing back.")


class CauseCount(BaseModel):
    reason: str
    words: DeadLetterWords
    count: int


class AccountCount(BaseModel):
    account_id: uuid.UUID
    count: int


class WillFailAgain(BaseModel):
    """Dead letters whose account cannot be worked for now; `why` says so for people, and is empty for none."""

    count: int
    why: str
    account_ids: list[uuid.UUID]


class ReplayPreview(BaseModel):
    """What is chosen, before anything is done. `by_account` has the fifty largest."""

    total: int
    by_cause: list[CauseCount]
    by_account: list[AccountCount]
    oldest_at: datetime | None = Field(description="When the oldest of them was received.")
    will_fail_again: WillFailAgain


class Replay(BaseModel):
    """A replay as it stands. Of `total`, `skipped` were left out or were no dead letters any more."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    state: ReplayState
    dry_run: bool
    total: int
    done: int
    failed_again: int
    skipped: int
    waiting: int = Field(description="Put back into the queue and not yet worked on.")
    remaining: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None
    filter: dict[str, Any]
    per_second: int


class ReplayPage(BaseModel):
    """The last started first."""

    items: list[Replay]
    next: str | None


class ReplayItem(BaseModel):
    """One dead letter of a replay."""

    model_config = ConfigDict(from_attributes=True)

    event_id: uuid.UUID
    tenant_id: uuid.UUID
    state: ItemState
    reason: str = Field(description="Why it was dead.")
    outcome: str | None = Field(description="What came of it: an outcome, or why it failed again or was left out.")
    changed_at: datetime


class ReplayItemPage(BaseModel):
    items: list[ReplayItem]
    next: str | None


def replay_out(row: ReplayRow) -> Replay:
    return Replay.model_validate(row)
