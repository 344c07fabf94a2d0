"""Drain: how many events a second one worker settles from a deep backlog, against what fetching alone allows."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid

import asyncpg

from flovify.cli.bench.cpu import Span
from flovify.cli.bench.ground import Ground, Subscription, add_subscriptions, free_port, migrate, prepared_ground
from flovify.cli.bench.report import Ratio, print_report
from flovify.cli.bench.stub import FETCH_SECONDS
from flovify.common.errors import FlovifyError

IN_FLIGHT = 16
BATCH = 20
PATIENCE_SECONDS = 600.0
RATIOS = (Ratio("events / (in flight x 20 / fetch time)", "events/s", "ceiling events/s", 1, 0.70),)


def run(rounds: int, events: int, mailboxes: int) -> None:
    """Measure and print. Raises FlovifyError when a part cannot be started or the backlog does not shrink."""
    with prepared_ground() as ground:
        subscriptions = asyncio.run(_prepare(ground, mailboxes))
        port = free_port()
        stub = [sys.executable, "-m", "flovify.cli.bench.stub", str(port)]
        ground.start(stub, {}, f"http://127.0.0.1:{port}/health", "stub")
        found = [_round(ground, subscriptions, events, f"http://127.0.0.1:{port}") for _ in range(rounds)]
    shape = f"{events:,} events of {mailboxes} mailboxes, {IN_FLIGHT} in flight, fetch {FETCH_SECONDS * 1000:.0f} ms"
    title = f"drain, {rounds} rounds, {shape}"
    print_report(title, found, RATIOS)


async def _prepare(ground: Ground, mailboxes: int) -> list[Subscription]:
    await migrate(ground)
    return await add_subscriptions(ground, mailboxes)


def _round(ground: Ground, subscriptions: list[Subscription], events: int, stub: str) -> dict[str, float]:
    asyncio.run(_fill(ground, subscriptions, events))
    port = free_port()
    env = ground.api_environment(
        AUTH_SERVICE_URL=stub,
        MICROSOFT_GRAPH_URL=stub,
        FLOVIFY_WORKER_PORT=str(port),
        FLOVIFY_WORKER_CONCURRENCY=str(IN_FLIGHT),
    )
    worker = ground.start(ground.service("worker"), env, f"http://127.0.0.1:{port}/health", "worker")
    figures = asyncio.run(_watch(ground))
    worker.terminate()
    worker.wait(30)
    ceiling = IN_FLIGHT * min(BATCH, events / len(subscriptions)) / FETCH_SECONDS
    return {**figures, "ceiling events/s": ceiling}


async def _fill(ground: Ground, subscriptions: list[Subscription], events: int) -> None:
    """A backlog in which the mailboxes take turns."""
    connection = await asyncpg.connect(ground.owner_dsn)
    await connection.execute(
        "TRUNCATE api.inbox, api.webhook_events, api.message_feed, api.messages, api.mailbox_leases"
    )
    rows = []
    for number in range(events):
        one = subscriptions[number % len(subscriptions)]
        message_id = f"AAkALg{uuid.uuid4().hex}"
        rows.append((uuid.uuid4(), one.tenant_id, f"bench {message_id}", one.row_id, message_id, uuid.uuid4()))
    await connection.copy_records_to_table(
        "inbox",
        schema_name="api",
        columns=[
            "id",
            "tenant_id",
            "event_key",
            "subscription_row_id",
            "message_id",
            "correlation_id",
            "provider",
            "kind",
            "change_type",
        ],
        records=[(*row, "ms365", "change", "created") for row in rows],
    )
    await connection.execute("ANALYZE api.inbox")
    await connection.close()


async def _watch(ground: Ground) -> dict[str, float]:
    """Events a second, and the CPU used, from the first tenth to the last: neither start nor tail is counted."""
    connection = await asyncpg.connect(ground.owner_dsn)
    total = int(await connection.fetchval("SELECT count(*) FROM api.inbox")) + int(
        await connection.fetchval("SELECT count(*) FROM api.webhook_events")
    )
    begun: tuple[Span, int] | None = None
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            settled = int(await connection.fetchval("SELECT count(*) FROM api.webhook_events"))
            if begun is None and settled >= total * 0.1:
                begun = (Span.begin(ground.cpu_seconds), settled)
            if begun is not None and settled >= total * 0.9:
                used = begun[0].figures()
                return {"events/s": (settled - begun[1]) / max(used["seconds measured"], 1e-6), **used}
            await asyncio.sleep(0.05)
    finally:
        await connection.close()
    raise FlovifyError("the backlog did not shrink; see the worker's log")
