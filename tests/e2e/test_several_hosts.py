"""An installation over eight machines: of workers and apis each one is cut off and one dies, and mail flows on."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import smtplib
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from flovify.api.settings import WorkerSettings
from flovify.cli.up import roles
from flovify.common.db import DATABASE_ERRORS, create_pool
from flovify.sandbox.subscriptions.models import Subscription
from tests.e2e.conftest import House
from tests.e2e.ground import fault, rows
from tests.e2e.test_exactly_once import assert_exactly_once, settled
from tests.support.hosts import Host
from tests.support.mail import simple_mail
from tests.support.networks import may_make_networks, places
from tests.support.processes import Process
from tests.support.relay import Relay
from tests.support.spread import Spread, spread_out
from tests.support.wait import until

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not may_make_networks(), reason="only root makes networks, with iproute2"),
]
MAILBOXES, RATE, LEASE_SECONDS, WINDOW_SECONDS = 40, 45, 5, 5
# What Graph takes to answer. Without it hardly anything would be in a worker's hands at the moment it is cut off.
GRAPH_MS = 150
# When a worker that was cut off for longer than its statements wait has work again.
BACK_SECONDS = 10
JSON = "Content-Type: application/json"


def say(what: object) -> None:
    """Into the test's log, which is shown with -s or -rP."""
    print(what)  # noqa: T201 - figures for people


@dataclass
class Flow:
    """Mail at an even pace, to one mailbox after the other, from a thread."""

    smtp: tuple[str, int]
    addresses: list[str]
    sent: Counter[str] = field(default_factory=Counter)
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        began = time.monotonic()
        with smtplib.SMTP(*self.smtp, timeout=60) as client:
            for number in itertools.count():
                if self.enough.wait(max(0.0, began + number / RATE - time.monotonic())):
                    return
                address = self.addresses[number % len(self.addresses)]
                client.sendmail("ada@example.org", [address], simple_mail(number, address, "spread"))
                self.sent[address] += 1

    async def goes_on(self, seconds: float) -> None:
        goal = self.sent.total() + seconds * RATE
        await until(lambda: self.sent.total() >= goal, seconds * 3, "the flow of mail")


@dataclass
class Run:
    """What happens to whom, and when: seconds since 1970, as the database has them of its messages."""

    stack: Spread
    house: House
    flow: Flow
    moments: dict[str, float] = field(default_factory=dict)

    async def trouble(self) -> None:
        await self.flow.goes_on(12)
        await self.in_hand("worker1", 2)
        self.happens("worker1 dies")
        self.stack.hosts["worker1"].die()
        await self.flow.goes_on(14)
        await self.in_hand("worker2", 2)
        self.happens("worker2 is cut off")
        self.stack.hosts["worker2"].cut_off()
        await self.in_hand("worker2", 1)
        await self.flow.goes_on(14)
        self.happens("api1 is cut off")
        self.stack.hosts["api1"].cut_off()
        await asyncio.gather(self.api_says_no(), self.worker_says_no())
        await self.flow.goes_on(12)
        self.happens("both are back")
        for name in ("worker2", "api1"):
            self.stack.hosts[name].join_again()
        await self.flow.goes_on(14)
        self.happens("api2 dies")
        self.stack.hosts["api2"].die()
        await self.flow.goes_on(14)

    def happens(self, what: str) -> None:
        self.moments[what] = time.time()

    async def in_hand(self, worker: str, mailboxes: int) -> None:
        pid = self.stack.hosts[worker].running["worker"].pid
        query = "SELECT count(*) AS held FROM api.mailbox_leases WHERE split_part(owner, ':', 2) = $1"

        async def held() -> bool:
            return bool((await rows(self.house, query, str(pid)))[0]["held"] >= mailboxes)

        await until(held, 20, f"{mailboxes} mailboxes in the hands of {worker}", poll=0.005)

    async def api_says_no(self) -> None:
        """As somebody on its own machine finds: without the database it refuses, before Microsoft gives up waiting."""
        sent = await self.stack.call("GET", f"{self.stack.sandbox}/_sandbox/deliveries", token=None)
        again = _with_secret(self.stack.data_dir, sent["items"][0]["body"][0])
        for _ in range(3):
            status, seconds = await self.asked("api1", "8002/api/ms365/webhook", "-d", "@-", content=again)
            assert (status, seconds < 3) == (503, True), f"{status} after {seconds} s"

    async def worker_says_no(self) -> None:
        assert (await self.asked("worker2", "8003/ready"))[0] == 503
        assert self.stack.hosts["worker2"].running["worker"].alive()

    async def asked(self, name: str, path: str, *options: str, content: str = "") -> tuple[int, float]:
        """The status of an answer, and what it took, asked on the machine itself."""
        host = self.stack.hosts[name]
        words = ("curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{time_total}", "-H", JSON, *options)
        said = await asyncio.to_thread(host.ask, *words, f"http://{host.address}:{path}", content=content)
        status, seconds = said.split()
        return int(status), float(seconds)

    def rates(self, stored: Sequence[float]) -> dict[str, tuple[float, float]]:
        """Messages stored a second before each event, and one lease after it; over a window each."""

        def rate(since: float) -> float:
            return sum(since <= at < since + WINDOW_SECONDS for at in stored) / WINDOW_SECONDS

        return {what: (rate(at - WINDOW_SECONDS), rate(at + LEASE_SECONDS)) for what, at in self.moments.items()}

    def tell(self, stored: Sequence[float]) -> None:
        """Into the test's log: what was stored in each second."""
        each = Counter(int(at - stored[0]) for at in stored)
        say({what: round(at - stored[0], 1) for what, at in self.moments.items()})
        say([each[second] for second in range(max(each) + 1)])


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with spread_out(tmp_path, lease_seconds=LEASE_SECONDS) as stack:
        yield House(stack, Relay(0))


