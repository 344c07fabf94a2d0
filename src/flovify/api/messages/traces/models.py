"""What is known of an event's way. Pydantic models: they are read once, shown, and never passed on."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field


class TraceState(StrEnum):
    """`skipped`: settled without a stored message, for instance because it was gone."""

    STORED = "stored"
    WAITING = "waiting"
    DEAD = "dead"
    SKIPPED = "skipped"


class StepName(StrEnum):
    """In the order of the way: at Microsoft, at the webhook, out of the queue, at Graph, in the database."""

    RECEIVED = "received"
    NOTIFIED = "notified"
    QUEUED = "queued"
    FETCHED = "fetched"
    STORED = "stored"


class StepState(StrEnum):
    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"
    SKIPPED = "skipped"


class TraceStep(BaseModel):
    """One step. `since_previous_ms` counts from the last step before it that has a time."""

    name: StepName
    at: datetime | None
    since_previous_ms: int | None
    state: StepState
    detail: str


class Attempt(BaseModel):
    """One try that did not end in a stored message, or the one that did after such.

    `outcome` is retry (an attempt was spent), waited (the mailbox, Microsoft or auth was at fault: none was spent;
    `times` counts such waits in a row), dead, replayed (somebody had it done again) or done.
    """

    number: int
    at: datetime
    stage: str
    outcome: str
    error_kind: str | None
    error: str | None
    status: int | None = Field(description="What Microsoft answered with, where it answered.")
    request_id: str | None = Field(description="Microsoft's name for that request, which its support asks for.")
    wait_seconds: float | None
    times: int


class OtherEvent(BaseModel):
    """Another event of the same message. `at` is when it was received; `outcome` None means it is not settled."""

    id: uuid.UUID
    change_type: str | None
    at: datetime
    outcome: str | None


class Trace(BaseModel):
    """The way of one event, told for a message by the event that brought it."""

    message_id: uuid.UUID | None
    event_id: uuid.UUID | None = Field(description="None for a message stored before events were kept.")
    correlation_id: uuid.UUID | None
    state: TraceState
    steps: list[TraceStep]
    attempts: list[Attempt]
    other_events: list[OtherEvent]
