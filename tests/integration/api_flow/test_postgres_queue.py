from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import pytest

from flovify.api.messages.removal.store import RemovalStore
from flovify.api.queue.errors import FencedOut
from flovify.api.queue.listener import Listener
from flovify.api.queue.store import INBOX_CHANNEL, PostgresQueue, insert_events, settle_tenant, wake_tenant
from flovify.common.db import Connection, Pool, transact
from tests.integration.api_flow.queue_conformance import QueueConformance, finish_all, new_event, take
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def queue(pool: Pool) -> PostgresQueue:
    return PostgresQueue(pool)


class TestPostgresQueue(QueueConformance):
    pass


async def test_settling_moves_the_event_with_its_id_and_trace_into_the_ledger(queue: PostgresQueue, pool: Pool) -> None:
    tenant = uuid.uuid4()
    event = new_event(tenant, item='{"resource":"x"}')
    await queue.enqueue([event])
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        await settlement.finish([(lease.events[0], "skipped", "gone")])
    row = await pool.fetchrow("SELECT * FROM api.webhook_events")
    assert row is not None
    assert (row["id"], row["event_key"], row["tenant_id"]) == (event.id, event.event_key, tenant)
    assert (row["outcome"], row["reason"], row["item"]) == ("skipped", "gone", {"resource": "x"})
    assert row["correlation_id"] == lease.events[0].correlation_id
    assert row["processed_at"] >= row["received_at"]


async def test_removing_a_tenant_settles_its_events_and_fences_out_whoever_works_on_them(
    queue: PostgresQueue, pool: Pool
) -> None:
    removed, kept = uuid.uuid4(), uuid.uuid4()
    await queue.enqueue([new_event(removed), new_event(removed)])
    lease = await take(queue)
    await queue.enqueue([new_event(removed), new_event(kept)])
    async with pool.acquire() as connection, connection.transaction():
        assert await settle_tenant(connection, removed, "tenant_disconnected") == 3
    with pytest.raises(FencedOut):
        await finish_all(queue, lease)
    rows = await pool.fetch("SELECT outcome, reason FROM api.webhook_events WHERE tenant_id = $1", removed)
    assert [tuple(row) for row in rows] == [("skipped", "tenant_disconnected")] * 3
    assert (await take(queue)).tenant_id == kept


async def _settle_all(pool: Pool, tenant: uuid.UUID) -> None:
    await transact(pool, lambda connection: settle_tenant(connection, tenant, "tenant_disconnected"))


async def _wake(pool: Pool, tenant: uuid.UUID) -> None:
    await transact(pool, lambda connection: wake_tenant(connection, tenant))


async def _delete(pool: Pool, tenant: uuid.UUID) -> None:
    await RemovalStore(pool).order(tenant, "", "system")


