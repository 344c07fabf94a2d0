"""The end of one take: everything it came to becomes real in one transaction, the fence first."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import open_gaps
from flovify.api.messages.models import StoredRef
from flovify.api.messages.rows import to_row
from flovify.api.messages.store import find_deleted, mark_deleted, newest_of_each, publish, upsert_messages
from flovify.api.queue.models import Event, Lease
from flovify.api.queue.store import PostgresQueue, PostgresSettlement
from flovify.api.worker.attempts import attempt_notes, came_ago
from flovify.api.worker.errors import NOT_STORABLE, Stage, Trouble, TroubleKind
from flovify.api.worker.metrics import EVENT_AGE, EVENTS
from flovify.api.worker.models import Action, Plan, Verdict
from flovify.common.logs import get_logger

# So many messages at once that are not there are strange enough to look the folder through.
STORM = 5
# What has effects of its own besides the event's end.
_NOTED = ("deleted",)
_ROW_AT_FAULT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)


async def commit(queue: PostgresQueue, plan: Plan, now: float) -> dict[Event, Verdict]:
    """The one transaction; gives the verdicts as they came out. `now` is on the clock of `Plan.came_at`."""
    if is_usual(plan):
        try:
            return await _commit_usual(queue, plan, now)
        except _ROW_AT_FAULT as error:
            # Nothing was done. Which row it was is found out one by one.
            get_logger().warning("settlement_one_by_one", error=type(error).__name__)
    async with queue.settle(plan.lease) as settlement:
        # The gaps' rows before the events': whoever closes a gap holds it and adds events.
        await _note_risks(settlement, plan)
        refs, unstorable = await _store(settlement, plan)
        await _delete(settlement, plan)
        verdicts = _final(plan, refs, unstorable) | await _known_to_be_gone(settlement, plan)
        await _carry_out(settlement, plan, verdicts, now)
        await publish(settlement.connection, refs.values())
    return verdicts


def is_usual(plan: Plan) -> bool:
    """Whether everything was stored, or is done with without storing, and nothing is to be noted beside that."""
    return (
        bool(plan.verdicts)
        and not plan.risks
        and plan.wait is None
        and all(
            (verdict.action is Action.STORE or (verdict.action is Action.FINISH and verdict.label not in _NOTED))
            and verdict.reason != TroubleKind.GONE
            and event.last_error_kind is None
            for event, verdict in plan.verdicts.items()
        )
    )


async def _commit_usual(queue: PostgresQueue, plan: Plan, now: float) -> dict[Event, Verdict]:
    """In one round trip; the mailbox's lease, its messages' rows and the feed are locked for as long as that takes."""
    of = _correlations(plan)
    messages = [to_row(one, of.get(one.provider_message_id)) for one in newest_of_each(plan.messages.values())]
    ago = came_ago(plan, now)
    ends = [
        (event, _label(event, verdict), verdict.reason, _key(plan, event), ago.get(event.id))
        for event, verdict in plan.verdicts.items()
    ]
    outcomes = await queue.settle_stored(plan.lease, messages, plan.fetched_at, ends)
    return {
        event: replace(verdict, action=Action.FINISH, label=outcomes[event.id])
        for event, verdict in plan.verdicts.items()
    }


def _label(event: Event, verdict: Verdict) -> str | None:
    """The outcome, None where storing says it."""
    if verdict.action is Action.FINISH:
        return verdict.label
    # Announced as removed and still there: it is in another folder now.
    return "moved" if event.change_type == "deleted" else None


def _key(plan: Plan, event: Event) -> str | None:
    message = plan.messages.get(event.message_id) if event.message_id is not None else None
    return message.provider_message_id if message is not None else None


async def _note_risks(settlement: PostgresSettlement, plan: Plan) -> None:
    gone = [event for event, verdict in plan.verdicts.items() if verdict.reason == TroubleKind.GONE]
    if len(gone) >= STORM:
        for event in gone:
            plan.risk(event, Risk.STORM_OF_404)
    for risk, rows in sorted(plan.risks.items()):
        await open_gaps(settlement.connection, risk, rows=rows)


async def _store(settlement: PostgresSettlement, plan: Plan) -> tuple[dict[str, StoredRef], set[str]]:
    """Messages by the id they were asked for, and the ids of those the database refuses."""
    if not plan.messages:
        return {}, set()
    try:
        return await _store_some(settlement, plan, list(plan.messages)), set()
    except _ROW_AT_FAULT:
        refs: dict[str, StoredRef] = {}
        unstorable: set[str] = set()
        for message_id in plan.messages:
            try:
                refs |= await _store_some(settlement, plan, [message_id])
            except _ROW_AT_FAULT as error:
                get_logger().error("message_not_storable", error=type(error).__name__)
                unstorable.add(message_id)
        return refs, unstorable


async def _store_some(settlement: PostgresSettlement, plan: Plan, message_ids: Sequence[str]) -> dict[str, StoredRef]:
    lease = plan.lease
    messages = [plan.messages[key] for key in message_ids]
    connection = settlement.connection
    async with connection.transaction():
        stored = await upsert_messages(
            connection,
            lease.tenant_id,
            lease.events[0].provider,
            messages,
            fetched_at=plan.fetched_at,
            correlations=_correlations(plan),
        )
    by_id = {ref.provider_message_id: ref for ref in stored}
    return {key: by_id[plan.messages[key].provider_message_id] for key in message_ids}


def _correlations(plan: Plan) -> dict[str, uuid.UUID]:
    """By the message's id at the provider: that of the last event that asked for it."""
    return {
        plan.messages[event.message_id].provider_message_id: event.correlation_id
        for event in plan.lease.events
        if event.message_id in plan.messages
    }


