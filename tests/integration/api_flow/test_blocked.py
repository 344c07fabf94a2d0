"""Which mailboxes the queue says are blocked, since when, and what auth is told of them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from datetime import datetime

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from flovify.api.auth_client import AuthClient
from flovify.api.queue.models import BlockedMailbox, Lease
from flovify.api.queue.store import PostgresQueue, settle_tenant, wake_tenant
from flovify.api.worker.blocked import blocked_task, tell_blocked
from flovify.common.db import Pool
from flovify.common.http import create_session
from tests.integration.api_flow.queue_conformance import finish_all, new_event, take
from tests.integration.api_graph.fake_auth import SECRET, FakeAuth

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def queue(pool: Pool) -> PostgresQueue:
    return PostgresQueue(pool)


@pytest_asyncio.fixture(loop_scope="module")
async def auth() -> AsyncIterator[FakeAuth]:
    fake = FakeAuth()
    await fake.start()
    yield fake
    await fake.stop()


@pytest_asyncio.fixture(loop_scope="module")
async def client(auth: FakeAuth) -> AsyncIterator[AuthClient]:
    async with create_session() as session:
        yield AuthClient(session, auth.url, SECRET)


async def _block(queue: PostgresQueue, lease: Lease, reason: str, failures: int, seconds: float = 0) -> None:
    async with queue.settle(lease) as settlement:
        await settlement.give_back(lease.events, reason, "refused")
        await settlement.block(seconds, reason, failures)


async def _one(queue: PostgresQueue) -> BlockedMailbox:
    [found] = await queue.blocked()
    return found


async def test_since_outlives_the_waits_in_a_row_and_goes_with_the_success(queue: PostgresQueue) -> None:
    tenant = uuid.uuid4()
    await queue.enqueue([new_event(tenant), new_event(tenant)])
    since: set[datetime] = set()
    for number in range(1, 4):
        lease = await take(queue)
        if number > 1:
            assert (await _one(queue)).failures == number - 1  # while it is tried again it is blocked still
        await _block(queue, lease, "unavailable", number)
        found = await _one(queue)
        assert (found.tenant_id, found.reason, found.failures, found.waiting) == (tenant, "unavailable", number, 2)
        since.add(found.since)
    assert len(since) == 1
    await finish_all(queue, await take(queue))
    assert await queue.blocked() == []
    await _block(queue, await take(queue), "unauthorized", 1)
    assert (await _one(queue)).since > since.pop()


async def test_a_wait_after_something_was_given_is_a_new_one(queue: PostgresQueue) -> None:
    await queue.enqueue([new_event(uuid.uuid4())])
    await _block(queue, await take(queue), "unavailable", 2)
    first = (await _one(queue)).since
    await _block(queue, await take(queue), "unavailable", 1)
    assert (await _one(queue)).since > first


async def test_a_crash_while_it_is_tried_again_forgets_nothing(queue: PostgresQueue) -> None:
    await queue.enqueue([new_event(uuid.uuid4())])
    await _block(queue, await take(queue), "forbidden", 1)
    first = (await _one(queue)).since
    assert (await take(queue, lease_seconds=0)).events
    lease = await take(queue)
    await _block(queue, lease, "forbidden", 2)
    assert (await _one(queue)).since == first


@pytest.mark.parametrize("by", ["waking", "removal"])
async def test_it_ends_with_a_new_connection_and_with_the_removal(queue: PostgresQueue, pool: Pool, by: str) -> None:
    tenant = uuid.uuid4()
    await queue.enqueue([new_event(tenant)])
    await _block(queue, await take(queue), "reconnect_required", 1, 300)
    async with pool.acquire() as connection, connection.transaction():
        await (wake_tenant(connection, tenant) if by == "waking" else settle_tenant(connection, tenant, "gone"))
    assert await queue.blocked() == []
    assert await pool.fetchval("SELECT blocked_since FROM api.mailbox_leases") is None


async def test_auth_is_told_what_people_must_mend_at_once_and_the_rest_when_it_lasts(
    queue: PostgresQueue, client: AuthClient, auth: FakeAuth
) -> None:
    blocked = {"unauthorized": 1, "mailbox_unsupported": 1, "unavailable": 2, "auth_unavailable": 3}
    ids = {}
    for reason, failures in blocked.items():
        ids[reason] = uuid.uuid4()
        await queue.enqueue([new_event(ids[reason])])
        await _block(queue, await take(queue), reason, failures, 300)
    await tell_blocked(queue, client)
    told = {item["tenant_id"]: item for item in auth.blocked[-1]["items"]}
    shown = ("unauthorized", "mailbox_unsupported", "auth_unavailable")
    assert set(told) == {str(ids[reason]) for reason in shown}
    item = told[str(ids["unauthorized"])]
    assert (item["reason"], item["waiting"]) == ("unauthorized", 1)
    assert datetime.fromisoformat(item["since"]).tzinfo is not None


async def test_while_auth_is_away_it_is_logged_and_the_next_run_tells_it(
    queue: PostgresQueue, client: AuthClient, auth: FakeAuth, pool: Pool
) -> None:
    await queue.enqueue([new_event(uuid.uuid4())])
    await _block(queue, await take(queue), "forbidden", 1, 300)
    await auth.stop()
    task = blocked_task(pool, queue, client)
    await task.run_if_due()  # makes its row
    with capture_logs() as logs:
        assert await task.run_if_due()
    assert [(line["event"], line["blocked"]) for line in logs] == [("blocked_not_told", 1)]
    assert await pool.fetchval("SELECT last_error FROM api.periodic_tasks WHERE name = 'tell_blocked'") is None
    await auth.start()
    await pool.execute("UPDATE api.periodic_tasks SET due_at = clock_timestamp()")
    ran = await asyncio.gather(*(blocked_task(pool, queue, client).run_if_due() for _ in range(5)))
    assert sum(ran) == len(auth.blocked) == 1  # however many workers there are
    assert len(auth.blocked[0]["items"]) == 1
