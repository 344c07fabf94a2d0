"""Nothing that others do keeps a genuine notification out: not stalled reads, not invented secrets."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from flovify.api.subscriptions import client_state
from flovify.common.db import Pool, create_pool
from tests.integration.api_flow.house import Api, Subscribed, api_environment, running_api
from tests.support.intake_log import carry_all
from tests.support.postgres import Cluster, Database
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
HOP = "hop-secret-of-the-tests-0123"


@dataclass
class House:
    api: Api
    database: Database
    pool: Pool
    http: aiohttp.ClientSession

    async def post(self, *items: Any, caller: str = "203.0.113.9") -> int:
        head = {"Content-Type": "application/json", "X-Forwarded-For": caller, "X-Flovify-Front-Door": HOP}
        async with self.http.post(self.api.webhook, data=json.dumps({"value": items}), headers=head) as answer:
            return answer.status


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(cluster: Cluster) -> AsyncIterator[House]:
    async with cluster.fresh(migrated=True) as database:
        pool = await create_pool(database.api_dsn, application_name="test")
        with running_api(api_environment(database.api_dsn, FRONT_DOOR_SECRET=HOP)) as api:
            async with aiohttp.ClientSession() as http:
                yield House(api, database, pool, http)
        pool.terminate()


@contextlib.asynccontextmanager
async def _stalled(connection: asyncpg.Connection[asyncpg.Record], table: str) -> AsyncIterator[None]:
    """Everybody who reads the table waits."""
    async with connection.transaction():
        await connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        yield


async def test_reads_that_stall_take_no_connection_of_the_intake_s(house: House) -> None:
    known = await Subscribed().insert(house.pool)
    owner = await asyncpg.connect(house.database.owner_dsn)
    asking = house.api.webhook.replace("/api/ms365/webhook", "/api/ready")
    async with _stalled(owner, "api.schema_registry"):
        stalled = [asyncio.create_task(house.http.get(asking)) for _ in range(25)]
        waiting = "SELECT count(*) FROM pg_locks WHERE relation = 'api.schema_registry'::regclass AND NOT granted"
        await until(lambda: _at_least(house.pool, waiting, 10))
        assert await house.post(known.item("m1")) == 202
        assert await house.post(known.item("m2"), known.item("m3")) == 202
    for task in stalled:
        (await task).release()
    await owner.close()
    await carry_all(house.pool)
    assert await house.pool.fetchval("SELECT count(*) FROM api.inbox WHERE tenant_id = $1", known.tenant_id) == 3


async def _at_least(pool: Pool, query: str, number: int) -> bool:
    return bool(await pool.fetchval(query) >= number)


def _invented() -> Any:
    return Subscribed(secret=client_state.make(uuid.uuid4())).item()


async def test_invented_secrets_are_answered_without_a_look_once_their_network_made_up_many(house: House) -> None:
    known, elsewhere = await Subscribed().insert(house.pool), "198.51.100.7"
    answers = [await house.post(*(_invented() for _ in range(50)), caller=elsewhere) for _ in range(12)]
    assert answers[:2] == [202, 202], "the same answer as for a wrong secret"
    assert answers.count(503) >= 6
    assert set(answers) == {202, 503}
    assert await house.post(known.item("m4"), caller=elsewhere) == 202, "what is known costs nothing"
    late = await Subscribed().insert(house.pool)
    await until(lambda: _taken(house, late, elsewhere))  # its announcement is on the way
    assert await house.post(_invented(), caller="192.0.2.1") == 202, "another network has its own budget"


async def _taken(house: House, subscribed: Subscribed, caller: str) -> bool:
    return await house.post(subscribed.item("m5"), caller=caller) == 202


async def test_many_networks_that_make_up_secrets_leave_the_known_ones_alone(house: House) -> None:
    known = await Subscribed().insert(house.pool)
    assert await house.post(known.item("m6")) == 202
    answers = [await house.post(*(_invented() for _ in range(100)), caller=f"10.{number}.0.1") for number in range(40)]
    assert answers.count(503) >= 20
    assert await house.post(known.item("m7"), caller="10.0.0.1") == 202


async def test_a_restarted_process_knows_what_there_is_before_the_first_notification(house: House) -> None:
    """All at once, after a restart, from one network of Microsoft's: more than any network may look up."""
    several = [await Subscribed().insert(house.pool) for _ in range(150)]
    with running_api(api_environment(house.database.api_dsn, FRONT_DOOR_SECRET=HOP)) as restarted:
        fresh = House(restarted, house.database, house.pool, house.http)
        assert await fresh.post(*(one.item("m8") for one in several)) == 202


async def test_with_too_little_room_nothing_is_taken_and_nothing_lost(house: House) -> None:
    known = await Subscribed().insert(house.pool)
    full = api_environment(house.database.api_dsn, FLOVIFY_DATA_DIR="/", FLOVIFY_MIN_FREE_MB="1000000000")
    with running_api(full) as api:
        closed = House(api, house.database, house.pool, house.http)
        assert await closed.post(known.item("m9")) == 503
        async with house.http.get(api.metrics) as answer:
            assert 'flovify_webhook_closed{reason="disk"} 1.0' in await answer.text()
        async with house.http.get(api.webhook + "?validationToken=x") as answer:
            assert answer.status == 200, "Microsoft still finds the address"
    await carry_all(house.pool)
    assert await house.pool.fetchval("SELECT count(*) FROM api.inbox WHERE tenant_id = $1", known.tenant_id) == 0
