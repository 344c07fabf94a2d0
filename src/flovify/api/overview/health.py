"""The health strip: each part of the installation in a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flovify import __version__
from flovify.api.overview.schemas import HealthItem
from flovify.api.system.models import Check, Depth, GraphTrace, Worker
from flovify.api.system.schemas import HealthState

LAG_WARNING_SECONDS, LAG_FAILED_SECONDS = 60.0, 600.0
SKEW_WARNING_SECONDS, SKEW_FAILED_SECONDS = 5.0, 60.0
SLOW_MS = 200.0
INTAKE_FRESH = timedelta(minutes=1)


@dataclass(frozen=True)
class Vitals:
    """What the strip is made of."""

    at: datetime
    workers: list[Worker]
    depth: Depth
    latency_ms: float
    skew_seconds: float
    webhook: Check | None
    webhook_url: str
    graph: GraphTrace
    intake: Check | None
    auth_away_since: datetime | None
    auth_known: bool


def strip(vitals: Vitals) -> list[HealthItem]:
    """In the order in which a message passes them, then what they stand on."""
    return [
        _item(vitals, "api", "ok", "Running", f"Version {__version__} answers."),
        _auth(vitals),
        _webhook(vitals),
        _intake(vitals),
        _workers(vitals),
        _queue(vitals),
        _graph(vitals),
        _database(vitals),
        _clock(vitals),
    ]


def alive(vitals: Vitals) -> list[Worker]:
    return [worker for worker in vitals.workers if worker.alive]


def _auth(vitals: Vitals) -> HealthItem:
    if not vitals.auth_known:
        return _item(vitals, "auth", "failed", "Away", "The auth service does not answer; accounts cannot be shown.")
    if vitals.auth_away_since:
        since = f"{vitals.auth_away_since:%H:%M} UTC"
        return _item(vitals, "auth", "failed", "Away", f"Since {since}; accounts are shown as they were then.")
    return _item(vitals, "auth", "ok", "Running", "Accounts and tokens are there.")


def _webhook(vitals: Vitals) -> HealthItem:
    check = vitals.webhook
    if check is None:
        detail = f"{vitals.webhook_url} was not checked from here yet. Microsoft checks it for each subscription."
        return _item(vitals, "public_url", "unknown", "Not checked", detail)
    item = _item(vitals, "public_url", "ok" if check.ok else "failed", "Answers" if check.ok else "Fails", check.detail)
    return item.model_copy(update={"checked_at": check.at})


def _intake(vitals: Vitals) -> HealthItem:
    """A process that refuses notifications says so every few seconds."""
    check = vitals.intake
    if check is not None and not check.ok and vitals.at - check.at < INTAKE_FRESH:
        return _item(vitals, "intake", "failed", "Closed", check.detail)
    return _item(vitals, "intake", "ok", "Open", "Notifications are taken.")


def _workers(vitals: Vitals) -> HealthItem:
    living = alive(vitals)
    if not living:
        detail = "No worker was heard of for half a minute: messages wait in the queue and none is lost."
        return _item(vitals, "workers", "failed", "None", detail)
    others = {worker.version for worker in living} - {__version__}
    busy = sum(worker.in_flight for worker in living)
    if others:
        return _item(
            vitals, "workers", "warning", "Mixed", f"Versions {', '.join(sorted(others))} beside {__version__}."
        )
    return _item(vitals, "workers", "ok", f"{len(living)} running", f"{busy} mailboxes in hand.")


def _queue(vitals: Vitals) -> HealthItem:
    lag, waiting = vitals.depth.oldest_seconds, vitals.depth.waiting
    state = _graded(lag, LAG_WARNING_SECONDS, LAG_FAILED_SECONDS)
    word = "Behind" if state != "ok" else "Waiting" if waiting else "Empty"
    detail = f"{waiting:,} waiting; the oldest is due since {_span(lag)}." if waiting else "Nothing waits."
    return _item(vitals, "queue", state, word, detail)


def _graph(vitals: Vitals) -> HealthItem:
    trace = vitals.graph
    state = trace.state(vitals.at)
    if state == "unknown":
        return _item(vitals, "graph", state, "Not used yet", "Microsoft Graph was not asked for anything yet.")
    if state == "ok":
        return _item(vitals, "graph", state, "Answers", f"Last success {trace.last_success_at:%Y-%m-%d %H:%M:%S} UTC.")
    if trace.throttled and not trace.away:
        return _item(vitals, "graph", state, "Throttled", f"{trace.throttled} mailboxes wait as Microsoft asked.")
    detail = trace.last_error or f"{trace.away} mailboxes cannot be reached."
    return _item(vitals, "graph", state, "Failing", detail[:300])


def _database(vitals: Vitals) -> HealthItem:
    slow = vitals.latency_ms > SLOW_MS
    detail = f"A small question took {vitals.latency_ms} ms."
    return _item(vitals, "database", "warning" if slow else "ok", "Slow" if slow else "Answers", detail)


def _clock(vitals: Vitals) -> HealthItem:
    """The largest difference to the database's clock, of this process and of the living workers."""
    skews = [vitals.skew_seconds, *(worker.skew_seconds for worker in alive(vitals))]
    worst = max(skews, key=abs)
    state = _graded(abs(worst), SKEW_WARNING_SECONDS, SKEW_FAILED_SECONDS)
    detail = f"Clocks differ from the database's by {abs(worst):.1f} s at most."
    return _item(vitals, "clock", state, "In step" if state == "ok" else "Wrong", detail)


def _graded(value: float, warning: float, failed: float) -> HealthState:
    return "failed" if value >= failed else "warning" if value >= warning else "ok"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    return f"{whole // 60} m {whole % 60} s" if whole < 7200 else f"{whole // 3600} h {whole % 3600 // 60} m"


def _item(vitals: Vitals, name: str, state: HealthState, word: str, detail: str) -> HealthItem:
    return HealthItem(name=name, state=state, word=word, detail=detail, checked_at=vitals.at)
