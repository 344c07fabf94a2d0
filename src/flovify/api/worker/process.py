"""The work on one lease: first everything that talks to others, with no transaction open; then one transaction."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

import asyncpg

from flovify.api.messages.models import NormalizedMessage, StoredRef
from flovify.api.messages.source_only import minimal
from flovify.api.messages.store import find_deleted, mark_deleted, publish, upsert_messages
from flovify.api.queue.errors import FencedOut
from flovify.api.queue.models import Event, EventKind, Lease
from flovify.api.queue.store import PostgresQueue, PostgresSettlement
from flovify.api.worker.attempts import attempt_notes, came_ago
from flovify.api.worker.errors import MAX_ATTEMPTS, Stage, Trouble, TroubleKind, Way, sort_error, way_of
from flovify.api.worker.fetch import Mailboxes, MailboxReader, Tokens
from flovify.api.worker.lifecycle import Subscriptions, handle_lifecycle
from flovify.api.worker.metrics import EVENT_AGE, EVENTS, FENCED_OUT, TROUBLES
from flovify.api.worker.models import Action, Plan, Verdict
from flovify.common.clock import Clock
from flovify.common.logs import get_logger, place_of

NOT_STORABLE = "not_storable"
WORK_SECONDS = 300.0
LATER_SECONDS = 60.0
# Between the tries of one settlement; the last one goes on for all that follow.
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)
# Class 57 is the server going down or coming up; the mailbox stays ours as long as nobody else can have it either.
_DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
)
_TRIES_WHILE_AWAY = 200
_ROW_AT_FAULT = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError, asyncpg.ProgramLimitExceededError)

Fetch: TypeAlias = dict[str, list[Event]]


class Processor:
    """Works leases off. Holds no state between them."""

    def __init__(
        self,
        queue: PostgresQueue,
        tokens: Tokens,
        providers: Mailboxes,
        subscriptions: Subscriptions,
        clock: Clock,
        *,
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
    ) -> None:
        """`pauses_seconds`: the waits before the second, the third, … try of a settlement that failed.

        After as many refusals as there are pauses its events wait instead.
        """
        self._queue = queue
        self._tokens = tokens
        self._providers = providers
        self._subscriptions = subscriptions
        self._clock = clock
        self._pauses = pauses_seconds

    async def process(self, lease: Lease) -> None:
        """Do what the lease's events ask for and settle them. Raises nothing but what ends the process."""
        try:
            async with asyncio.timeout(WORK_SECONDS):
                plan = await self._work(lease)
        except Exception as error:  # noqa: BLE001 - our own mistake must not stop the worker
            plan = self._after_mistake(lease, error)
        except asyncio.CancelledError:
            plan = Plan(lease, self._clock.now())
            plan.verdicts = dict.fromkeys(lease.events, Verdict(Action.GIVE_BACK, "worker_stopped"))
            await asyncio.shield(self._settle(plan))
            raise
        await self._settle(plan)

    async def _work(self, lease: Lease) -> Plan:
        plan = Plan(lease, self._clock.now())
        lifecycle: list[Event] = []
        wanted: Fetch = {}
        for event in lease.events:
            if not _judge_at_once(plan, event):
                if event.kind is EventKind.LIFECYCLE:
                    lifecycle.append(event)
                elif event.message_id is not None:
                    wanted.setdefault(event.message_id, []).append(event)
        await handle_lifecycle(plan, lifecycle, self._subscriptions)
        reader = MailboxReader(self._tokens, self._providers, lease.tenant_id)
        await self._fetch(plan, reader, wanted)
        plan.came_at = self._clock.monotonic()
        return plan

    async def _fetch(self, plan: Plan, reader: MailboxReader, wanted: Fetch) -> None:
        """One request a message, however many of its events are here, each in the way its attempts have come to."""
        deleted = {event.message_id for event in plan.lease.events if event.change_type == "deleted"}
        ways: dict[Way, list[str]] = {way: [] for way in Way}
        for message_id, events in wanted.items():
            ways[_way(events)].append(message_id)
        for way in (Way.EXPANDED, Way.PLAIN):
            outcomes = await reader.read(ways[way], attachments=way is Way.EXPANDED)
            for message_id, outcome in outcomes.items():
                if isinstance(outcome, Trouble):
                    _note_trouble(plan, wanted[message_id], outcome, deleted=message_id in deleted)
                    continue
                message = _decode(reader, outcome, message_id)
                if message is None:
                    ways[Way.SOURCE].append(message_id)
                else:
                    plan.store(wanted[message_id], message_id, message)
        for message_id in ways[Way.SOURCE]:
            await self._fetch_source(plan, reader, message_id, wanted[message_id])

    async def _fetch_source(self, plan: Plan, reader: MailboxReader, message_id: str, events: list[Event]) -> None:
        """A message whose JSON cannot be used is stored as its RFC 5322 source, with a note."""
        source = await reader.read_mime(message_id)
        if isinstance(source, Trouble):
            _note_trouble(plan, events, source)
            return
        note = "The provider's description of this message could not be had or stored; this is its source."
        plan.store(events, message_id, minimal(message_id, source, note))

    def _after_mistake(self, lease: Lease, error: Exception) -> Plan:
        """Without verdicts the events count as in a worker that died: they come back singly, three times at most."""
        get_logger().error(
            "lease_failed", tenant=str(lease.tenant_id), error=type(error).__name__, where=place_of(error)
        )
        plan = Plan(lease, self._clock.now())
        if len(lease.events) == 1:
            _note_trouble(plan, lease.events, sort_error(error, Stage.DECODE))
        return plan

    async def _settle(self, plan: Plan) -> None:
        """Make the plan real. While the database is away it is tried again: the fence tells whether it still may."""
        refused = 0
        for number in range(_TRIES_WHILE_AWAY):
            try:
                verdicts = await _commit(self._queue, plan, self._clock.monotonic())
            except FencedOut:
                FENCED_OUT.inc()
                get_logger().warning("fenced_out", tenant=str(plan.lease.tenant_id), events=len(plan.lease.events))
                return
            except (*_DATABASE_AWAY, asyncpg.PostgresError) as error:
                get_logger().warning("settlement_failed", error=type(error).__name__, tries=number + 1)
                refused += not isinstance(error, _DATABASE_AWAY)
            else:
                _report(plan, verdicts, self._clock.now())
                return
            if refused == len(self._pauses):
                # A deadlock would have passed by now. Whatever the database has against this plan, it is not one
                # event's doing, so they all wait.
                plan = _all_later(plan)
            await asyncio.sleep(self._pauses[min(number, len(self._pauses) - 1)])


