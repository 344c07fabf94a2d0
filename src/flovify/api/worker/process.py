"""The work on one lease: first everything that talks to others, with no transaction open; then one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import asyncpg

from flovify.api.coverage.models import Risk
from flovify.api.messages.models import NormalizedMessage
from flovify.api.messages.source_only import minimal
from flovify.api.queue.errors import FencedOut
from flovify.api.queue.models import Event, EventKind, Lease
from flovify.api.queue.store import PostgresQueue
from flovify.api.worker.errors import MAX_ATTEMPTS, NOT_STORABLE, Stage, Trouble, TroubleKind, Way, sort_error, way_of
from flovify.api.worker.fetch import Mailboxes, MailboxReader, Tokens
from flovify.api.worker.lifecycle import Subscriptions, handle_lifecycle
from flovify.api.worker.metrics import FENCED_OUT, TROUBLES
from flovify.api.worker.models import Action, Plan, Verdict
from flovify.api.worker.settle import commit, correlations, report
from flovify.common.clock import Clock
from flovify.common.correlation import working_on
from flovify.common.logs import get_logger, place_of

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
    asyncpg.InternalClientError,
    asyncpg.OperatorInterventionError,
)
_TRIES_WHILE_AWAY = 200

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

    async def process(self, lease: Lease, done_asking: Callable[[], None] = lambda: None) -> None:
        """Do what the lease's events ask for and settle them. Raises nothing but what ends the process.

        `done_asking` is called when the provider is not needed any more.
        """
        with _for_whom(lease):
            _tell("events_taken", lease, events=len(lease.events))
            await self._process(lease, done_asking)

    async def _process(self, lease: Lease, done_asking: Callable[[], None]) -> None:
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
        done_asking()
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
        if wanted:
            _tell("messages_fetched", lease, asked=len(wanted), came=len(plan.messages))
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
                verdicts = await commit(self._queue, plan, self._clock.monotonic())
            except FencedOut:
                FENCED_OUT.inc()
                get_logger().warning("fenced_out", tenant=str(plan.lease.tenant_id), events=len(plan.lease.events))
                return
            except (*_DATABASE_AWAY, asyncpg.PostgresError) as error:
                get_logger().warning("settlement_failed", error=type(error).__name__, tries=number + 1)
                refused += not isinstance(error, _DATABASE_AWAY)
            else:
                report(plan, verdicts, self._clock.now())
                return
            if refused == len(self._pauses):
                # A deadlock would have passed by now. Whatever the database has against this plan, it is not one
                # event's doing, so they all wait.
                plan = _all_later(plan)
            await asyncio.sleep(self._pauses[min(number, len(self._pauses) - 1)])


def _for_whom(lease: Lease) -> AbstractContextManager[None]:
    """Where all of a lease came with one request, everything that is done for it says so: auth's log too."""
    found = {event.correlation_id for event in lease.events}
    return working_on(str(found.pop())) if len(found) == 1 else nullcontext()


def _tell(what: str, lease: Lease, **fields: object) -> None:
    get_logger().debug(what, tenant=str(lease.tenant_id), correlation_ids=correlations(lease), **fields)


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
        # It is genuine, so it meant something, and what that was is looked for.
        plan.risk(event, Risk.NOT_UNDERSTOOD)
        plan.finish(
            event, "looked_up", "unknown_kind" if event.message_id or event.change_type is None else "no_message_id"
        )
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
