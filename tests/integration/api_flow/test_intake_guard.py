"""When the intake closes, and when it opens again."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from flovify.api.intake.guard import IntakeGuard
from flovify.api.intake_log.models import to_row
from flovify.api.intake_log.store import append
from flovify.api.queue.store import PostgresQueue
from flovify.api.system.store import SystemStore
from flovify.common.db import Pool, create_pool
from tests.integration.api_flow.queue_conformance import finish_all, new_event, take
from tests.support.intake_log import carry_all
from tests.support.postgres import Cluster

pytestmark = pytest.mark.asyncio(loop_scope="module")
GIB = 2**30


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(cluster: Cluster) -> AsyncIterator[Pool]:
    async with cluster.fresh(migrated=True) as database:
        found = await create_pool(database.api_dsn, application_name="test")
        yield found
        found.terminate()


async def test_it_closes_before_the_disk_is_full_and_opens_with_room_to_spare(pool: Pool, tmp_path: Path) -> None:
    free = {"bytes": 2 * GIB}
    guard = IntakeGuard(pool, tmp_path, min_free_bytes=GIB, max_waiting=0, free_bytes=lambda _path: free["bytes"])
    seen = []
    for free["bytes"] in (2 * GIB, GIB - 1, GIB + 1, 2 * GIB, GIB - 1):
        await guard.look()
        seen.append(guard.reason)
    assert seen == [None, "disk", "disk", None, "disk"]
    told = await SystemStore(pool).check("intake")
    assert told is not None
    assert not told.ok
    assert "FLOVIFY_MIN_FREE_MB" in told.detail
    free["bytes"] = 2 * GIB
    await guard.look()
    told = await SystemStore(pool).check("intake")
    assert told is not None
    assert told.ok


async def test_a_disk_that_is_elsewhere_is_somebody_else_s_to_watch(pool: Pool, tmp_path: Path) -> None:
    away = IntakeGuard(pool, tmp_path / "none", min_free_bytes=2**60, max_waiting=0)
    off = IntakeGuard(pool, tmp_path, min_free_bytes=0, max_waiting=0)
    for guard in (off, away):
        await guard.look()
        assert guard.reason is None
    told = await SystemStore(pool).check("disk")
    assert told is not None
    assert told.ok, "what is not known is well"


async def test_it_closes_when_too_much_waits_and_opens_when_a_part_is_done(pool: Pool, tmp_path: Path) -> None:
    queue, tenant = PostgresQueue(pool), uuid.uuid4()
    guard = IntakeGuard(pool, tmp_path, min_free_bytes=0, max_waiting=50)
    await queue.enqueue([new_event(tenant) for _ in range(50)])
    assert await _seen(guard) is None, "as many as may wait"
    await queue.enqueue([new_event(tenant)])
    assert await _seen(guard) == "depth"
    await finish_all(queue, await take(queue, limit=5))
    assert await _seen(guard) == "depth", "fewer than the limit, but not by enough"
    async with pool.acquire() as connection:
        await append(connection, [to_row(new_event(tenant)) for _ in range(6)])
    await finish_all(queue, await take(queue, limit=10))
    assert await _seen(guard) == "depth", "what is in the intake's log waits too"
    await carry_all(pool)
    await finish_all(queue, await take(queue, limit=6))
    assert await _seen(guard) is None


async def _seen(guard: IntakeGuard) -> str | None:
    await guard.look()
    return guard.reason


async def test_a_database_that_is_away_changes_nothing(cluster: Cluster, tmp_path: Path) -> None:
    async with cluster.fresh(migrated=True) as database:
        gone = await create_pool(database.api_dsn, application_name="test")
        guard = IntakeGuard(gone, tmp_path, min_free_bytes=0, max_waiting=1)
        gone.terminate()
        await guard.look()
        assert guard.reason is None
