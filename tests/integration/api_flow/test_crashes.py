"""Killed, stopped and cut off: nothing that was acknowledged is lost, and nothing happens twice."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
import pytest_asyncio

from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.common import migrations
from tests.integration.api_flow.house import Api, Subscribed, api_environment, running_api
from tests.support.intake_log import carry_all
from tests.support.ledger import Books, read_books
from tests.support.mail import simple_mail
from tests.support.net import free_port
from tests.support.postgres import Cluster, open_folder
from tests.support.processes import Process, start, stop, wait_ready
from tests.support.stack import Stack, running_stack
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]
# The worker's command, with less patience at its end than the six seconds that production has.
IMPATIENT_WORKER = """
import functools
from flovify.api.worker import main
from flovify.cli.services import SERVICES
main.run = functools.partial(main.run, drain_seconds=0.5)
SERVICES["worker"].run()
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_stack(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    data = tmp_path_factory.mktemp("stack") / "data"
    async with cluster.fresh(migrated=True) as database, running_stack(database, data) as running:
        yield running
        running.processes["sandbox"].kill9()  # by itself it would finish an answer that takes twenty seconds


@pytest_asyncio.fixture(loop_scope="module")
async def stack(shared_stack: Stack) -> Stack:
    """All services but perhaps the worker, and nothing wrong at Microsoft; each test connects a mailbox of its own."""
    await shared_stack.call("DELETE", f"{shared_stack.sandbox}/_sandbox/faults", token=None)
    return shared_stack


@pytest_asyncio.fixture(loop_scope="module")
async def worker(stack: Stack) -> Process:
    """The stack's worker, running."""
    if not stack.processes["worker"].alive():
        stack.start("worker")
        await asyncio.to_thread(stack.wait_ready, "worker")
    return stack.processes["worker"]


@asynccontextmanager
async def another_worker(stack: Stack, *command: str) -> AsyncIterator[Process]:
    """One more worker, or what `command` starts as one, ready; stopped at the end if it still runs."""
    port = free_port()
    process = start(command or ("worker",), {**stack.environment("worker"), "FLOVIFY_WORKER_PORT": str(port)})
    try:
        await asyncio.to_thread(wait_ready, process, f"http://localhost:{port}/ready", 60)
        yield process
    finally:
        await asyncio.to_thread(stop, process)


async def connect_mailbox(stack: Stack) -> tuple[str, str]:
    """A new mailbox, connected and subscribed: (address, tenant's id)."""
    made = {"address": f"u{uuid.uuid4().hex[:10]}@contoso.example", "display_name": "Test User"}
    await stack.call("POST", f"{stack.sandbox}/_sandbox/mailboxes", json=made, token=None)
    tenant = await stack.connect(made["address"])
    await stack.subscribe(tenant)
    return made["address"], tenant


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


async def end_leases(stack: Stack) -> None:
    """As if their time were over."""
    connection = await asyncpg.connect(stack.database.owner_dsn)
    await connection.execute("UPDATE api.mailbox_leases SET lease_until = clock_timestamp() - interval '1 second'")
    await connection.close()


async def test_a_worker_stopped_past_its_lease_and_resumed_has_no_second_effect(stack: Stack, worker: Process) -> None:
    address, tenant = await connect_mailbox(stack)
    await slow_down_fetching(stack, 1500, 1)
    await stack.send_mail(address, raw=simple_mail(1, address))
    await until(lambda: taken(stack), 30, "the worker has the event")
    said_before = len(worker.output())
    worker.signal(signal.SIGSTOP)
    try:
        await end_leases(stack)
        async with another_worker(stack):
            books = await settled(stack, tenant, 1)
            assert not await taken(stack)
            worker.signal(signal.SIGCONT)
            lost = "the first worker sees that it lost the mailbox"
            await until(lambda: "fenced_out" in worker.output()[said_before:], 30, lost)
            assert await settled(stack, tenant, 1) == books
            assert (books.messages, books.feed_rows, books.ledger_rows, books.open_events) == (1, 1, 1, 0)
    finally:
        worker.signal(signal.SIGCONT)


async def test_a_worker_told_to_stop_finishes_what_it_has_and_leaves_no_lease(stack: Stack, worker: Process) -> None:
    address, tenant = await connect_mailbox(stack)
    await slow_down_fetching(stack, 1500, 1)
    await stack.send_mail(address, raw=simple_mail(1, address))
    await until(lambda: taken(stack), 30, "the worker has the event")
    assert await asyncio.to_thread(worker.terminate, 10) == 0
    books = await read_books(stack.database.owner_dsn, tenant)
    assert (books.messages, books.open_events, books.held_leases) == (1, 0, 0)


async def test_a_worker_that_cannot_finish_in_time_gives_its_events_back(stack: Stack) -> None:
    await asyncio.to_thread(stop, stack.processes["worker"])
    address, tenant = await connect_mailbox(stack)
    await slow_down_fetching(stack, 20_000, 1)
    async with another_worker(stack, sys.executable, "-c", IMPATIENT_WORKER) as impatient:
        await stack.send_mail(address, raw=simple_mail(1, address))
        await until(lambda: taken(stack), 30, "the worker has the event")
        await asyncio.to_thread(impatient.terminate, 10)
    books = await read_books(stack.database.owner_dsn, tenant)
    assert (books.open_events, books.held_leases) == (1, 0)
    async with another_worker(stack):
        assert (await settled(stack, tenant, 1)).messages == 1


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


@pytest.fixture
def data_dir() -> Iterator[Path]:
    outer = open_folder()
    yield outer / "data"
    shutil.rmtree(outer)


async def test_while_the_database_is_dead_the_webhook_says_503_and_nothing_acknowledged_is_lost(data_dir: Path) -> None:
    postgres = await asyncio.to_thread(EmbeddedPostgres(data_dir).start)
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
                postgres = await asyncio.to_thread(EmbeddedPostgres(data_dir).start)
            goal = len(sender.acknowledged) + 100
            await until(functools.partial(sender.has, goal), 60, "a hundred more")
            sender.enough.set()
            await asyncio.gather(*tasks)
    assert sender.statuses <= {202, 503}
    assert sender.slowest < 5
    pool.terminate()
    pool = await asyncpg.create_pool(postgres.dsn("flovify_api"), min_size=1, max_size=2)
    await carry_all(pool)
    stored = [row["message_id"] for row in await pool.fetch("SELECT message_id FROM api.inbox")]
    pool.terminate()
    assert len(stored) == len(set(stored))
    assert set(sender.acknowledged) <= set(stored)
    await asyncio.to_thread(postgres.stop)