def _all_later(plan: Plan) -> Plan:
    later = Plan(plan.lease, plan.fetched_at)
    text = "the database refuses to settle this"
    trouble = Trouble(TroubleKind.OUTAGE, "database_refuses", text, LATER_SECONDS, stage=Stage.STORE)
    for event in plan.lease.events:
        later.trouble(event, trouble)
    return later


def _judge_at_once(plan: Plan, event: Event) -> bool:
    """Whether nothing has to be asked for this event."""
    if event.settled:
        plan.finish(event, "duplicate")
    elif event.attempts > MAX_ATTEMPTS:
        text = f"the worker died {MAX_ATTEMPTS} times with this event in hand"
        plan.bury(event, Trouble(TroubleKind.POISON, "worker_died", text))
    elif event.kind is EventKind.UNKNOWN:
        # It is genuine, so it meant something: whoever runs this must see that it was not understood.
        reason = "unknown_kind" if event.message_id or event.change_type is None else "no_message_id"
        plan.bury(event, Trouble(TroubleKind.POISON, reason, "this version cannot act on such a notification"))
    else:
        return False
    return True


def _way(events: Sequence[Event]) -> Way:
    if events[0].last_error_kind == NOT_STORABLE:
        return Way.SOURCE
    return way_of(max(event.attempts for event in events))


def _note_trouble(plan: Plan, events: Sequence[Event], trouble: Trouble, *, deleted: bool = False) -> None:
    TROUBLES.labels(trouble.kind.value, trouble.reason).inc()
    for event in events:
        plan.trouble(event, trouble, deleted=deleted)


def _decode(reader: MailboxReader, message: dict[str, Any], message_id: str) -> NormalizedMessage | None:
    try:
        return reader.normalize(message, message_id)
    except Exception as error:  # noqa: BLE001 - the message arrived, so it will be stored as its source
        get_logger().error("message_not_decoded", error=type(error).__name__, where=place_of(error))
        return None


async def _commit(queue: PostgresQueue, plan: Plan, now: float) -> dict[Event, Verdict]:
    """The one transaction; gives the verdicts as they came out. `now` is on the clock of `Plan.came_at`."""
    async with queue.settle(plan.lease) as settlement:
        refs, unstorable = await _store(settlement, plan)
        await _delete(settlement, plan)
        verdicts = _final(plan, refs, unstorable) | await _known_to_be_gone(settlement, plan)
        await _carry_out(settlement, plan, verdicts, now)
        await publish(settlement.connection, refs.values())
    return verdicts


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
            ref = refs[event.message_id]
            # Announced as removed and still there: it is in another folder now.
            label = "moved" if event.change_type == "deleted" else _OUTCOMES[ref.outcome.value]
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


def _report(plan: Plan, verdicts: dict[Event, Verdict], now: datetime) -> None:
    """One wide event in the log for each event of the lease."""
    logger = get_logger(tenant=str(plan.lease.tenant_id))
    for event, verdict in verdicts.items():
        EVENTS.labels(verdict.label if verdict.action is Action.FINISH else verdict.action.value).inc()
        age = (now - event.received_at).total_seconds()
        if verdict.action is Action.FINISH:
            EVENT_AGE.observe(max(age, 0.0))
        logger.info(
            "event_processed",
            correlation_id=str(event.correlation_id),
            event_id=str(event.id),
            kind=event.kind.value,
            change_type=event.change_type,
            action=verdict.action.value,
            outcome=verdict.label,
            reason=verdict.reason,
            attempts=event.attempts,
            age_seconds=round(age, 3),
            error=verdict.error[:300] or None,
        )
    if plan.wait is not None:
        logger.warning(
            "mailbox_waits",
            seconds=round(plan.wait.seconds, 1),
            reason=plan.wait.trouble.reason,
            failures=plan.wait.failures,
            error=plan.wait.trouble.text[:300],
        )
