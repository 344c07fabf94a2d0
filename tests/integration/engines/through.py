"""A real api and worker with an engine between them, over a PostgreSQL that goes away; a module per engine gives it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import asyncpg

from flovify.common.db import create_pool
from tests.integration.api_flow.house import Api, Subscribed, api_environment, running_api, running_worker
from tests.support.postgres import Cluster, Database
from tests.support.processes import Process
from tests.support.wait import until


@dataclass
class House:
    """Two subscriptions: `used` is written to all the time, `quiet` never before the outage."""

    cluster: Cluster
    database: Database
    api: Api
    worker: Process
    http: aiohttp.ClientSession
    used: Subscribed = field(default_factory=Subscribed)
    quiet: Subscribed = field(default_factory=Subscribed)

    async def post(self, subscribed: Subscribed, message_id: str) -> int:
        body = json.dumps({"value": [subscribed.item(message_id)]})
        headers = {"Content-Type": "application/json"}
        async with self.http.post(self.api.webhook, data=body, headers=headers) as answer:
            return answer.status

    async def inbox(self) -> list[str]:
        connection = await asyncpg.connect(self.database.api_dsn)
        try:
            return [row["message_id"] for row in await connection.fetch("SELECT message_id FROM api.inbox")]
        finally:
            await connection.close()

    async def ready(self) -> dict[str, str]:
        address = self.api.webhook.replace("/ms365/webhook", "/ready")
        async with self.http.get(address) as answer:
            checks: dict[str, str] = (await answer.json())["checks"]
            return checks


@contextlib.asynccontextmanager
async def built(cluster: Cluster, **settings: str) -> AsyncIterator[House]:
    database = await cluster.create("through", cluster.template)
    environment = api_environment(database.api_dsn, **settings)
    used, quiet = Subscribed(), Subscribed()
    pool = await create_pool(database.api_dsn, application_name="test")
    for one in (used, quiet):
        await one.insert(pool)
    await pool.close()
    with running_api(environment) as api, running_worker(environment) as worker:
        async with aiohttp.ClientSession() as http:
            yield House(cluster, database, api, worker, http, used, quiet)


async def check_an_outage_of_the_database(house: House) -> None:
    """Known subscriptions are answered 202 throughout, unknown ones 503, and nothing is lost when it is back."""
    statuses, posted = list[tuple[float, int]](), list[str]()
    stop = asyncio.Event()

    async def keep_posting(name: str) -> None:
        while not stop.is_set():
            message_id = f"{name}-{len(posted)}"
            statuses.append((time.monotonic(), await house.post(house.used, message_id)))
            posted.append(message_id)

    assert await house.ready() == {"database": "ok", "queue": "ok"}
    posting = [asyncio.create_task(keep_posting(name)) for name in "ab"]
    await until(lambda: len(posted) > 50, 20, "the first ones")
    await asyncio.to_thread(house.cluster.postgres.stop)
    away = len(statuses)
    # Longer than anything is believed without asking.
    await until(lambda: len(statuses) > away + 200 and statuses[-1][0] > statuses[away][0] + 2.5, 30, "some without it")
    assert await house.post(house.quiet, "quiet") == 202, "known, though nobody had asked for it"
    assert await house.post(Subscribed(), "stranger") == 503
    assert (await house.ready())["queue"] == "ok"
    await asyncio.to_thread(house.cluster.postgres.start)
    stop.set()
    await asyncio.gather(*posting)
    assert {status for _, status in statuses} == {202}

    async def all_there() -> bool:
        return set(await house.inbox()) >= {*posted, "quiet"}

    await until(all_there, 30, "all that was answered 202")
    assert sorted(await house.inbox()) == sorted([*posted, "quiet"]), "each of them once"
    assert await until(lambda: house.post(Subscribed(), "stranger"), 1) == 202, "unknown, and dropped"
    assert house.worker.alive()
