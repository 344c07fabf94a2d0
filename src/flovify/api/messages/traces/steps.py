"""From what is known of an event to the steps of its way, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flovify.api.coverage.found import is_found
from flovify.api.messages.traces.models import Attempt, StepName, StepState, TraceState, TraceStep
from flovify.api.messages.traces.store import EventFacts, MessageFacts, Wait

_WITHOUT_EFFECT = frozenset(("skipped", "duplicate", "discarded", "renewal_failed"))
_AFTER_FETCH = frozenset(("decode", "store"))
_OUTCOMES = {
    "stored": "Stored as a new message.",
    "updated": "The stored message was brought up to date.",
    "unchanged": "The stored message was up to date already.",
    "deleted": "The message is no longer at Microsoft; the stored one is marked so.",
    "moved": "The message was moved out of its folder; the stored one says where it is now.",
    "duplicate": "The same event had been settled before.",
    "discarded": "It had died, and somebody gave it up.",
    "renewed": "The subscription was renewed.",
    "recreated": "The subscription was made anew.",
    "renewal_failed": "The subscription could not be renewed; see it for why.",
    "missed_recorded": "Microsoft said that notifications were lost; the folder is looked through for what is missing.",
    "looked_up": "This version does not know what it says; the folder is looked through for what it may have meant.",
}
_SKIPPED = {
    "gone": "The message was no longer there when it was fetched, and no later look found it.",
    "tenant_disconnected": "The account was disconnected.",
    "unknown_kind": "A kind of notification that this version does not know.",
    "no_message_id": "The notification named no message.",
    "subscription_replaced": "It was about a subscription that had been replaced.",
}
_WAITS = {
    "throttled": "Microsoft asked to wait",
    "unauthorized": "Microsoft refuses the account's sign-in",
    "reconnect_required": "the account must be connected again",
    "claims_challenge": "the account must be connected again",
    "tenant_not_found": "the account is not connected any more",
    "forbidden": "Microsoft refuses access to the mailbox",
    "mailbox_unsupported": "Microsoft does not serve this mailbox",
    "auth_unavailable": "the auth service does not answer",
    "unavailable": "Microsoft does not answer properly",
    "not_found": "Microsoft does not find the mailbox",
    "bad_request": "Microsoft refuses every request for the mailbox",
}
# What one event met that waits by itself, while its mailbox is served otherwise.
_MET = {
    "gone": "Microsoft did not have it",
    "not_found": "Microsoft did not find it or its mailbox",
    "forbidden": "Microsoft refused it",
    "conflict": "it was being changed by somebody else",
    "unavailable": "Microsoft did not answer properly",
}


@dataclass(frozen=True)
class Facts:
    """All that is known. Without an event the message's own row must do.

    `gap` are the times and the reason of the gap in whose closing the event was found.
    """

    event: EventFacts | None
    message: MessageFacts | None
    attempts: Sequence[Attempt]
    wait: Wait | None
    gap: str | None = None


def state_of(facts: Facts) -> TraceState:
    event = facts.event
    if event is None:
        return TraceState.STORED
    if event.state == "settled":
        return TraceState.SKIPPED if event.outcome in _WITHOUT_EFFECT else TraceState.STORED
    return TraceState.DEAD if event.state == "dead" else TraceState.WAITING


def steps_of(facts: Facts) -> list[TraceStep]:
    """The five steps, each with the time since the last one that has a time."""
    if facts.event is None:
        parts = _of_row(facts.message)
    else:
        event = facts.event
        parts = [
            _received(event, facts.message),
            _notified(event, facts.gap),
            _queued(event, facts.wait),
            _fetched(event, facts.attempts),
            _stored(event, facts.attempts),
        ]
    return _timed(parts)


_Part = tuple[StepName, datetime | None, StepState, str]


def _received(event: EventFacts, message: MessageFacts | None) -> _Part:
    if event.kind != "change":
        return StepName.RECEIVED, None, StepState.SKIPPED, "This event is not about a message."
    if event.change_type == "created" and message is not None and message.received_at is not None:
        return StepName.RECEIVED, message.received_at, StepState.DONE, "Microsoft received the message."
    text = {"updated": "The message was changed at Microsoft.", "deleted": "The message was removed at Microsoft."}
    return StepName.RECEIVED, None, StepState.DONE, text.get(event.change_type or "", "Microsoft has the message.")


def _notified(event: EventFacts, gap: str | None) -> _Part:
    if is_found(event.event_key):
        how = f"catching up, {gap}" if gap else "looking into the mailbox."
        text = f"No notification announced it. Found by {how}"
        return StepName.NOTIFIED, event.received_at, StepState.DONE, text
    text = "Microsoft's notification was checked and kept, then acknowledged."
    return StepName.NOTIFIED, event.received_at, StepState.DONE, text


def _queued(event: EventFacts, wait: Wait | None) -> _Part:
    if event.state == "waiting" and event.taken_at is None:
        return StepName.QUEUED, None, StepState.WAITING, _waiting_for(event, wait)
    if event.state == "settled" and event.taken_at is None and event.reason == "tenant_disconnected":
        return StepName.QUEUED, None, StepState.SKIPPED, _SKIPPED["tenant_disconnected"]
    tries = f"A worker took it, {event.attempts} times in all." if event.attempts > 1 else "A worker took it."
    return StepName.QUEUED, event.taken_at, StepState.DONE, tries


def _waiting_for(event: EventFacts, wait: Wait | None) -> str:
    if wait is not None:
        why = _WAITS.get(wait.reason, wait.reason.replace("_", " "))
        return f"The mailbox waits until {_clock(wait.until)}: {why}."
    if event.waits and event.due_at is not None:
        times = "once" if event.waits == 1 else f"{event.waits} times"
        why = _MET.get(event.last_error_kind or "", "it could not be had")
        return f"Asked for {times}, and {why}; asked for again at {_clock(event.due_at)}. It is tried until it comes."
    if event.attempts and event.due_at is not None:
        return f"Tried {event.attempts} times; the next try is at {_clock(event.due_at)} or later."
    return "In the queue, until a worker takes it."


def _fetched(event: EventFacts, attempts: Sequence[Attempt]) -> _Part:
    if event.state == "settled":
        if event.fetched_at is not None:
            return StepName.FETCHED, event.fetched_at, StepState.DONE, "The message came from Microsoft."
        done = event.outcome in ("stored", "updated", "unchanged")
        text = "The message came from Microsoft." if done else "Nothing was fetched for this event."
        return StepName.FETCHED, None, StepState.DONE if done else StepState.SKIPPED, text
    if event.state == "waiting":
        return StepName.FETCHED, None, StepState.WAITING, "Not fetched yet."
    last = _last_failure(attempts)
    if last is not None and last.stage in _AFTER_FETCH:
        return StepName.FETCHED, None, StepState.DONE, "The message came from Microsoft."
    return StepName.FETCHED, event.died_at, StepState.FAILED, _failure(event, last)


def _stored(event: EventFacts, attempts: Sequence[Attempt]) -> _Part:
    if event.state == "waiting":
        return StepName.STORED, None, StepState.WAITING, "Not stored yet."
    if event.state == "dead":
        last = _last_failure(attempts)
        if last is not None and last.stage in _AFTER_FETCH:
            return StepName.STORED, event.died_at, StepState.FAILED, _failure(event, last)
        return StepName.STORED, None, StepState.SKIPPED, "Not stored: the event is a dead letter."
    outcome = event.outcome or ""
    if outcome == "skipped":
        text = _SKIPPED.get(event.reason or "", f"Left out: {(event.reason or 'no reason').replace('_', ' ')}.")
        return StepName.STORED, event.processed_at, StepState.SKIPPED, text
    state = StepState.SKIPPED if outcome in _WITHOUT_EFFECT else StepState.DONE
    return StepName.STORED, event.processed_at, state, _OUTCOMES.get(outcome, outcome)


def _last_failure(attempts: Sequence[Attempt]) -> Attempt | None:
    return next((one for one in reversed(attempts) if one.outcome in ("dead", "retry")), None)


def _failure(event: EventFacts, last: Attempt | None) -> str:
    tries = "once" if event.attempts == 1 else f"{event.attempts} times"
    error = f": {last.error}" if last is not None and last.error else ""
    return f"Tried {tries}, then given up{error}"


def _of_row(message: MessageFacts | None) -> list[_Part]:
    """A message whose event is not kept."""
    if message is None:
        return []
    kept = "The event that brought this message is not kept."
    return [
        (StepName.RECEIVED, message.received_at, StepState.DONE, "Microsoft received the message."),
        (StepName.NOTIFIED, None, StepState.SKIPPED, kept),
        (StepName.QUEUED, None, StepState.SKIPPED, kept),
        (StepName.FETCHED, message.fetched_at, StepState.DONE, "The message came from Microsoft."),
        (StepName.STORED, message.stored_at, StepState.DONE, _OUTCOMES["stored"]),
    ]


def _timed(parts: Sequence[_Part]) -> list[TraceStep]:
    steps: list[TraceStep] = []
    previous: datetime | None = None
    for name, at, state, detail in parts:
        since = None
        if at is not None and previous is not None:
            # Microsoft's clock and ours may differ by a little.
            since = max(0, round((at - previous).total_seconds() * 1000))
        steps.append(TraceStep(name=name, at=at, since_previous_ms=since, state=state, detail=detail))
        previous = at or previous
    return steps


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"
