"""A processor over a real database with stand-ins around it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from flovify.api.queue.models import Lease, NewEvent
from flovify.api.queue.store import PostgresQueue, PostgresSettlement
from flovify.api.worker.process import PAUSES_SECONDS, Processor
from flovify.common.clock import SystemClock
from flovify.common.db import Connection, Pool
from tests.integration.api_flow.fakes import FakeGraph, FakeSubscriptions, FakeTokens
from tests.integration.api_flow.queue_conformance import new_event


@dataclass
class Bench:
    pool: Pool
    graph: FakeGraph = field(default_factory=FakeGraph)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    subscriptions: FakeSubscriptions = field(default_factory=FakeSubscriptions)
    tenant: uuid.UUID = field(default_factory=uuid.uuid4)

    def __post_init__(self) -> None:
        self.use_queue(PostgresQueue(self.pool))

    def use_queue(self, queue: PostgresQueue) -> None:
        self.queue = queue
        # The same number of tries as in production, in a hundredth of the time.
        pauses = [seconds / 100 for seconds in PAUSES_SECONDS]
        self.processor = Processor(
            queue, self.tokens, self.graph, self.subscriptions, SystemClock(), pauses_seconds=pauses
        )

    def event(self, message_id: str | None, change_type: str = "created", **changes: Any) -> NewEvent:
        return new_event(self.tenant, message_id=message_id, change_type=change_type, **changes)

    async def announce(self, *message_ids: str, change_type: str = "created") -> None:
        for message_id in message_ids:
            await self.queue.enqueue([self.event(message_id, change_type)])

    async def work_once(self) -> bool:
        """Take a mailbox and process it; False when there is none to take."""
        lease = await self.queue.take("worker", 30)
        if lease is None:
            return False
        await self.processor.process(lease)
        return True

    async def hurry(self) -> None:
        """Let no event and no mailbox wait any longer."""
        await self.pool.execute("UPDATE api.inbox SET due_at = clock_timestamp() - interval '1 second'")
        await self.pool.execute("UPDATE api.mailbox_leases SET blocked_until = NULL")

    async def ledger(self) -> dict[str, tuple[str, str | None]]:
        rows = await self.pool.fetch("SELECT message_id, outcome, reason FROM api.webhook_events")
        return {row["message_id"]: (row["outcome"], row["reason"]) for row in rows}

    async def stored(self) -> set[str]:
        rows = await self.pool.fetch(
            "SELECT provider_message_id FROM api.messages m JOIN api.message_feed f ON f.message_id = m.id"
        )
        return {row["provider_message_id"] for row in rows}

    async def waiting(self) -> list[tuple[str, int, str | None]]:
        rows = await self.pool.fetch(
            "SELECT message_id, attempts, last_error_kind FROM api.inbox WHERE state = 'waiting' ORDER BY id"
        )
        return [tuple(row) for row in rows]

    async def dead(self) -> dict[str, str]:
        rows = await self.pool.fetch("SELECT message_id, reason FROM api.dead_letters")
        return {row["message_id"]: row["reason"] for row in rows}

    async def blocked_seconds(self) -> float:
        seconds: float | None = await self.pool.fetchval(
            "SELECT extract(epoch FROM blocked_until - clock_timestamp())::float8 FROM api.mailbox_leases"
        )
        return seconds or 0.0

    async def block_reason(self) -> str | None:
        reason: str | None = await self.pool.fetchval("SELECT block_reason FROM api.mailbox_leases")
        return reason


class UnreliableQueue(PostgresQueue):
    """Settlements fail with the given errors before they are committed, or, with `after`, when they have been."""

    def __init__(self, pool: Pool, errors: list[Exception], *, after: bool = False) -> None:
        super().__init__(pool)
        self.errors = errors
        self.after = after

    @asynccontextmanager
    async def _settle(self, lease: Lease) -> AsyncIterator[PostgresSettlement]:
        async with super()._settle(lease) as settlement:
            yield settlement
            if self.errors and not self.after:
                raise self.errors.pop()
        if self.errors and self.after:
            raise self.errors.pop()

    async def settle_stored(self, *given: Any) -> dict[uuid.UUID, str]:
        if self.errors and not self.after:
            raise self.errors.pop()
        outcomes = await super().settle_stored(*given)
        if self.errors:
            raise self.errors.pop()
        return outcomes


@asynccontextmanager
async def refusing_subjects(owner: Connection) -> AsyncIterator[None]:
    """Let the database refuse messages by their content, as it does with what it cannot represent."""
    await owner.execute(
        """
        CREATE FUNCTION api.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NEW.subject = 'refuse me' THEN RAISE 'refused' USING ERRCODE = 'data_exception'; END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON api.messages FOR EACH ROW EXECUTE FUNCTION api.refuse();
        """
    )
    try:
        yield
    finally:
        await owner.execute("DROP FUNCTION api.refuse() CASCADE")
