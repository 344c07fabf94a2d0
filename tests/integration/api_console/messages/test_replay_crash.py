"""A replay outlives the worker that carries it on, and nothing is done twice."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flovify.api.queue.models import new_event_id
from tests.integration.api_console.messages.graph_and_auth import graph_and_auth
from tests.integration.api_console.messages.house import House
from tests.integration.api_flow.house import api_environment, running_worker
from tests.support.postgres import Database
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ACCOUNTS, EACH = 4, 30


async def bury(house: House) -> int:
    """Dead letters of several accounts, as a worker left them long ago."""
    rows = [
        (new_event_id(), tenant, uuid.uuid4().hex, uuid.uuid4(), f"m-{account}-{number}", uuid.uuid4())
        for account, tenant in enumerate(uuid.uuid4() for _ in range(ACCOUNTS))
        for number in range(EACH)
    ]
    await house.pool.executemany(
        "INSERT INTO api.inbox (id, tenant_id, provider, event_key, state, subscription_row_id, kind, change_type, "
        "message_id, correlation_id, reason, died_at, attempts) "
        "VALUES ($1, $2, 'ms365', $3, 'dead', $4, 'change', 'created', $5, $6, 'unavailable', now(), 3)",
        rows,
    )
    return len(rows)


async def test_a_replay_survives_the_kill_of_its_worker(house: House, database: Database) -> None:
    total = await bury(house)
    started = await house.post("/api/replays", {"filter": {}, "key": "key-00000001", "per_second": 60}, status=202)
    path = f"/api/replays/{started['id']}"

    async def progress() -> dict[str, Any]:
        found: dict[str, Any] = await house.get(path)
        return found

    async def some_done() -> bool:
        return bool((await progress())["done"] >= 15)

    async def ended() -> bool:
        return bool((await progress())["state"] == "finished")

    async def sealed() -> bool:
        return bool(await house.pool.fetchval("SELECT count(*) FROM api.audit_seals"))

    async with graph_and_auth() as stub:
        environment = api_environment(
            database.api_dsn,
            AUTH_SERVICE_URL=stub.url,
            MICROSOFT_GRAPH_URL=stub.url,
            FLOVIFY_WORKER_LEASE_SECONDS="2",
            FLOVIFY_WORKER_CONCURRENCY="2",
        )
        with running_worker(environment) as first:
            await until(some_done, 60, "some of the replay")
            first.kill9()
        middle = await progress()
        assert middle["state"] == "running"
        assert middle["remaining"] > 0
        with running_worker(environment):
            await until(ended, 90, "the end of the replay")
            await until(sealed, 30, "the seal of its entry in the audit log")
        assert set(stub.fetched) == {f"m-{account}-{number}" for account in range(ACCOUNTS) for number in range(EACH)}
    found = await progress()
    assert (found["total"], found["done"], found["failed_again"], found["skipped"]) == (total, total, 0, 0)
    assert await house.pool.fetchval("SELECT count(*) FROM api.inbox") == 0
    assert await house.pool.fetchval("SELECT count(*) FROM api.messages") == total
    rows = await house.pool.fetch("SELECT DISTINCT outcome, replays FROM api.webhook_events")
    assert [tuple(row) for row in rows] == [("stored", 1)]
    assert await house.pool.fetchval("SELECT count(*) FROM api.webhook_events") == total
