"""Alerts from Flovify itself: figures in PostgreSQL, a receiver of webhooks and a mail server, all real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio
from pydantic import SecretStr

from flovify.api.core import open_sessions
from flovify.api.deps import Deps, wire
from flovify.api.intake.guard import IntakeGuard
from flovify.api.readings.figures import FIGURES
from flovify.api.settings import WorkerSettings
from flovify.api.worker import chores
from flovify.common.clock import SystemClock
from flovify.common.outbound import Sessions
from flovify.common.periodic import PeriodicTask
from flovify.common.readings.service import Readings
from flovify.common.readings.store import ReadingStore
from flovify.common.settings import load
from tests.integration.alerts.receivers import TOKEN, Hook, Post
from tests.support.postgres import Cluster
from tests.support.tables import Tables, empty, shared_tables

pytestmark = pytest.mark.asyncio(loop_scope="module")
DUE = """INSERT INTO api.periodic_tasks (name) VALUES ('alerts')
         ON CONFLICT (name) DO UPDATE SET due_at = clock_timestamp(), lease_until = NULL"""
MINUTE, DAY = 60.0, 86_400.0


class MovedClock(SystemClock):
    def __init__(self) -> None:
        super().__init__(0)
        self.moved = 0.0

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.moved)


@dataclass
class House:
    """Workers over one database, whose clock the test moves."""

    tables: Tables
    hook: Hook
    post: Post
    clock: MovedClock = field(default_factory=MovedClock)
    sessions: list[Sessions] = field(default_factory=list)
    workers: list[PeriodicTask] = field(default_factory=list)

    def settings(self) -> WorkerSettings:
        return load(
            WorkerSettings,
            {
                "DATABASE_URL": self.tables.database.api_dsn,
                "SERVICE_SECRET": TOKEN,
                "AUTH_SERVICE_URL": self.hook.origin,
                "MS365_WEBHOOK_URL": "https://hooks.example.com/api/ms365/webhook",
                "MS365_CLIENT_STATE": "a-client-state-of-tests",
                "AUDIT_KEY": "an-audit-key-of-tests",
                "FLOVIFY_ALERT_WEBHOOK_URL": f"{self.hook.origin}/hook",
                "FLOVIFY_ALERT_SMTP_URL": f"smtp://127.0.0.1:{self.post.port}",
                "FLOVIFY_ALERT_TO": "ops@example.com, night@example.com",
                "FLOVIFY_ALERT_FROM": "flovify@example.com",
            },
        )

    def start_worker(self) -> PeriodicTask:
        """Another process as far as alerts go: nothing is kept but in the database."""
        settings = self.settings()
        self.sessions.append(open_sessions(settings))
        deps = wire(settings, self.tables.pool, self.sessions[-1], self.clock)
        readings = Readings(ReadingStore(deps.pool, "api"), deps.clock, FIGURES)
        (task,) = chores._alerts(settings, deps, readings)
        self.workers.append(cast("PeriodicTask", task))
        return self.workers[-1]

    async def figures(self, **values: float) -> None:
        """What one of the workers counted this moment."""
        found = {"flovify_workers": 1.0, **values}
        await ReadingStore(self.tables.pool, "api").put({name: {(): value} for name, value in found.items()})

    async def look(self, seconds_later: float = 0) -> str | None:
        """The newest worker's look, so much later than the last; says by what it failed."""
        self.clock.moved += seconds_later
        await self.tables.owner.execute(DUE)
        assert await (self.workers or [self.start_worker()])[-1].run_if_due()
        return await self.tables.owner.fetchval("SELECT last_error FROM api.periodic_tasks WHERE name = 'alerts'")  # type: ignore[no-any-return]

    def told(self) -> tuple[list[list[str]], list[str]]:
        """What came since the last question: names and states by webhook, subjects by mail."""
        hooked = [[f"{one['name']} {one['state']}" for one in body["alerts"]] for body in self.hook.posted]
        mailed = [str(mail["Subject"]) for mail in self.post.mails]
        self.hook.posted.clear()
        self.post.mails.clear()
        return hooked, mailed


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tables(cluster: Cluster) -> AsyncIterator[Tables]:
    async with shared_tables(cluster, max_size=5) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def house(tables: Tables) -> AsyncIterator[House]:
    await empty(tables.owner)
    hook, post = Hook(), Post()
    async with hook.serving(), post.serving():
        made = House(tables, hook, post)
        await made.figures()
        yield made
        for sessions in made.sessions:
            await sessions.close()


