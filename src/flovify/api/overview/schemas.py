"""The shapes of the overview in the API."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from flovify.api.system.schemas import HealthState

Period = Literal["1h", "24h", "7d", "30d"]
Level = Literal["ok", "warning", "error"]


class _FromModel(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Sentence(_FromModel):
    """How things stand, in one sentence; `link` is a path of the console."""

    level: Level
    text: str
    link: str | None


class AttentionItem(_FromModel):
    """Something somebody should do. `since` is null where nobody noted when it began."""

    kind: str
    level: Level
    text: str
    cause: str
    since: datetime | None
    account_id: uuid.UUID | None
    link: str
    action_label: str


class AccountCard(_FromModel):
    connected: int
    needing_action: int


class SubscriptionCard(_FromModel):
    active: int
    next_expiry: datetime | None


class Cards(_FromModel):
    """`accounts` is null while auth cannot be asked. The delay is from notification to stored message."""

    accounts: AccountCard | None
    subscriptions: SubscriptionCard
    messages_24h: int
    messages_per_hour: list[int]
    delay_p95_seconds: float | None
    dead_letters: int


class Bucket(_FromModel):
    """One column of the chart: `at` is its beginning; delays in seconds, null where nothing was stored."""

    at: datetime
    stored: int
    retrying: int
    dead: int
    delay_p50: float | None
    delay_p95: float | None


class Series(_FromModel):
    model_config = ConfigDict(from_attributes=True, populate_by_name=True)

    bucket_seconds: int
    from_: datetime = Field(alias="from")
    buckets: list[Bucket]


class DeadCause(_FromModel):
    reason: str
    words: str
    count: int


class HealthItem(_FromModel):
    """One part of the installation: `word` for the chip, `detail` in a sentence."""

    name: str
    state: HealthState
    word: str
    detail: str
    checked_at: datetime


class ChecklistItem(_FromModel):
    id: str
    done: bool
    text: str
    link: str


class Overview(_FromModel):
    """Everything of the first page. `stale_since`: auth is away, what comes from it is as of then."""

    sentence: Sentence
    attention: list[AttentionItem]
    cards: Cards
    series: Series
    dead_by_cause: list[DeadCause]
    health: list[HealthItem]
    checklist: list[ChecklistItem]
    stale_since: datetime | None
