"""Drain: how many events a second one worker settles from a backlog, against what fetching alone allows."""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from flovify.cli.bench.cpu import Span
from flovify.cli.bench.ground import Ground, Subscription, add_subscriptions, free_port, migrate, prepared_ground
from flovify.cli.bench.report import Ratio, print_report
from flovify.common.errors import FlovifyError

IN_FLIGHT = 16
BATCH = 20
PATIENCE_SECONDS = 600.0


@dataclass(frozen=True)
class Case:
    """A backlog and a Graph: `seconds` for a batch, or for each `at_a_time` of it; `aim` is a share of the ceiling."""

    name: str
    mailboxes: int
    events: int
    seconds: float
    kind: str = "text"
    at_a_time: int = 0
    aim: float | None = None

    @property
    def ceiling(self) -> float:
        """Events a second, were there nothing to do but to wait for Graph; 0 where Graph is no limit."""
        batch = min(BATCH, self.events // self.mailboxes)
        return IN_FLIGHT * min(batch, self.at_a_time or batch) / self.seconds if self.seconds else 0.0


CASES = (
    Case("deep, four at a time", 50, 6000, 0.05, at_a_time=4, aim=0.90),
    Case("deep, a batch at a time", 50, 6000, 0.05),
    Case("3 a mailbox", 2000, 6000, 0.05, aim=0.83),
    Case("no delay, text", 50, 6000, 0.0),
    Case("no delay, 9 kB HTML", 50, 3000, 0.0, kind="html"),
)


def run(rounds: int, only: str | None, against: Path | None, into: Path | None = None) -> None:
    """Measure and print. Raises FlovifyError when a part cannot be started or a backlog does not shrink.

    `only` is part of a case's name. `against` is another checkout, whose worker takes turns with this one's.
    """
    cases = [one for one in CASES if only is None or only in one.name]
    if not cases:
        raise FlovifyError(f"no case is named so; there are: {'; '.join(one.name for one in CASES)}")
    codes: list[Path | None] = [None, *([against] if against else [])]
    with prepared_ground() as ground:
        subscriptions = asyncio.run(_prepare(ground, max(one.mailboxes for one in cases)))
        found = [_round(ground, subscriptions, cases, codes) for _ in range(rounds)]
    print_report(f"drain, {rounds} rounds, {IN_FLIGHT} in flight", found, list(_ratios(cases, against)), into)


def _ratios(cases: Sequence[Case], against: Path | None) -> list[Ratio]:
    found = []
    for one in cases:
        rate = f"{one.name}: events/s"
        if one.ceiling:
            found.append(Ratio(f"{one.name} / ceiling", rate, f"{one.name}: ceiling", 1, one.aim or 0.0))
        if against:
            aim = {"no delay, text": 1.35, "no delay, 9 kB HTML": 1.9}.get(one.name, 1.0)
            found.append(Ratio(f"{one.name} / the other checkout", rate, f"{one.name}: other events/s", 1, aim))
    return found


async def _prepare(ground: Ground, mailboxes: int) -> list[Subscription]:
    await migrate(ground)
    return await add_subscriptions(ground, mailboxes)


def _round(
    ground: Ground, subscriptions: list[Subscription], cases: Sequence[Case], codes: Sequence[Path | None]
) -> dict[str, float]:
    figures: dict[str, float] = {}
    for case in cases:
        for code in codes:
            used = _measure(ground, subscriptions[: case.mailboxes], case, code)
            name = f"{case.name}: {'other ' if code else ''}"
            figures[f"{name}events/s"] = used["events/s"]
            for process in ("worker", "postgres"):
                figures[f"{name}{process} CPU us/event"] = used[f"CPU s, {process}"] * 1e6 / used["events"]
        if case.ceiling:
            figures[f"{case.name}: ceiling"] = case.ceiling
    return figures


def _measure(ground: Ground, subscriptions: list[Subscription], case: Case, code: Path | None) -> dict[str, float]:
    asyncio.run(_fill(ground, subscriptions, case.events))
    stub_port, port = free_port(), free_port()
    stub = f"http://127.0.0.1:{stub_port}"
    given = [str(stub_port), str(case.seconds), case.kind, str(case.at_a_time)]
    graph = ground.start([sys.executable, "-m", "flovify.cli.bench.stub", *given], {}, f"{stub}/health", "stub")
    env = ground.api_environment(
        AUTH_SERVICE_URL=stub,
        MICROSOFT_GRAPH_URL=stub,
        FLOVIFY_WORKER_PORT=str(port),
        FLOVIFY_WORKER_CONCURRENCY=str(IN_FLIGHT),
        **({"PYTHONPATH": str(code / "src")} if code else {}),
    )
    worker = ground.start(ground.service("worker"), env, f"http://127.0.0.1:{port}/health", "worker")
    try:
        return asyncio.run(_watch(ground, case.events))
    finally:
        for process in (worker, graph):
            process.terminate()
            process.wait(30)


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


async def _watch(ground: Ground, total: int) -> dict[str, float]:
    """Events a second, and the CPU used, from the first tenth to the last: neither start nor tail is counted."""
    connection = await asyncpg.connect(ground.owner_dsn)
    begun: tuple[Span, int] | None = None
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < deadline:
            settled = int(await connection.fetchval("SELECT count(*) FROM api.webhook_events"))
            if begun is None and settled >= total * 0.1:
                begun = (Span.begin(ground.cpu_seconds), settled)
            if begun is not None and settled >= total * 0.9:
                used, events = begun[0].figures(), settled - begun[1]
                return {"events/s": events / max(used["seconds measured"], 1e-6), "events": events, **used}
            await asyncio.sleep(0.05)
    finally:
        await connection.close()
    raise FlovifyError("the backlog did not shrink; see the worker's log")