NOTHING: tuple[list[list[str]], list[str]] = ([], [])


async def test_an_alert_is_told_when_it_begins_once_a_day_and_when_it_ends(house: House) -> None:
    await house.figures(flovify_queue_dead_letters=2)
    assert await house.look() is None
    assert house.told() == NOTHING, "not before it has been so for a minute"
    assert await house.look(MINUTE) is None
    (mail,) = house.post.mails
    assert (mail["From"], mail["To"]) == ("flovify@example.com", "ops@example.com, night@example.com")
    assert "operations.md#flovifydeadletters" in mail.get_content()
    assert "operations.md#flovifydeadletters" in house.hook.posted[0]["text"]
    assert house.told() == ([["FlovifyDeadLetters begun"]], ["Flovify: Dead letters: 2"])
    await house.figures(flovify_queue_dead_letters=3)
    for later in (MINUTE, DAY - 5 * MINUTE):
        await house.look(later)
    assert house.told() == NOTHING
    await house.look(5 * MINUTE)
    assert house.told() == ([["FlovifyDeadLetters still"]], ["Flovify: still: Dead letters: 3"])
    await house.look(DAY - MINUTE)
    assert house.told() == NOTHING
    await house.figures()
    await house.look(MINUTE)
    assert house.told() == ([["FlovifyDeadLetters ended"]], ["Flovify: over: Dead letters: 3"])
    await house.look(2 * DAY)
    assert house.told() == NOTHING
    await house.look(6 * DAY)
    assert await house.tables.owner.fetchval("SELECT count(*) FROM api.alerts") == 0, "it is not kept for ever"


async def test_what_passes_before_its_time_is_never_told(house: House) -> None:
    for gaps in (1, 1, 0, 1):
        await house.figures(flovify_coverage_gaps_open=gaps)
        await house.look(15 * MINUTE)
    assert house.told() == NOTHING
    await house.look(29 * MINUTE)
    assert house.told() == NOTHING, "the time counts from the last beginning"
    await house.look(MINUTE)
    assert house.told()[0] == [["FlovifyGapsOpen begun"]]
    assert await house.tables.owner.fetchval("SELECT count(*) FROM api.alerts") == 1, "what never began leaves nothing"


async def test_several_at_once_are_one_mail(house: House) -> None:
    await house.figures(flovify_queue_dead_letters=1, flovify_silence_seconds=2 * DAY)
    await house.look()
    assert house.told()[0] == [["FlovifySilence begun"]]
    await house.figures(flovify_queue_dead_letters=1)
    await house.look(MINUTE)
    assert sorted(house.told()[1]) == ["Flovify: 1 new, 1 over"]


@pytest.mark.parametrize("status", [503, 302, 404])
async def test_a_receiver_that_was_down_is_told_later_and_the_other_once(house: House, status: int) -> None:
    house.hook.status = status
    await house.figures(flovify_silence_seconds=2 * DAY)
    for _ in range(2):
        assert await house.look(MINUTE) == "AlertsNotSent"
    assert house.told() == ([["FlovifySilence begun"]] * 2, ["Flovify: No notification for 2 days"])
    house.hook.status = 200
    assert await house.look(MINUTE) is None
    assert house.told() == ([["FlovifySilence begun"]], [])
    assert await house.look(MINUTE) is None
    assert house.told() == NOTHING


async def test_a_mail_server_that_was_down_is_told_later(house: House) -> None:
    house.post.answer = "451 4.3.0 later"
    await house.figures(flovify_silence_seconds=2 * DAY)
    assert await house.look() == "AlertsNotSent"
    assert house.told() == ([["FlovifySilence begun"]], [])
    house.post.answer = "250 2.0.0 OK"
    assert await house.look(MINUTE) is None
    assert house.told() == ([], ["Flovify: No notification for 2 days"])


async def test_what_began_and_ended_while_the_receiver_was_down_is_told_with_both_times(house: House) -> None:
    house.hook.status = 500
    await house.figures(flovify_silence_seconds=2 * DAY)
    await house.look()
    await house.figures()
    await house.look(MINUTE)
    await house.figures(flovify_silence_seconds=2 * DAY)
    await house.look(MINUTE)
    house.told()
    house.hook.status = 200
    await house.look(MINUTE)
    (body,) = house.hook.posted
    assert [(one["state"], one["since"] < (one["ended_at"] or "")) for one in body["alerts"]] == [
        ("ended", True),
        ("begun", False),
    ]