async def test_hosts_that_die_and_hosts_that_are_cut_off_lose_and_double_nothing(house: House) -> None:
    stack = house.stack
    assert isinstance(stack, Spread)
    mailboxes = [await house.connected() for _ in range(MAILBOXES)]
    await fault(house, "/v1.0/users/*/messages/*", delay_ms=GRAPH_MS)
    smtp = stack.hosts["graph"].address, stack.ports["FLOVIFY_SANDBOX_SMTP_PORT"]
    run = Run(stack, house, Flow(smtp, [mailbox.address for mailbox in mailboxes]))
    flowing = asyncio.create_task(asyncio.to_thread(run.flow.run))
    try:
        await run.trouble()
    finally:
        run.flow.enough.set()
        await flowing
    for mailbox in mailboxes:
        sent = run.flow.sent[mailbox.address]
        assert_exactly_once(await settled(house, mailbox, sent, 120), sent)
    assert await rows(house, "SELECT id FROM api.dead_letters") == []
    found = await rows(house, "SELECT extract(epoch FROM stored_at)::float8 AS at FROM api.messages ORDER BY 1")
    run.tell(stored := [row["at"] for row in found])
    rates = run.rates(stored)
    say(rates)
    assert [what for what, (before, after) in rates.items() if after < 0.7 * before] == []
    _assert_it_came_back(stack.hosts["worker2"].running["worker"], run.moments["both are back"])
    await _assert_sent_again_by_microsoft(house)
    await until(lambda: _connections(stack) == {"api1", "worker2", "worker3"}, 15, "an end of dead hosts' connections")


def _assert_it_came_back(worker: Process, at: float) -> None:
    """It took up work again by itself, and what it had had in hand was refused."""
    lines = [json.loads(line) for line in worker.output().splitlines() if line.startswith("{")]
    since = [(datetime.fromisoformat(line["timestamp"]).timestamp() - at, line["event"]) for line in lines]
    first = {event: seconds for seconds, event in reversed(since) if seconds > 0}
    say({event: round(seconds, 1) for event, seconds in first.items()})
    assert "fenced_out" in first
    assert first["events_settled"] < BACK_SECONDS


async def _assert_sent_again_by_microsoft(house: House) -> None:
    """No gap was opened: catching up had no part in it."""
    answered = await house.stack.call("GET", f"{house.stack.sandbox}/_sandbox/deliveries", token=None)
    again = Counter(one["attempt"] for one in answered["items"] if one["status"] == 202)
    say(f"accepted at the first, second, … attempt: {dict(again)}")
    assert again[2] + again[3] > 0
    gaps = await rows(house, "SELECT DISTINCT reasons FROM api.coverage_gaps")
    assert [row["reasons"] for row in gaps] == [["first_sync"]]


def _connections(stack: Spread) -> set[str]:
    """The hosts that have some, as the server sees it."""
    query = "SELECT DISTINCT host(client_addr) FROM pg_stat_activity WHERE client_addr IS NOT NULL"
    found = stack.cluster.postgres.query(roles.SUPER, query, database="postgres").split()
    return {host.name for host in stack.hosts.values() if host.address in found}


def _with_secret(folder: Path, item: dict[str, Any]) -> str:
    """A notification once more. What the sandbox shows of it lacks the secret, which stands in its journal only."""
    with contextlib.closing(sqlite3.connect(folder / "sandbox" / "sandbox.sqlite3")) as journal:
        query = "SELECT value FROM entries WHERE kind = 'subscription' AND key = ?"
        (value,) = journal.execute(query, (item["subscriptionId"],)).fetchone()
    secret = msgspec.msgpack.decode(value, type=Subscription).client_state
    return json.dumps({"value": [{**item, "clientState": secret}]})


async def test_what_a_host_that_is_cut_off_had_locked_is_free_before_a_lease_is_over() -> None:
    """Both while the server waits for the client's next word, and while it has an answer that is not acknowledged."""
    with contextlib.ExitStack() as cleanup:
        (place,) = cleanup.enter_context(places("flovify-h", "10.213.78", 1))
        host = Host("db", place)
        cluster = await asyncio.to_thread(cleanup.enter_context, host.postgres())
        database = host.reached(await cluster.create("locks", cluster.template))
        owner = await asyncpg.connect(database.owner_dsn)
        pool = await create_pool(database.api_dsn, application_name="cut off", min_size=2)
        idle, answered = await pool.acquire(), await pool.acquire()
        for number, connection in enumerate((idle, answered)):
            await connection.execute("BEGIN")
            await connection.execute("SELECT pg_advisory_xact_lock($1)", number)
        answer = asyncio.create_task(answered.execute("SELECT pg_sleep(1)"))
        asleep = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
        await until(lambda: cluster.postgres.query(roles.SUPER, asleep, database="postgres"), what="the answer's delay")
        host.cut_off()
        began = time.monotonic()
        lease_seconds = WorkerSettings.model_fields["flovify_worker_lease_seconds"].default
        async with asyncio.timeout(lease_seconds):
            for number in (0, 1):
                await owner.execute("SELECT pg_advisory_lock($1)", number)
                say(f"lock {number} is free after {time.monotonic() - began:.1f} s")
        host.join_again()
        pool.terminate()
        with pytest.raises(DATABASE_ERRORS):
            await answer
        await owner.close()
