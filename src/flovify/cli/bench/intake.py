"""Intake: how many notifications a second one api process makes durable, against hello-world and pgbench."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg

from flovify.cli.bench import load
from flovify.cli.bench.cpu import Span
from flovify.cli.bench.ground import Ground, add_subscriptions, free_port, migrate, prepared_ground
from flovify.cli.bench.report import Ratio, print_report

MAILBOXES = 50
CONNECTIONS = 64
RATIOS = (
    Ratio("requests / hello-world requests", "requests/s", "hello requests/s", 1, 0.18),
    Ratio("notifications / pgbench rows, 100 a commit", "notifications/s", "pgbench rows/s, 100 a commit", 1, 0.16),
    Ratio(
        "notifications / pgbench commits of 1 row, 32 clients", "notifications/s", "pgbench rows/s, 1 a commit", 1, 1.3
    ),
)


def run(rounds: int, seconds: int) -> None:
    """Measure and print. Raises FlovifyError when a part cannot be started or a request was refused."""
    load.require_wrk()
    with prepared_ground() as ground:
        script = asyncio.run(_prepare(ground))
        api, hello = _start(ground)
        found = [_round(ground, api, hello, script, seconds) for _ in range(rounds)]
    title = f"intake, {rounds} rounds of {seconds} s, {CONNECTIONS} connections, 1 to 10 notifications a request"
    print_report(title, found, RATIOS)


async def _prepare(ground: Ground) -> Path:
    await migrate(ground)
    subscriptions = await add_subscriptions(ground, MAILBOXES)
    connection = await asyncpg.connect(ground.owner_dsn)
    await connection.execute(load.TABLE)
    await connection.close()
    return load.notification_script(ground.folder, subscriptions)


def _start(ground: Ground) -> tuple[str, str]:
    api_port, internal_port, hello_port = free_port(), free_port(), free_port()
    env = ground.api_environment(FLOVIFY_API_PORT=str(api_port), FLOVIFY_API_INTERNAL_PORT=str(internal_port))
    ground.start(ground.service("serve", "api"), env, f"http://127.0.0.1:{api_port}/api/ready", "api")
    hello = f"http://127.0.0.1:{hello_port}/"
    ground.start([sys.executable, "-m", "flovify.cli.bench.hello", str(hello_port)], {}, hello, "hello")
    return f"http://127.0.0.1:{api_port}/api/ms365/webhook", hello


def _round(ground: Ground, api: str, hello: str, script: Path, seconds: int) -> dict[str, float]:
    before = asyncio.run(_count(ground))
    span = Span.begin(lambda: {**ground.cpu_seconds(), "wrk": load.cpu_seconds()})
    requests = load.requests_per_second(api, seconds, CONNECTIONS, script)
    used = span.figures()
    stored = asyncio.run(_count(ground)) - before
    figures = {
        "requests/s": requests,
        "notifications/s": stored / seconds,
        **used,
        "hello requests/s": load.requests_per_second(hello, seconds, CONNECTIONS),
        "pgbench rows/s, 1 a commit": load.rows_per_second(ground, seconds, 32, 1),
        "pgbench rows/s, 100 a commit": load.rows_per_second(ground, seconds, 8, 100),
    }
    asyncio.run(_empty(ground))
    return figures


async def _count(ground: Ground) -> int:
    connection = await asyncpg.connect(ground.owner_dsn)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM api.inbox"))
    finally:
        await connection.close()


async def _empty(ground: Ground) -> None:
    """Each round begins with empty tables."""
    connection = await asyncpg.connect(ground.owner_dsn)
    await connection.execute("TRUNCATE api.inbox, bench_rows")
    await connection.close()
