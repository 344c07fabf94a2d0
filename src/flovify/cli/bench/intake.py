"""Intake: how many notifications a second one api process makes durable, against hello-world and pgbench."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from flovify.cli.bench import load
from flovify.cli.bench.cpu import Span
from flovify.cli.bench.ground import Ground, add_subscriptions, free_port, migrate, prepared_ground
from flovify.cli.bench.report import Ratio, print_report
from flovify.common.errors import FlovifyError

MAILBOXES = 50
CONNECTIONS = 64
# Ten times as many senders as the rate is measured with: what waits then is what is answered late.
OVERLOAD_CONNECTIONS = 640
OPEN_LOOP_PER_SECOND = 1000 / load.MEAN_ITEMS
# What was answered 202 for stands in the log until the worker has carried it into the inbox, and later in the ledger.
_DURABLE = """SELECT (SELECT count(*) FROM api.inbox) + (SELECT count(*) FROM api.webhook_events)
                   + (SELECT coalesce(sum(events), 0) FROM api.intake_log)"""
_CALM, _LATE = "ack p99 ms, 1,000 notifications/s", "slowest answer ms, 640 connections"
RATIOS = (
    Ratio("requests / hello-world requests", "requests/s", "hello requests/s", 1, 0.35),
    Ratio("the same with mover and worker running", "sustained requests/s", "hello requests/s", 1, 0.15),
    Ratio("api CPU a request / hello-world's", "api CPU us/request", "hello CPU us/request", 1, 4, at_most=True),
    Ratio("notifications / pgbench rows, 100 a commit", "notifications/s", "pgbench rows/s, 100 a commit", 1, 0.16),
    Ratio(_CALM, _CALM, None, 1, 25, at_most=True),
    Ratio(_LATE, _LATE, None, 1, 2500, at_most=True),
)


@dataclass(frozen=True)
class _Places:
    api: str
    hello: str
    stub: str
    script: Path
    secrets: Path


def run(rounds: int, seconds: int, into: Path | None = None) -> None:
    """Measure and print. Raises FlovifyError when a part cannot be started or a request was refused."""
    load.require_wrk()
    with prepared_ground() as ground:
        places = _start(ground, *asyncio.run(_prepare(ground)))
        found = [_round(ground, places, seconds) for _ in range(rounds)]
    title = f"intake, {rounds} rounds of {seconds} s, {CONNECTIONS} connections, 1 to 10 notifications a request"
    print_report(title, found, RATIOS, into)


async def _prepare(ground: Ground) -> tuple[Path, Path]:
    await migrate(ground)
    subscriptions = await add_subscriptions(ground, MAILBOXES)
    connection = await asyncpg.connect(ground.owner_dsn)
    await connection.execute(load.TABLE)
    await connection.close()
    secrets = ground.folder / "secrets.json"
    secrets.write_text(json.dumps([[one.subscription_id, one.secret] for one in subscriptions]))
    return load.notification_script(ground.folder, subscriptions), secrets


def _start(ground: Ground, script: Path, secrets: Path) -> _Places:
    api_port, internal_port, hello_port, stub_port = free_port(), free_port(), free_port(), free_port()
    env = ground.api_environment(FLOVIFY_API_PORT=str(api_port), FLOVIFY_API_INTERNAL_PORT=str(internal_port))
    ground.start(ground.service("serve", "api"), env, f"http://127.0.0.1:{api_port}/api/ready", "api")
    hello, stub = f"http://127.0.0.1:{hello_port}/", f"http://127.0.0.1:{stub_port}"
    ground.start([sys.executable, "-m", "flovify.cli.bench.hello", str(hello_port)], {}, hello, "hello")
    # Mail that is there at once: what is measured is what the worker takes from the intake, not what it waits for.
    ground.start([sys.executable, "-m", "flovify.cli.bench.stub", str(stub_port), "0"], {}, f"{stub}/health", "stub")
    return _Places(f"http://127.0.0.1:{api_port}/api/ms365/webhook", hello, stub, script, secrets)


def _round(ground: Ground, places: _Places, seconds: int) -> dict[str, float]:
    figures: dict[str, float] = {}
    before = asyncio.run(_count(ground))
    burst, used = _measured(ground, lambda: load.requests_per_second(places.api, seconds, CONNECTIONS, places.script))
    figures |= {"requests/s": burst, "notifications/s": (asyncio.run(_count(ground)) - before) / seconds}
    figures["api CPU us/request"] = used["CPU s, api"] * 1e6 / (burst * seconds)
    figures["PostgreSQL CPU us/request"] = used["CPU s, postgres"] * 1e6 / (burst * seconds)
    asyncio.run(_empty(ground))
    hello, used = _measured(ground, lambda: load.requests_per_second(places.hello, seconds, CONNECTIONS))
    figures |= {"hello requests/s": hello, "hello CPU us/request": used["CPU s, hello"] * 1e6 / (hello * seconds)}
    figures["sustained requests/s"] = _sustained(ground, places, seconds)
    figures |= _answers(places, seconds)
    asyncio.run(_empty(ground))
    figures["pgbench rows/s, 1 a commit"] = load.rows_per_second(ground, seconds, 32, 1)
    figures["pgbench rows/s, 100 a commit"] = load.rows_per_second(ground, seconds, 8, 100)
    asyncio.run(_empty(ground))
    return figures


def _measured(ground: Ground, work: Callable[[], float]) -> tuple[float, dict[str, float]]:
    span = Span.begin(ground.cpu_seconds)
    rate = work()
    return rate, span.figures()


def _sustained(ground: Ground, places: _Places, seconds: int) -> float:
    """The same with a worker that carries and stores at the same time, on the same cores."""
    port = free_port()
    env = ground.api_environment(
        AUTH_SERVICE_URL=places.stub, MICROSOFT_GRAPH_URL=places.stub, FLOVIFY_WORKER_PORT=str(port)
    )
    worker = ground.start(ground.service("worker"), env, f"http://127.0.0.1:{port}/health", "worker")
    rate = load.requests_per_second(places.api, seconds, CONNECTIONS, places.script)
    worker.terminate()
    worker.wait(30)
    asyncio.run(_empty(ground))
    return rate


def _answers(places: _Places, seconds: int) -> dict[str, float]:
    """How soon it answers: at a rate that leaves it time, and when there are far too many senders."""
    found = load.open_loop(places.api, places.secrets, OPEN_LOOP_PER_SECOND, seconds)
    if set(found["statuses"]) != {"202"}:
        raise FlovifyError(f"answers other than 202: {found['statuses']}")
    slowest = load.slowest_answer(places.api, seconds, OVERLOAD_CONNECTIONS, places.script)
    return {
        "ack p50 ms, 1,000 notifications/s": found["p50"] * 1000,
        _CALM: found["p99"] * 1000,
        _LATE: slowest * 1000,
    }


async def _count(ground: Ground) -> int:
    connection = await asyncpg.connect(ground.owner_dsn)
    try:
        return int(await connection.fetchval(_DURABLE))
    finally:
        await connection.close()


async def _empty(ground: Ground) -> None:
    """Each measurement begins with empty tables."""
    connection = await asyncpg.connect(ground.owner_dsn)
    await connection.execute(
        "TRUNCATE api.intake_log, api.inbox, api.webhook_events, api.message_feed, api.messages, api.mailbox_leases, "
        "bench_rows"
    )
    await connection.close()