async def test_a_restart_tells_nothing_twice_and_forgets_nothing(house: House) -> None:
    await house.figures(flovify_silence_seconds=2 * DAY)
    await house.look()
    house.told()
    house.start_worker()
    await house.look(MINUTE)
    assert house.told() == NOTHING
    house.hook.gate.clear()
    house.hook.arrived.clear()
    await house.figures()
    dying = asyncio.create_task(house.look(MINUTE))
    await asyncio.wait_for(house.hook.arrived.wait(), 10)
    dying.cancel()  # between the decision, which is written, and the receipt
    with pytest.raises(asyncio.CancelledError):
        await dying
    house.told()
    house.hook.gate.set()
    house.start_worker()
    await house.look(MINUTE)
    assert house.told() == ([["FlovifySilence ended"]], ["Flovify: over: No notification for 2 days"])
    await house.look(MINUTE)
    assert house.told() == NOTHING


async def test_of_many_workers_one_looks(house: House) -> None:
    await house.figures(flovify_silence_seconds=2 * DAY)
    workers = [house.start_worker() for _ in range(3)]
    for _ in range(3):  # the first look only makes the row
        await asyncio.gather(*(one.run_if_due() for one in workers))
    assert house.told() == ([["FlovifySilence begun"]], ["Flovify: No notification for 2 days"])


async def test_what_only_auth_knows_is_asked_and_its_silence_is_an_alert(house: House) -> None:
    house.hook.figures = {"flovify_tenants": [[["reconnect_required"], 2]]}
    for _ in range(2):
        await house.look(5 * MINUTE)
    assert house.told()[1] == ["Flovify: Accounts that must be connected again: 2"]
    house.hook.auth_status = 503
    await house.look(MINUTE)
    await house.look(4 * MINUTE)
    assert house.told() == NOTHING, "neither is auth away for long enough, nor is the other alert over"
    await house.look(MINUTE)
    assert house.told() == ([["FlovifyServiceDown begun"]], ["Flovify: Auth does not answer the worker"])
    house.hook.auth_status, house.hook.figures = 200, {}
    await house.look(MINUTE)
    assert house.told()[0] == [["FlovifyReconnectRequired ended", "FlovifyServiceDown ended"]]


async def test_the_api_s_own_word_of_the_disk_and_of_its_door_is_believed(house: House, tmp_path: Path) -> None:
    free = {"bytes": 900_000_000}
    guard = IntakeGuard(
        house.tables.pool, tmp_path, min_free_bytes=500_000_000, max_waiting=0, free_bytes=lambda _path: free["bytes"]
    )
    await guard.look()
    await house.look()
    await house.look(5 * MINUTE)
    assert house.told() == ([["FlovifyDiskLow begun"]], ["Flovify: 0.9 GB are left on the disk"])
    free["bytes"] = 400_000_000
    await guard.look()
    await house.look(MINUTE)
    await house.look(MINUTE)
    assert house.told() == ([["FlovifyIntakeClosed begun"]], ["Flovify: The intake is closed: the disk is nearly full"])
    await house.tables.owner.execute("UPDATE api.health_checks SET at = at - interval '2 minutes'")
    await house.look(MINUTE)
    assert house.told()[1] == ["Flovify: 2 over"], "what a dead process said last is not believed for long"
    free["bytes"] = 2_000_000_000
    await guard.look()
    checks = await house.tables.owner.fetch("SELECT name, ok FROM api.health_checks ORDER BY name")
    assert [(row["name"], row["ok"]) for row in checks] == [("disk", True), ("intake", True)]


async def test_a_rule_that_is_no_more_ends_its_alerts(house: House) -> None:
    await house.figures(flovify_silence_seconds=2 * DAY)
    await house.look()
    house.told()
    await house.tables.owner.execute("UPDATE api.alerts SET name = 'FlovifyOfOld'")
    await house.figures()
    await house.look(MINUTE)
    assert house.told()[0] == [["FlovifyOfOld ended"]]


async def test_with_nothing_set_there_is_no_task(house: House) -> None:
    nothing = SecretStr("")
    off = house.settings().model_copy(update={"flovify_alert_webhook_url": nothing, "flovify_alert_smtp_url": nothing})
    assert chores._alerts(off, cast("Deps", None), cast("Readings", None)) == ()
