"""The shapes of dead letters in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from flovify.api.dead_letters.models import Selection
from flovify.api.dead_letters.words import DeadLetterWords

MAX_IDS = 10_000


def _no_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL characters")
    return value


Reason = Annotated[str, Field(max_length=100), AfterValidator(_no_nul)]


class DeadLetterOut(BaseModel):
    """An event the worker gave up. `item` is the notification as Microsoft sent it, without its secret."""

    model_config = ConfigDict(from_attributes=True)

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


class DeadLetterPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[DeadLetterOut]
    next: str | None


class ReplayOut(BaseModel):
    """`state` is waiting, dead (it failed again) or settled; then `outcome` says how."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    state: str
    outcome: str | None
    replays: int


class DeadLetterGroup(BaseModel):
    """The dead letters of one cause. The times are those of the first and the last death."""

    reason: str
    words: DeadLetterWords
    count: int
    accounts: int
    first_at: datetime
    last_at: datetime


class DeadLetterGroups(BaseModel):
    """The largest group first; `total` is all dead letters."""

    items: list[DeadLetterGroup]
    total: int


class DeadLetterSelector(BaseModel):
    """Dead letters of a cause, of an account, that died since a moment; what is left out is not looked at."""

    reason: Reason | None = None
    tenant_id: uuid.UUID | None = None
    since: AwareDatetime | None = None


class Chosen(BaseModel):
    """Dead letters by id, or all that match a filter (an empty one matches all)."""

    ids: list[uuid.UUID] | None = Field(default=None, min_length=1, max_length=MAX_IDS)
    filter: DeadLetterSelector | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Chosen:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("give either `ids` or `filter`")
        return self

    def selection(self) -> Selection:
        chosen = self.filter or DeadLetterSelector()
        ids = tuple(dict.fromkeys(self.ids)) if self.ids is not None else None
        return Selection(ids, chosen.reason, chosen.tenant_id, chosen.since)


class DiscardRequest(Chosen):
    """`reason` is kept with each, and in the audit log."""

    reason: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_no_nul)]


class DiscardResult(BaseModel):
    discarded: int


class RestoreRequest(BaseModel):
    ids: list[uuid.UUID] = Field(min_length=1, max_length=MAX_IDS)


class RestoreResult(BaseModel):
    restored: int


class DiscardedDeadLetter(BaseModel):
    """A dead letter that somebody gave up; restored, it is a dead letter again."""

    model_config = ConfigDict(from_attributes=True)

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


class DiscardedDeadLetterPage(BaseModel):
    """The last discarded first."""

    items: list[DiscardedDeadLetter]
    next: str | None