async def _somebody_waits_for_a_lock(pool: Pool) -> bool:
    return bool(
        await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


@pytest.mark.parametrize("other", [_settle_all, _wake, _delete])
async def test_who_acts_on_a_mailbox_being_settled_waits_and_holds_none_of_its_events(
    queue: PostgresQueue, pool: Pool, other: Callable[[Pool, uuid.UUID], Coroutine[Any, Any, None]]
) -> None:
    """Everybody locks the lease row before the events; the other way round this was a deadlock."""
    tenant = uuid.uuid4()
    await queue.enqueue([new_event(tenant), new_event(tenant)])
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        task = asyncio.create_task(other(pool, tenant))
        await until(lambda: _somebody_waits_for_a_lock(pool))
        free = await settlement.connection.fetch("SELECT id FROM api.inbox FOR UPDATE SKIP LOCKED")
        assert len(free) == 2
        await settlement.finish([(event, "stored", None) for event in lease.events])
    await task
    assert await pool.fetchval("SELECT count(*) FROM api.inbox") == 0


async def test_what_a_deadlock_undid_is_done_again_whole(queue: PostgresQueue, pool: Pool) -> None:
    tries = 0

    async def enqueue(connection: Connection) -> int:
        nonlocal tries
        tries += 1
        added = await insert_events(connection, [event])
        if tries < deadlocks + 1:
            await connection.execute("DO $$ BEGIN RAISE 'deadlock detected' USING ERRCODE = '40P01'; END $$")
        return added

    event, deadlocks = new_event(uuid.uuid4()), 3
    assert await transact(pool, enqueue) == 1
    assert tries == 4
    event, deadlocks, tries = new_event(uuid.uuid4()), 4, 0
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await transact(pool, enqueue)
    assert await pool.fetchval("SELECT count(*) FROM api.inbox") == 1


async def test_waking_a_tenant_lifts_its_block_and_makes_its_retries_due(queue: PostgresQueue, pool: Pool) -> None:
    tenant = uuid.uuid4()
    await queue.enqueue([new_event(tenant)])
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        await settlement.retry(lease.events[0], 3600, "transient", "later", spend=True)
        await settlement.block(3600, "reconnect_required", 1)
    assert await queue.take("worker", 30) is None
    async with pool.acquire() as connection, connection.transaction():
        assert await wake_tenant(connection, tenant) == 1
    assert len((await take(queue)).events) == 1


async def _block(pool: Pool, tenants: list[uuid.UUID]) -> None:
    await pool.execute(
        "INSERT INTO api.mailbox_leases (tenant_id, blocked_until, block_reason) "
        "SELECT id, now() + interval '1 hour', 'throttled' FROM unnest($1::uuid[]) AS given (id)",
        tenants,
    )


async def test_fresh_mail_is_found_at_once_behind_more_blocked_mailboxes_than_are_looked_at(
    queue: PostgresQueue, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """600 mailboxes are more than the walk in turn goes over; the walk over all of them rests after one in vain."""
    monkeypatch.setattr("flovify.api.queue.store.rest_seconds", lambda _began: 3600.0)
    blocked = [uuid.uuid4() for _ in range(600)]
    await _block(pool, blocked)
    await queue.enqueue([new_event(tenant) for tenant in blocked])
    assert await queue.take("worker", 30) is None
    fresh = uuid.uuid4()
    await queue.enqueue([new_event(fresh)])
    assert (await take(queue)).tenant_id == fresh


async def test_what_is_neither_oldest_nor_newest_is_found_by_the_walk_after_its_rest(
    queue: PostgresQueue, pool: Pool
) -> None:
    before, after = ([uuid.uuid4() for _ in range(600)] for _ in range(2))
    await _block(pool, before + after)
    hidden = uuid.uuid4()
    await queue.enqueue([new_event(tenant) for tenant in before])
    await queue.enqueue([new_event(hidden, due) for due in ("one", "two")])
    await queue.enqueue([new_event(tenant) for tenant in after])
    lease = await take(queue)
    assert (lease.tenant_id, len(lease.events)) == (hidden, 2)
    assert await queue.take("worker", 30) is None
    await finish_all(queue, lease)
    await pool.execute("UPDATE api.mailbox_leases SET blocked_until = NULL WHERE tenant_id = $1", before[400])
    again = await until(lambda: queue.take("worker", 30), 5, "the end of the rest")
    assert again.tenant_id == before[400]


async def test_a_group_is_announced_once_and_an_empty_one_not_at_all(queue: PostgresQueue, pool: Pool) -> None:
    heard: list[str] = []
    listener = Listener(pool, INBOX_CHANNEL, heard.append, lambda: None)
    task = asyncio.create_task(listener.run())
    await until(lambda: listener.listening)
    await queue.enqueue([new_event(uuid.uuid4(), f"{number}") for number in range(10)])
    await queue.enqueue([new_event(uuid.uuid4(), "0")])
    await pool.execute("SELECT pg_notify('flovify_inbox', 'end')")
    await until(lambda: "end" in heard)
    assert heard == ["", "end"]
    task.cancel()


async def test_a_listener_whose_connection_is_cut_listens_again(pool: Pool) -> None:
    heard: list[str] = []
    gaps: list[bool] = []
    listener = Listener(
        pool, INBOX_CHANNEL, heard.append, lambda: gaps.append(listener.listening), reconnect_seconds=0.01
    )
    task = asyncio.create_task(listener.run())
    assert await until(lambda: cut_the_listening(pool), what="the listener's connection") == 1
    await until(lambda: gaps == [True, False, True], 30, "a new connection that listens")
    await pool.execute("SELECT pg_notify('flovify_inbox', 'again')")
    await until(lambda: heard == ["again"], 30, "a notification on the new connection")
    task.cancel()


async def cut_the_listening(pool: Pool) -> int:
    """End the connection whose last words were those of a listener at rest; says how many there were."""
    count: int = await pool.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND query = 'SELECT 1' AND pid <> pg_backend_pid()"
    )
    return count
