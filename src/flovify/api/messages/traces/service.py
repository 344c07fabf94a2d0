"""The way of one message or event."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flovify.api.coverage.found import GAP_SOURCE
from flovify.api.coverage.models import summary
from flovify.api.coverage.store import CoverageStore
from flovify.api.messages.traces.models import OtherEvent, Trace
from flovify.api.messages.traces.steps import Facts, state_of, steps_of
from flovify.api.messages.traces.store import EventFacts, EventLine, MessageFacts, TraceStore
from flovify.common.errors import NotFound

_BROUGHT = ("stored", "updated")


class TraceService:
    """Puts together what inbox, ledger, attempts and the message's row say."""

    def __init__(self, store: TraceStore, coverage: CoverageStore) -> None:
        self._store = store
        self._coverage = coverage

    async def of_message(self, message_id: uuid.UUID) -> Trace:
        """The way of the event that brought the message. Raises NotFound."""
        message = await self._store.message(message_id)
        if message is None:
            raise NotFound("There is no message with this id; GET /api/messages lists those there are.")
        events = await self._store.events_of(message.tenant_id, message.provider, message.provider_message_id)
        line = _bringer(events)
        event = await self._store.event(line.id) if line is not None else None
        return await self._trace(event, message, events)

    async def of_event(self, event_id: uuid.UUID) -> Trace:
        """The way of one event. Raises NotFound."""
        event = await self._store.event(event_id)
        if event is None:
            raise NotFound("There is no event with this id; GET /api/events lists those there are.")
        message = await self._store.message_of(event)
        events: Sequence[EventLine] = ()
        if event.message_id is not None:
            events = await self._store.events_of(event.tenant_id, event.provider, event.message_id)
        return await self._trace(event, message, events)

    async def _gap_of(self, event: EventFacts | None) -> str | None:
        """The gap in whose closing the event was found, in words."""
        gap_id = _gap_id(event.source) if event is not None else None
        gap = await self._coverage.get(gap_id) if gap_id is not None else None
        return summary(gap) if gap is not None else None

    async def _trace(
        self, event: EventFacts | None, message: MessageFacts | None, events: Sequence[EventLine]
    ) -> Trace:
        attempts = await self._store.attempts(event.id) if event is not None else []
        waits = event is not None and event.state == "waiting"
        wait = await self._store.wait_of(event.tenant_id) if event is not None and waits else None
        facts = Facts(event, message, attempts, wait, await self._gap_of(event))
        return Trace(
            message_id=message.id if message is not None else None,
            event_id=event.id if event is not None else None,
            correlation_id=event.correlation_id if event is not None else None,
            state=state_of(facts),
            steps=steps_of(facts),
            attempts=attempts,
            other_events=[_other(line) for line in events if event is None or line.id != event.id],
        )


def _gap_id(source: str | None) -> int | None:
    number = (source or "").removeprefix(GAP_SOURCE)
    return int(number) if source and number != source and number.isdecimal() else None


def _bringer(events: Sequence[EventLine]) -> EventLine | None:
    """The event that brought the message; failing that, the first one heard of."""
    return next((line for line in events if line.outcome in _BROUGHT), events[0] if events else None)


def _other(line: EventLine) -> OtherEvent:
    return OtherEvent(id=line.id, change_type=line.change_type, at=line.received_at, outcome=line.outcome)
