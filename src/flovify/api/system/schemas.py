"""The shapes of the system's state in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from flovify.common.system_shapes import DatabaseState, FromModel, PeriodicTaskOut, Setting

HealthState = Literal["ok", "warning", "failed", "unknown"]


class WorkerOut(FromModel):
    """A worker process; `alive` is false when it was not heard of for half a minute."""

    name: str
    started_at: datetime
    last_seen_at: datetime
    version: str
    in_flight: int
    alive: bool


class QueueState(FromModel):
    """`oldest_seconds` is the age of the oldest event that is due, 0 without one."""

    waiting: int
    dead: int
    oldest_seconds: float


class CheckOutcome(FromModel):
    ok: bool
    detail: str
    at: datetime


class GraphState(FromModel):
    """What the last calls of Microsoft Graph were answered, as far as they left a trace in the database."""

    state: HealthState
    last_success_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None


class ApiSystem(FromModel):
    """The api and its workers. `clock_skew_seconds`: how far the api's clock is ahead of the database's."""

    version: str
    schema_version: str
    database: DatabaseState
    settings: list[Setting]
    periodic_tasks: list[PeriodicTaskOut]
    workers: list[WorkerOut]
    queue: QueueState
    clock_skew_seconds: float
    webhook_url: str
    webhook_checked: CheckOutcome | None
    graph: GraphState


class WebhookStep(FromModel):
    """One part of the check, in the order DNS, connection, TLS, answer."""

    name: Literal["dns", "connection", "tls", "answer"]
    state: Literal["ok", "failed", "skipped"]
    ms: int
    detail: str


class WebhookCheck(FromModel):
    """Whether our own webhook address answers as Microsoft needs it to, seen from this machine."""

    ok: bool
    detail: str
    at: datetime
    url: str
    steps: list[WebhookStep]