async def _delete(settlement: PostgresSettlement, plan: Plan) -> None:
    ids = [
        event.message_id
        for event, verdict in plan.verdicts.items()
        if verdict.action is Action.FINISH and verdict.label == "deleted" and event.message_id is not None
    ]
    lease = plan.lease
    if ids:
        await mark_deleted(settlement.connection, lease.tenant_id, lease.events[0].provider, ids, plan.fetched_at)


async def _known_to_be_gone(settlement: PostgresSettlement, plan: Plan) -> dict[Event, Verdict]:
    """Events that would look again for a message whose removal was heard of and proven: they need not."""
    looking = {
        event: event.message_id
        for event, verdict in plan.verdicts.items()
        if verdict.action is Action.RETRY and verdict.label == TroubleKind.GONE and event.message_id is not None
    }
    if not looking:
        return {}
    lease = plan.lease
    gone = await find_deleted(settlement.connection, lease.tenant_id, lease.events[0].provider, list(looking.values()))
    verdict = Verdict(Action.FINISH, "skipped", TroubleKind.GONE)
    return {event: verdict for event, message_id in looking.items() if message_id in gone}


def _final(plan: Plan, refs: dict[str, StoredRef], unstorable: set[str]) -> dict[Event, Verdict]:
    """The verdicts with what storing said."""
    final: dict[Event, Verdict] = {}
    for event, verdict in plan.verdicts.items():
        if verdict.action is not Action.STORE or event.message_id is None:
            final[event] = verdict
        elif event.message_id in unstorable:
            final[event] = _unstorable(event, plan)
        else:
            label = _label(event, verdict) or _OUTCOMES[refs[event.message_id].outcome.value]
            final[event] = replace(verdict, action=Action.FINISH, label=label)
    return final


_OUTCOMES = {"created": "stored", "updated": "updated", "unchanged": "unchanged"}


def _unstorable(event: Event, plan: Plan) -> Verdict:
    """The first time the message is asked for again as its source; if that is refused too, nothing can be done."""
    text = "the database refuses this message's content"
    trouble = Trouble(TroubleKind.POISON, NOT_STORABLE, text, stage=Stage.STORE)
    again = Plan(plan.lease, plan.fetched_at)
    if event.last_error_kind == NOT_STORABLE:
        again.bury(event, trouble)
        return again.verdicts[event]
    return Verdict(Action.RETRY, NOT_STORABLE, error=text, spend=True, trouble=trouble)


async def _carry_out(settlement: PostgresSettlement, plan: Plan, verdicts: dict[Event, Verdict], now: float) -> None:
    done = [(event, item.label, item.reason) for event, item in verdicts.items() if item.action is Action.FINISH]
    await settlement.finish(done, came_ago(plan, now))
    back: dict[tuple[str, str], list[Event]] = {}
    for event, item in verdicts.items():
        if item.action is Action.RETRY:
            await settlement.retry(event, item.delay_seconds, item.label, item.error, spend=item.spend)
        elif item.action is Action.BURY:
            await settlement.bury(event, item.label, item.reason or item.label, item.error)
        elif item.action is Action.GIVE_BACK:
            back.setdefault((item.label, item.error), []).append(event)
    for (label, error), events in back.items():
        await settlement.give_back(events, label, error)
    if plan.wait is not None:
        await settlement.block(plan.wait.seconds, plan.wait.trouble.reason, plan.wait.failures)
    await settlement.note(attempt_notes(plan, verdicts))


def correlations(lease: Lease) -> list[str]:
    """Of all requests that brought a lease's events, each once."""
    return list(dict.fromkeys(str(event.correlation_id) for event in lease.events))


def report(plan: Plan, verdicts: dict[Event, Verdict], now: datetime) -> None:
    """One line in the log for a lease, and one for each of its events that is not done with."""
    logger = get_logger(tenant=str(plan.lease.tenant_id))
    outcomes: Counter[str] = Counter()
    ages = {event: max((now - event.received_at).total_seconds(), 0.0) for event in verdicts}
    for event, verdict in verdicts.items():
        is_done = verdict.action is Action.FINISH
        outcome = verdict.label if is_done else verdict.action.value
        outcomes[outcome] += 1
        if is_done:
            EVENT_AGE.observe(ages[event])
        (logger.debug if is_done else logger.info)(
            "event_processed",
            correlation_id=str(event.correlation_id),
            event_id=str(event.id),
            kind=event.kind.value,
            change_type=event.change_type,
            action=verdict.action.value,
            outcome=verdict.label,
            reason=verdict.reason,
            attempts=event.attempts,
            age_seconds=round(ages[event], 3),
            error=verdict.error[:300] or None,
        )
    for outcome, count in outcomes.items():
        EVENTS.labels(outcome).inc(count)
    logger.info(
        "events_settled",
        correlation_ids=correlations(plan.lease),
        outcomes=dict(outcomes),
        oldest_seconds=round(max(ages.values(), default=0.0), 3),
    )
    if plan.wait is not None:
        logger.warning(
            "mailbox_waits",
            seconds=round(plan.wait.seconds, 1),
            reason=plan.wait.trouble.reason,
            failures=plan.wait.failures,
            error=plan.wait.trouble.text[:300],
        )
