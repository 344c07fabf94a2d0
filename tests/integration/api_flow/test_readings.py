"""The api's figures: what they count, and that one worker counts them for all."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass

import pytest
from prometheus_client.parser import text_string_to_metric_families

from flovify.api.coverage.breath import Breath
from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import open_gaps
from flovify.api.intake_log.models import to_row
from flovify.api.intake_log.store import append
from flovify.api.readings.figures import FIGURES
from flovify.api.readings.store import FigureReader
from flovify.api.system.store import SystemStore
from flovify.common.clock import SystemClock
from flovify.common.db import Pool, create_pool
from flovify.common.metrics import metrics_route
from flovify.common.readings.models import Reading
from flovify.common.readings.service import Readings
from flovify.common.readings.store import ReadingStore
from tests.integration.api_flow.house import Subscribed
from tests.integration.api_flow.queue_conformance import new_event
from tests.support.tables import Tables

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def figures(pool: Pool) -> dict[str, float]:
    values = await FigureReader(pool).take()
    reading = Reading(values, 0.0)
    names = [(name, labels) for name, by in values.items() for labels in by]
    return {" ".join((name, *labels)): round(reading.get(name, *labels) or 0.0) for name, labels in names}


async def test_an_installation_without_anything_counts_nothing(pool: Pool) -> None:
    found = await figures(pool)
    assert set(found.values()) == {0.0}
    assert {name.partition(" ")[0] for name in found} == {
        figure.name for figure in FIGURES if figure.name != "flovify_subscription_soonest_expiry_seconds"
    }


async def _wait(pool: Pool, tenant_id: uuid.UUID, seconds: int, state: str = "waiting") -> None:
    event = new_event(tenant_id)
    await pool.execute(
        "INSERT INTO api.inbox (id, tenant_id, provider, event_key, state, subscription_row_id, kind, correlation_id, "
        "due_at) VALUES ($1, $2, 'ms365', $3, $4, $1, 'change', $1, clock_timestamp() - make_interval(secs => $5))",
        event.id, tenant_id, event.event_key, state, seconds,
    )  # fmt: skip


async def test_the_queue_is_counted_and_a_mailbox_that_waits_is_told_apart(pool: Pool) -> None:
    blocked, served = uuid.uuid4(), uuid.uuid4()
    for tenant_id, seconds in ((blocked, 900), (blocked, 800), (served, 60), (served, -500)):
        await _wait(pool, tenant_id, seconds)
    await _wait(pool, served, 5000, "dead")
    await pool.execute(
        "INSERT INTO api.mailbox_leases (tenant_id, block_reason, blocked_until) VALUES ($1, 'forbidden', now())",
        blocked,
    )
    found = await figures(pool)
    assert found["flovify_queue_waiting_events"] == 4
    assert found["flovify_queue_dead_letters"] == 1
    assert found["flovify_queue_oldest_due_seconds"] == pytest.approx(900, abs=5)
    assert found["flovify_queue_oldest_served_due_seconds"] == pytest.approx(60, abs=5)
    assert found["flovify_mailboxes_blocked"] == 1
    await pool.execute("DELETE FROM api.inbox WHERE tenant_id = $1", blocked)
    found = await figures(pool)
    assert found["flovify_mailboxes_blocked"] == 0, "nothing waits for it any more"


async def test_what_the_worker_has_not_carried_yet_waits_too(pool: Pool) -> None:
    async with pool.acquire() as connection:
        await append(connection, [to_row(new_event(uuid.uuid4())) for _ in range(3)])
    await pool.execute("UPDATE api.intake_log SET received_at = received_at - interval '200 seconds'")
    found = await figures(pool)
    assert found["flovify_queue_waiting_events"] == found["flovify_intake_log_events"] == 3
    for name in ("flovify_queue_oldest_due_seconds", "flovify_queue_oldest_served_due_seconds"):
        assert found[name] == pytest.approx(200, abs=5)
    depth = await SystemStore(pool).depth()
    assert (depth.waiting, round(depth.oldest_seconds / 10)) == (3, 20)


async def test_subscriptions_gaps_and_workers_are_counted(pool: Pool) -> None:
    ones = [await Subscribed().insert(pool) for _ in range(3)]
    await pool.execute("UPDATE api.webhook_subscriptions SET status = 'failed', renewal_failures = 2 WHERE id = $1",
                       ones[0].row_id)  # fmt: skip
    await pool.execute(
        "UPDATE api.webhook_subscriptions SET expires_at = now() + interval '2 hours' WHERE id = $1", ones[1].row_id
    )
    async with pool.acquire() as connection:
        await open_gaps(connection, Risk.SILENCE, rows=[ones[2].row_id])
    await pool.execute(
        "INSERT INTO api.workers (name, clock_at, version, in_flight, last_seen_at) "
        "VALUES ('a', now(), '1', 0, now()), ('b', now(), '1', 0, now() - interval '1 minute')"
    )
    found = await figures(pool)
    states = {status: found[f"flovify_subscriptions {status}"] for status in ("creating", "active", "failed")}
    assert states == {"creating": 0, "active": 2, "failed": 1}
    assert found["flovify_subscriptions_failing"] == 1
    assert found["flovify_subscription_soonest_expiry_seconds"] == pytest.approx(7200, abs=5)
    assert found["flovify_coverage_gaps_open"] == 1
    assert found["flovify_workers"] == 1


async def test_silence_counts_from_the_last_notification_or_the_first_subscription(pool: Pool) -> None:
    one = await Subscribed().insert(pool)
    await pool.execute("UPDATE api.webhook_subscriptions SET created_at = now() - interval '3 hours'")
    assert (await figures(pool))["flovify_silence_seconds"] == pytest.approx(3 * 3600, abs=5)
    heard = await pool.fetchval("SELECT now() - interval '1 hour'")
    await Breath(pool, lambda: heard).breathe()
    assert (await figures(pool))["flovify_silence_seconds"] == pytest.approx(3600, abs=5)
    older = await pool.fetchval("SELECT now() - interval '2 hours'")
    await Breath(pool, lambda: older).breathe()
    assert (await figures(pool))["flovify_silence_seconds"] == pytest.approx(3600, abs=5), "another process heard it"
    await pool.execute("UPDATE api.webhook_subscriptions SET status = 'failed' WHERE id = $1", one.row_id)
    assert (await figures(pool))["flovify_silence_seconds"] == 0


@dataclass
class Counted:
    times: int = 0

    async def take(self) -> dict[str, dict[tuple[str, ...], float]]:
        self.times += 1
        return {"flovify_queue_dead_letters": {(): 7.0}, "flovify_subscriptions": {("active",): 2.0}}


async def exposed(readings: Readings) -> dict[str, float]:
    answer = await metrics_route(readings.families).endpoint(None)
    families = text_string_to_metric_families(answer.body.decode())
    return {
        " ".join((sample.name, *sample.labels.values())): sample.value for one in families for sample in one.samples
    }


async def test_ten_workers_count_once_and_all_show_it(pool: Pool) -> None:
    counted = Counted()
    workers = [Readings(ReadingStore(pool, "api"), SystemClock(), FIGURES) for _ in range(10)]
    tasks = [one.task(pool, counted.take) for one in workers]
    for _ in range(3):  # the first look only makes the row
        await asyncio.gather(*(task.run_if_due() for task in tasks))
    assert counted.times == 1
    for one in workers:
        found = await exposed(one)
        assert found["flovify_queue_dead_letters"] == 7
        assert found["flovify_subscriptions active"] == 2
        assert 0 <= found["flovify_readings_age_seconds api"] < 5


async def test_before_the_first_reading_nothing_is_shown(pool: Pool) -> None:
    found = await exposed(Readings(ReadingStore(pool, "api"), SystemClock(), FIGURES))
    assert not {name for name in found if name.startswith(("flovify_queue", "flovify_readings"))}


async def test_while_the_database_is_away_the_last_reading_is_shown_and_gets_older(pool: Pool, tables: Tables) -> None:
    class Clock(SystemClock):
        def monotonic(self) -> float:
            return super().monotonic() + shift

    shift = 0.0
    own = await create_pool(tables.database.api_dsn, application_name="test")
    readings = Readings(ReadingStore(own, "api"), Clock(), FIGURES)
    await ReadingStore(pool, "api").put(await Counted().take())
    await exposed(readings)
    own.terminate()
    shift = 300.0
    found = await exposed(readings)
    assert found["flovify_queue_dead_letters"] == 7
    assert found["flovify_readings_age_seconds api"] > 300
