"""What is kept of a take that did not go well, and of the good end after such."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from flovify.api.queue.models import AttemptNote, Event
from flovify.api.worker.errors import Stage
from flovify.api.worker.models import Action, Plan, Verdict

_OUTCOMES = {Action.BURY: "dead", Action.GIVE_BACK: "waited"}


def attempt_notes(plan: Plan, verdicts: Mapping[Event, Verdict]) -> list[AttemptNote]:
    """One note for each event whose take met trouble. A first take that went well leaves none: it is the usual case."""
    found = (_note(plan, event, verdict) for event, verdict in verdicts.items())
    return [note for note in found if note is not None]


def came_ago(plan: Plan, now: float) -> dict[uuid.UUID, float]:
    """How many seconds ago the stored messages had come, by their events' ids."""
    if plan.came_at is None:
        return {}
    seconds = max(0.0, now - plan.came_at)
    return {event.id: seconds for event, verdict in plan.verdicts.items() if verdict.action is Action.STORE}


def _note(plan: Plan, event: Event, verdict: Verdict) -> AttemptNote | None:
    if verdict.action is Action.FINISH:
        return AttemptNote(event, Stage.STORE, "done") if event.last_error_kind is not None else None
    trouble = verdict.trouble
    if trouble is None:
        # Nothing failed when a worker stops; a lifecycle event that is tried again has its subscription's failure.
        if verdict.action is not Action.RETRY:
            return None
        return AttemptNote(
            event, "renew", "retry", verdict.label, verdict.error or None, wait_seconds=verdict.delay_seconds
        )
    wait = plan.wait.seconds if verdict.action is Action.GIVE_BACK and plan.wait is not None else verdict.delay_seconds
    return AttemptNote(
        event,
        trouble.stage,
        _OUTCOMES.get(verdict.action, "retry" if verdict.spend else "waited"),
        verdict.label,
        verdict.error or None,
        trouble.status,
        trouble.request_id,
        None if verdict.action is Action.BURY else wait,
    )
