"""Killed, stopped and cut off: nothing that was acknowledged is lost, and nothing happens twice."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest

from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.common import migrations
from tests.integration.api_flow.house import Api, Subscribed, api_environment, running_api
from tests.support.ledger import Books, read_books
from tests.support.mail import simple_mail
from tests.support.net import free_port
from tests.support.postgres import Database
from tests.support.processes import Process, stop, wait_ready
from tests.support.stack import SALES, Stack, running_stack
from tests.support.wait import until

pytestmark = pytest.mark.timeout(300)
LEASE_SECONDS = 4.0


@pytest.fixture
async def stack(database: Database, tmp_path: Path) -> AsyncIterator[Stack]:
    extra = {"FLOVIFY_WORKER_LEASE_SECONDS": str(LEASE_SECONDS)}
    async with running_stack(database, tmp_path / "data", extra) as running:
        yield running


async def slow_down_fetching(stack: Stack, milliseconds: int, times: int) -> None:
    fault = {"method": "GET", "path": "/v1.0/users/*/messages/*", "delay_ms": milliseconds, "times": times}
    await stack.call("POST", f"{stack.sandbox}/_sandbox/faults", json=fault, token=None)


async def taken(stack: Stack) -> bool:
    """Whether a worker has an event in hand."""
    connection = await asyncpg.connect(stack.database.owner_dsn)
    try:
        count: int = await connection.fetchval("SELECT count(*) FROM api.inbox WHERE taken_at IS NOT NULL")
    finally:
        await connection.close()
    return count > 0


async def settled(stack: Stack, tenant_id: str, count: int) -> Books:
    async def ask() -> Books | None:
        books = await read_books(stack.database.owner_dsn, tenant_id)
        return books if books.messages >= count and books.open_events == 0 else None

    return await until(ask, 60, "all events settled")


async def test_a_worker_stopped_past_its_lease_and_resumed_has_no_second_effect(stack: Stack) -> None:
    tenant = await stack.connect(SALES)
    await stack.subscribe(tenant)
    await slow_down_fetching(stack, 1500, 1)
    await stack.send_mail(SALES, raw=simple_mail(1, SALES))
    await until(lambda: taken(stack), 30, "the worker has the event")
    first = stack.processes["worker"]
    first.signal(signal.SIGSTOP)
    second = start_worker(stack, "second")
    books = await settled(stack, tenant, 1)
    assert not await taken(stack)
    first.signal(signal.SIGCONT)
    await until(lambda: "fenced_out" in first.output(), 30, "the first worker sees that it lost the mailbox")
    assert await settled(stack, tenant, 1) == books
    assert (books.messages, books.feed_rows, books.ledger_rows, books.open_events) == (1, 1, 1, 0)
    await asyncio.to_thread(stop, second)


def start_worker(stack: Stack, name: str) -> Process:
    port = free_port()
    process = stack.start("worker", name=name, env={"FLOVIFY_WORKER_PORT": str(port)})
    wait_ready(process, f"http://localhost:{port}/ready", 60)
    return process


async def test_a_worker_told_to_stop_finishes_what_it_has_and_leaves_no_lease(stack: Stack) -> None:
    tenant = await stack.connect(SALES)
    await stack.subscribe(tenant)
    await slow_down_fetching(stack, 1500, 1)
    await stack.send_mail(SALES, raw=simple_mail(1, SALES))
    await until(lambda: taken(stack), 30, "the worker has the event")
    assert await asyncio.to_thread(stack.processes["worker"].terminate, 10) == 0
    books = await read_books(stack.database.owner_dsn, tenant)
    assert (books.messages, books.open_events, books.held_leases) == (1, 0, 0)


async def test_a_worker_that_cannot_finish_in_time_gives_its_events_back(stack: Stack) -> None:
    tenant = await stack.connect(SALES)
    await stack.subscribe(tenant)
    await slow_down_fetching(stack, 20_000, 1)
    await stack.send_mail(SALES, raw=simple_mail(1, SALES))
    await until(lambda: taken(stack), 30, "the worker has the event")
    await asyncio.to_thread(stack.processes["worker"].terminate, 10)
    books = await read_books(stack.database.owner_dsn, tenant)
    assert (books.open_events, books.held_leases) == (1, 0)
    second = start_worker(stack, "second")
    assert (await settled(stack, tenant, 1)).messages == 1
    await asyncio.to_thread(stop, second)


class Sender:
    """Delivers as Graph does: again and again until it is acknowledged."""

    def __init__(self, api: Api, http: aiohttp.ClientSession, subscribed: Subscribed) -> None:
        self.api = api
        self.http = http
        self.subscribed = subscribed
        self.acknowledged: list[str] = []
        self.statuses: set[int] = set()
        self.slowest = 0.0
        self.enough = asyncio.Event()

    def has(self, goal: int) -> bool:
        return len(self.acknowledged) >= goal

    async def run(self, name: int) -> None:
        number = 0
        while not self.enough.is_set():
            message_id = f"{name}-{number}"
            status, headers = await self._post({"value": [self.subscribed.item(message_id)]})
            self.statuses.add(status)
            if status == 202:
                self.acknowledged.append(message_id)
                number += 1
            else:
                assert headers["Retry-After"] == "1"

    async def _post(self, body: Any) -> tuple[int, Any]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        async with self.http.post(self.api.webhook, json=body) as answer:
            self.slowest = max(self.slowest, loop.time() - began)
            return answer.status, answer.headers


async def test_while_the_database_is_dead_the_webhook_says_503_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    postgres = await asyncio.to_thread(EmbeddedPostgres(tmp_path).start)
    await migrations.apply(postgres.dsn("flovify_owner"))
    pool = await asyncpg.create_pool(postgres.dsn("flovify_api"), min_size=1, max_size=2)
    subscribed = await Subscribed().insert(pool)
    with running_api(api_environment(postgres.dsn("flovify_api"))) as api:
        async with aiohttp.ClientSession() as http:
            sender = Sender(api, http, subscribed)
            tasks = [asyncio.create_task(sender.run(name)) for name in range(10)]
            for _ in range(2):
                goal = len(sender.acknowledged) + 100
                await until(functools.partial(sender.has, goal), 60, "a hundred more")
                sender.statuses.clear()
                assert postgres.pid is not None
                os.kill(postgres.pid, signal.SIGKILL)
                await asyncio.to_thread(postgres.wait)
                await until(lambda: 503 in sender.statuses, 10, "an answer of 503")
                postgres = await asyncio.to_thread(EmbeddedPostgres(tmp_path).start)
            goal = len(sender.acknowledged) + 100
            await until(functools.partial(sender.has, goal), 60, "a hundred more")
            sender.enough.set()
            await asyncio.gather(*tasks)
    assert sender.statuses <= {202, 503}
    assert sender.slowest < 5
    pool.terminate()
    connection = await asyncpg.connect(postgres.dsn("flovify_owner"))
    stored = [row["message_id"] for row in await connection.fetch("SELECT message_id FROM api.inbox")]
    await connection.close()
    assert len(stored) == len(set(stored))
    assert set(sender.acknowledged) <= set(stored)
    await asyncio.to_thread(postgres.stop)
