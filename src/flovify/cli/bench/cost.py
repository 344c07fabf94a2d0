"""Cost: what a million notifications cost from webhook to stored message, whatever rate they come at.

CPU of each process, bytes of PostgreSQL's write-ahead log and on its disk, calls to Graph and their bytes.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from flovify.cli.bench import load
from flovify.cli.bench.cpu import Span
from flovify.cli.bench.ground import Ground, Subscription, add_subscriptions, free_port, migrate, prepared_ground
from flovify.cli.bench.report import print_report
from flovify.common.errors import FlovifyError

MILLION = 1e6
PATIENCE_SECONDS = 300.0
# What a message leaves behind for good, and what of it goes with the age of events.
_KEPT = {"messages": ("api.messages", "api.message_feed"), "settled events": ("api.webhook_events",)}
_EMPTY = "TRUNCATE api.intake_log, api.inbox, api.webhook_events, api.message_feed, api.messages, api.mailbox_leases"


@dataclass(frozen=True)
class Case:
    """Notifications, each of another message, at a rate that the worker keeps up with or that leaves a backlog."""

    name: str
    mailboxes: int
    per_second: float


CASES = (
    Case("spread", 2000, 100),  # mostly one message at a time
    Case("bunched", 50, 1000),  # mostly twenty
)


@dataclass(frozen=True)
class _Places:
    webhook: str
    stub: str


def run(rounds: int, seconds: int, into: Path | None = None) -> None:
    """Measure and print. Raises FlovifyError when a part cannot be started or not every message is stored."""
    with prepared_ground() as ground:
        subscriptions = asyncio.run(_prepare(ground))
        places = _start(ground)
        found = [_round(ground, places, subscriptions, seconds) for _ in range(rounds)]
    print_report(f"cost of a million notifications, {rounds} rounds of {seconds} s", found, (), into)


async def _prepare(ground: Ground) -> list[Subscription]:
    await migrate(ground)
    return await add_subscriptions(ground, max(one.mailboxes for one in CASES))


def _start(ground: Ground) -> _Places:
    api_port, internal_port, port, stub_port = free_port(), free_port(), free_port(), free_port()
    stub = f"http://127.0.0.1:{stub_port}"
    command = [sys.executable, "-m", "flovify.cli.bench.stub", str(stub_port), "0.05", "mails"]
    ground.start(command, {}, f"{stub}/health", "stub")
    shared = {"AUTH_SERVICE_URL": stub, "MICROSOFT_GRAPH_URL": stub}
    env = ground.api_environment(**shared, FLOVIFY_API_PORT=str(api_port), FLOVIFY_API_INTERNAL_PORT=str(internal_port))
    ground.start(ground.service("serve", "api"), env, f"http://127.0.0.1:{api_port}/api/ready", "api")
    env = ground.api_environment(**shared, FLOVIFY_WORKER_PORT=str(port))
    ground.start(ground.service("worker"), env, f"http://127.0.0.1:{port}/health", "worker")
    return _Places(f"http://127.0.0.1:{api_port}/api/ms365/webhook", stub)


def _round(ground: Ground, places: _Places, subscriptions: Sequence[Subscription], seconds: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    for case in CASES:
        secrets = ground.folder / f"{case.name}.json"
        chosen = subscriptions[: case.mailboxes]
        secrets.write_text(json.dumps([[one.subscription_id, one.secret] for one in chosen]))
        found = asyncio.run(_measure(ground, places, case, secrets, seconds))
        figures |= {f"{case.name}: {name}": value for name, value in found.items()}
    return figures


async def _measure(ground: Ground, places: _Places, case: Case, secrets: Path, seconds: int) -> dict[str, float]:
    owner = await asyncpg.connect(ground.postgres.dsn("flovify_super"))
    try:
        await owner.execute(_EMPTY)
        # The first change of a page after it is logged as the whole page, as it is every five minutes.
        await owner.execute("CHECKPOINT")
        empty, before, written = await _bytes(owner), _counted(places), await _written(owner)
        span = Span.begin(ground.cpu_seconds)
        rate = case.per_second / load.MEAN_ITEMS
        answers = await asyncio.to_thread(load.open_loop, places.webhook, secrets, rate, seconds)
        if set(answers["statuses"]) != {"202"}:
            raise FlovifyError(f"answers other than 202: {answers['statuses']}")
        stored = await _all_stored(owner)
        figures = _scaled(span.figures(), stored)
        figures["WAL, GB"] = (await _written(owner) - written) * MILLION / stored / 1e9
        for name, size in (await _bytes(owner)).items():
            figures[f"disk, {name}, GB"] = (size - empty[name]) * MILLION / stored / 1e9
    finally:
        await owner.close()
    after = _counted(places)
    asked = {name: (after[name] - before[name]) * MILLION / stored for name in after}
    return {
        "notifications": stored,
        **figures,
        "Graph calls": asked["calls"],
        "mails asked for": asked["mails"],
        "to Graph, GB": asked["bytes_in"] / 1e9,
        "from Graph, GB": asked["bytes_out"] / 1e9,
    }


def _scaled(figures: dict[str, float], stored: int) -> dict[str, float]:
    names = {"api": "api", "worker": "worker", "postgres": "PostgreSQL"}
    return {f"CPU s, {shown}": figures[f"CPU s, {name}"] * MILLION / stored for name, shown in names.items()}


async def _all_stored(owner: asyncpg.Connection[asyncpg.Record]) -> int:
    """How many messages there are once nothing waits."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting = "SELECT (SELECT count(*) FROM api.intake_log) + (SELECT count(*) FROM api.inbox)"
    while await owner.fetchval(waiting):
        if time.monotonic() > deadline:
            raise FlovifyError("what was notified was not stored in time; see the worker's log")
        await asyncio.sleep(0.1)
    return int(await owner.fetchval("SELECT count(*) FROM api.messages"))


async def _written(owner: asyncpg.Connection[asyncpg.Record]) -> int:
    return int(await owner.fetchval("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"))


async def _bytes(owner: asyncpg.Connection[asyncpg.Record]) -> dict[str, int]:
    """With indexes, and what is kept beside the rows because of its length."""
    sizes = {}
    for name, tables in _KEPT.items():
        sizes[name] = sum([await owner.fetchval("SELECT pg_total_relation_size($1::regclass)", one) for one in tables])
    return sizes


def _counted(places: _Places) -> dict[str, int]:
    with urllib.request.urlopen(f"{places.stub}/counted", timeout=10) as answer:  # noqa: S310 - our own process
        found: dict[str, int] = json.loads(answer.read())
        return found
