"""What the database knows of an event's way."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flovify.api.messages.traces.models import Attempt
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.messages.traces")
MAX_EVENTS = 51
MAX_ATTEMPTS = 200


@dataclass(frozen=True)
class MessageFacts:
    """A stored message, as far as its way is concerned."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    provider_message_id: str
    received_at: datetime | None
    fetched_at: datetime | None
    stored_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True)
class EventFacts:
    """An event, in the inbox or in the ledger (`state` is then settled)."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    event_key: str
    message_id: str | None
    correlation_id: uuid.UUID
    kind: str
    change_type: str | None
    state: str
    received_at: datetime
    due_at: datetime | None
    taken_at: datetime | None
    fetched_at: datetime | None
    processed_at: datetime | None
    outcome: str | None
    reason: str | None
    attempts: int
    waits: int
    last_error_kind: str | None
    replays: int
    died_at: datetime | None
    source: str | None


@dataclass(frozen=True)
class EventLine:
    """An event of a message; `outcome` None means that it is not settled."""

    id: uuid.UUID
    change_type: str | None
    received_at: datetime
    outcome: str | None


@dataclass(frozen=True)
class Wait:
    """A mailbox that waits, and for what."""

    until: datetime
    reason: str


class TraceStore:
    """Reading."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def message(self, message_id: uuid.UUID) -> MessageFacts | None:
        row = await self._pool.fetchrow(_QUERIES["message"], message_id)
        return MessageFacts(**row) if row else None

    async def message_of(self, event: EventFacts) -> MessageFacts | None:
        """The stored message that the event is about."""
        if event.message_id is None:
            return None
        row = await self._pool.fetchrow(_QUERIES["message_of_event"], event.tenant_id, event.provider, event.message_id)
        return MessageFacts(**row) if row else None

    async def event(self, event_id: uuid.UUID) -> EventFacts | None:
        row = await self._pool.fetchrow(_QUERIES["event"], event_id)
        return EventFacts(**row) if row else None

    async def events_of(self, tenant_id: uuid.UUID, provider: str, provider_message_id: str) -> list[EventLine]:
        """The first events of a message, the first received first."""
        rows = await self._pool.fetch(
            _QUERIES["events_of_message"], tenant_id, provider, provider_message_id, MAX_EVENTS
        )
        return [EventLine(**row) for row in rows]

    async def attempts(self, event_id: uuid.UUID) -> list[Attempt]:
        rows = await self._pool.fetch(_QUERIES["attempts"], event_id, MAX_ATTEMPTS)
        return [Attempt(**row) for row in rows]

    async def wait_of(self, tenant_id: uuid.UUID) -> Wait | None:
        """What the mailbox waits for at this moment, if it waits."""
        row = await self._pool.fetchrow(_QUERIES["mailbox"], tenant_id)
        if row is None or row["blocked_until"] is None:
            return None
        return Wait(row["blocked_until"], row["block_reason"] or "")
