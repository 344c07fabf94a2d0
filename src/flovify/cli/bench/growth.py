"""Growth: how long each hot statement takes in an installation of years, against a limit of its own."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from rich.console import Console
from rich.table import Table

from flovify.api.messages.store import MessageStore
from flovify.api.messages.summaries.store import SummaryStore
from flovify.api.queue.store import PostgresQueue
from flovify.cli.bench.ground import Ground, migrate, prepared_ground
from flovify.cli.bench.hot import Hot, console, feed, storing, taking, upkeep
from flovify.cli.bench.percentile import percentile
from flovify.cli.bench.report import Ratio, keep
from flovify.common.db import STEADY_PLANS, Connection, create_pool, load_queries

_SQL = load_queries("flovify.cli.bench", "growth.sql")
_STEP = 100_000
_BLOCKED_EVENTS = 1000


@dataclass(frozen=True)
class Sizes:
    """How much there is."""

    mailboxes: int
    ledger: int
    messages: int
    waiting: int

    def __str__(self) -> str:
        return (
            f"{self.ledger:,} settled events, {self.messages:,} messages, {self.waiting:,} waiting events, "
            f"{self.mailboxes:,} mailboxes"
        )


@dataclass(frozen=True)
class Figure:
    """What was measured of a statement, in milliseconds."""

    hot: Hot
    p50: float
    p95: float
    longest: float

    @property
    def is_past(self) -> bool:
        return self.p95 > self.hot.most_ms


def run(sizes: Sizes, rounds: int, into: Path | None = None) -> bool:
    """Fill, measure and print; False when a statement takes longer than it may."""
    with prepared_ground() as ground:
        figures = asyncio.run(_measure_all(ground, sizes, rounds))
    return report(f"growth, {rounds} rounds, {sizes}", figures, into)


def report(title: str, figures: Sequence[Figure], into: Path | None) -> bool:
    """Print each statement beside its limit, and add them to the JSON file; False when one is past it."""
    table = Table("statement", "p50 ms", "p95 ms", "longest", "limit", title=title)
    for one in figures:
        limit = f"{one.hot.most_ms:g}{' PAST' if one.is_past else ''}"
        table.add_row(one.hot.name, f"{one.p50:.1f}", f"{one.p95:.1f}", f"{one.longest:.1f}", limit)
    Console(highlight=False).print(table)
    if into is not None:
        keep(into, title, [_as_round(figures)], [_ratio(one.hot) for one in figures])
    return not any(one.is_past for one in figures)


def _as_round(figures: Iterable[Figure]) -> dict[str, float]:
    kept: dict[str, float] = {}
    for one in figures:
        kept |= {f"{one.hot.name}: p50 ms": one.p50, _p95(one.hot): one.p95, f"{one.hot.name}: longest ms": one.longest}
    return kept


def _ratio(hot: Hot) -> Ratio:
    return Ratio(_p95(hot), _p95(hot), None, 1, hot.most_ms, at_most=True)


def _p95(hot: Hot) -> str:
    return f"{hot.name}: p95 ms"


async def fill(connection: Connection, sizes: Sizes, tell: Callable[[str], None]) -> None:
    """Fill a migrated, empty database; `tell` hears how far it is. `connection` is the owner's."""
    await connection.execute("SET synchronous_commit = off; SET maintenance_work_mem = '512MB'")
    await connection.execute(_SQL["quiet"])
    await connection.execute(_SQL["mailboxes"], sizes.mailboxes)
    for table, name, total in (
        ("api.webhook_events", "ledger", sizes.ledger),
        ("api.messages", "messages", sizes.messages),
        ("api.inbox", "waiting", sizes.waiting),
    ):
        indexes = await connection.fetch(_SQL["indexes"], table)
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        for first in range(1, total + 1, _STEP):
            last = min(total, first + _STEP - 1)
            await connection.execute(_SQL[name], first, last, total, sizes.mailboxes)
            tell(f"{table}: {last:,} of {total:,}")
        for index in indexes:
            await connection.execute(index["definition"])
    await connection.execute("VACUUM ANALYZE")


async def _measure_all(ground: Ground, sizes: Sizes, rounds: int) -> list[Figure]:
    await migrate(ground)
    owner = await asyncpg.connect(ground.owner_dsn)
    await fill(owner, sizes, Console(highlight=False).print)
    dsn = ground.postgres.dsn("flovify_api")
    api = await create_pool(dsn, application_name="flovify-bench", max_size=2)
    worker = await create_pool(dsn, application_name="flovify-bench", max_size=2, server_settings=STEADY_PLANS)
    now = await owner.fetchval("SELECT now()")
    try:
        found = await _measure([*feed(MessageStore(api), now), *console(api, SummaryStore(api), now)], rounds)
        found += await _measure([*upkeep(worker, now), *storing(worker, now)], rounds)
        found += await _measure(taking(PostgresQueue(worker)), rounds)
        await owner.execute(_SQL["block_oldest"], _BLOCKED_EVENTS)
        found += await _measure(taking(PostgresQueue(worker), " behind a blocked mailbox"), rounds)
        await owner.execute(_SQL["block_all"])
        found += await _measure(taking(PostgresQueue(worker), " while all are blocked", depth_ms=500), rounds)
    finally:
        for pool in (api, worker):
            await pool.close()
        await owner.close()
    return found


async def _measure(hots: Iterable[Hot], rounds: int) -> list[Figure]:
    """Each once to warm up, then so many times."""
    return [await _time(hot, rounds) for hot in hots]


async def _time(hot: Hot, rounds: int) -> Figure:
    await hot.run()
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        await hot.run()
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return Figure(hot, statistics.median(took), percentile(took, 95), took[-1])
