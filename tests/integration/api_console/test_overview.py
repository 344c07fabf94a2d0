"""`GET /api/overview`: the first page."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flovify import __version__
from flovify.api.system.store import SystemStore
from flovify.common.db import Pool
from tests.integration.api_console import ground
from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/overview"


async def overview(api: Api, query: str = "") -> dict[str, Any]:
    answer = await api.call("GET", PATH + query, role="viewer")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def worker(pool: Pool, **columns: Any) -> None:
    values = {"name": "host:1", "last_seen_at": datetime.now(UTC), "clock_at": datetime.now(UTC), **columns}
    await pool.execute(
        "INSERT INTO api.workers (name, last_seen_at, clock_at, version, in_flight) VALUES ($1, $2, $3, $4, 2)",
        values["name"],
        values["last_seen_at"],
        values["clock_at"],
        values.get("version", __version__),
    )


def health(body: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["state"] for item in body["health"]}


async def test_nothing_connected_yet(api: Api, pool: Pool) -> None:
    await worker(pool)
    body = await overview(api)
    assert body["sentence"] == {
        "level": "ok", "text": "Nothing connected yet.", "link": "/admin/tenants?connect=1",
    }  # fmt: skip
    assert body["attention"] == []
    assert body["cards"]["accounts"] == {"connected": 0, "needing_action": 0}
    assert body["cards"]["delay_p95_seconds"] is None
    assert len(body["series"]["buckets"]) == 48
    assert all(bucket["stored"] == 0 and bucket["delay_p95"] is None for bucket in body["series"]["buckets"])
    assert [item["id"] for item in body["checklist"]] == ["connect", "message", "trace", "break", "replay", "own"]
    assert not any(item["done"] for item in body["checklist"])
    assert health(body) == {
        "api": "ok", "auth": "ok", "public_url": "unknown", "intake": "ok", "workers": "ok", "queue": "ok",
        "graph": "unknown", "database": "ok", "clock": "ok",
    }  # fmt: skip


async def test_all_accounts_work(api: Api, pool: Pool) -> None:
    await worker(pool)
    for _ in range(2):
        tenant_id = ground.tenant(api.auth)
        await ground.subscription(pool, tenant_id)
        await ground.message(pool, tenant_id, datetime.now(UTC) - timedelta(seconds=40))
    body = await overview(api)
    assert body["sentence"]["level"] == "ok"
    assert body["sentence"]["text"].startswith("All 2 accounts are working. Last message 4")
    assert body["sentence"]["text"].endswith("seconds ago.")
    assert (body["cards"]["messages_24h"], body["cards"]["subscriptions"]["active"]) == (2, 2)
    assert body["cards"]["messages_per_hour"][23] == 2
    assert {item["id"] for item in body["checklist"] if item["done"]} == {"connect", "message"}


async def test_what_needs_somebody_comes_first_the_worst_before_the_rest(api: Api, pool: Pool) -> None:
    await worker(pool)
    soon = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    good = ground.tenant(api.auth, app_credential_expires_at=soon, registration_id=str(uuid.uuid4()))
    await ground.subscription(pool, good)
    for _ in range(5):
        waiting = ground.tenant(api.auth, status="reconnect_required", status_reason={"error": "invalid_grant"})
        await ground.subscription(pool, waiting)
    failing = ground.tenant(api.auth, display_name="Broken")
    await ground.subscription(pool, failing)
    await ground.blocked(pool, failing, "mailbox_unsupported")
    await ground.dead_letter(pool, good)
    body = await overview(api)
    assert body["sentence"] == {
        "level": "error",
        "text": "7 of 7 accounts need you.",
        "link": "/admin/tenants?attention=true",
    }
    kinds = [(item["kind"], item["level"]) for item in body["attention"]]
    assert kinds[:2] == [("account.blocked", "error"), ("credential", "error")]
    assert set(kinds[2:]) == {
        ("account.sign_in_required", "warning"), ("account.degraded", "warning"), ("dead_letters", "warning"),
    }  # fmt: skip
    texts = {item["kind"]: item["text"] for item in body["attention"]}
    assert texts["account.sign_in_required"] == "5 accounts wait for their owners to sign in again"
    assert texts["account.blocked"] == "Broken: blocked"
    assert texts["dead_letters"] == "1 dead letter"
    assert texts["credential"] == "An app registration's secret or certificate ends in 2 days"
    assert body["dead_by_cause"][0]["reason"] == "bad_request"
    assert body["dead_by_cause"][0]["words"] != "bad_request"


async def test_a_bucket_has_what_was_stored_in_it_with_its_delays(api: Api, pool: Pool) -> None:
    now = datetime.now(UTC)
    tenant_id = uuid.uuid4()
    for delay in (1, 2, 3, 4, 100):
        await ground.settled(
            pool, tenant_id, processed_at=now - timedelta(hours=2), received_at=now - timedelta(hours=2, seconds=delay)
        )
    await ground.settled(pool, tenant_id, outcome="skipped", processed_at=now - timedelta(hours=2))
    await ground.dead_letter(pool, tenant_id, died_at=now - timedelta(hours=5))
    await ground.event(pool, tenant_id, received_at=now - timedelta(hours=1), last_error_at=now, last_error="503")
    for query, seconds, count in (
        ("", 1800, 48),
        ("?period=7d", 21_600, 28),
        ("?period=30d&tz=Asia/Tokyo", 86_400, 30),
    ):
        series = (await overview(api, query))["series"]
        assert (series["bucket_seconds"], len(series["buckets"])) == (seconds, count)
        full = [bucket for bucket in series["buckets"] if bucket["stored"]]
        assert [bucket["stored"] for bucket in full] == [5]
        assert (full[0]["delay_p50"], full[0]["delay_p95"]) == (3.0, pytest.approx(80.8))
        begins = datetime.fromisoformat(full[0]["at"])
        assert begins <= now - timedelta(hours=2) < begins + timedelta(seconds=seconds)
        assert sum(bucket["dead"] for bucket in series["buckets"]) == 1
        assert sum(bucket["retrying"] for bucket in series["buckets"]) == 1
    assert sum(bucket["stored"] for bucket in (await overview(api, "?period=1h"))["series"]["buckets"]) == 0
    assert (await overview(api))["cards"]["delay_p95_seconds"] == pytest.approx(80.8)


async def test_a_closed_intake_stands_first_until_it_says_otherwise(api: Api, pool: Pool) -> None:
    store = SystemStore(pool)
    await store.note_check("intake", ok=False, detail="The disk is nearly full.")
    body = await overview(api)
    assert health(body)["intake"] == "failed"
    assert [item["kind"] for item in body["attention"]].count("system.intake") == 1
    await pool.execute("UPDATE api.health_checks SET at = at - interval '2 minutes' WHERE name = 'intake'")
    assert health(await overview(api))["intake"] == "ok", "what a dead process said last is not believed for long"
    await store.note_check("intake", ok=True, detail="Notifications are taken.")
    assert health(await overview(api))["intake"] == "ok"


async def test_days_begin_at_midnight_of_the_asked_zone(api: Api) -> None:
    for zone, hour in (("Asia/Tokyo", 15), ("UTC", 0), ("Asia/Kathmandu", 18)):
        buckets = (await overview(api, f"?period=30d&tz={zone}"))["series"]["buckets"]
        assert {datetime.fromisoformat(bucket["at"]).hour for bucket in buckets} == {hour}
    wrong = await api.call("GET", f"{PATH}?tz=Mars/Olympus", role="viewer")
    assert (wrong.status, wrong.body["code"]) == (422, "invalid_request")
    assert (await api.call("GET", f"{PATH}?tz=../../etc/passwd", role="viewer")).status == 422
    assert (await api.call("GET", f"{PATH}?period=1y", role="viewer")).status == 422


async def test_without_a_worker_that_is_the_first_thing_said(api: Api, pool: Pool) -> None:
    await worker(pool, last_seen_at=datetime.now(UTC) - timedelta(minutes=1))
    body = await overview(api)
    assert body["sentence"] == {
        "level": "error", "text": "No worker is running: messages wait in the queue.", "link": "/settings/system",
    }  # fmt: skip
    assert health(body)["workers"] == "failed"
    assert body["attention"][0]["kind"] == "system.workers"


async def test_a_wrong_clock_another_version_and_a_late_queue_are_seen(api: Api, pool: Pool) -> None:
    now = datetime.now(UTC)
    await worker(pool, clock_at=now + timedelta(seconds=30), version="0.0.9")
    await ground.event(pool, uuid.uuid4(), due_at=now - timedelta(minutes=3))
    body = await overview(api)
    found = health(body)
    assert (found["clock"], found["workers"], found["queue"]) == ("warning", "warning", "warning")
    assert {item["kind"] for item in body["attention"]} == {"system.queue", "system.clock"}
    detail = next(item["detail"] for item in body["health"] if item["name"] == "queue")
    assert detail.startswith("1 waiting; the oldest is due since 3 m")


async def test_while_auth_is_away_the_rest_is_told(api: Api, pool: Pool) -> None:
    await worker(pool)
    await ground.dead_letter(pool, uuid.uuid4())
    api.auth.list_refusal = (503, "unavailable")
    body = await overview(api)
    assert body["sentence"]["level"] == "error"
    assert body["sentence"]["text"].startswith("The auth service does not answer.")
    assert body["cards"]["accounts"] is None
    assert body["cards"]["dead_letters"] == 1
    assert health(body)["auth"] == "failed"
    api.auth.list_refusal = None
    api.deps.directory.expire()
    ground.tenant(api.auth)
    assert (await overview(api))["stale_since"] is None
    await api.auth.stop()
    api.deps.directory.expire()
    stale = await overview(api)
    assert stale["stale_since"] is not None
    assert stale["cards"]["accounts"]["connected"] == 1
    assert stale["attention"][0]["kind"] == "system.auth"


async def test_graph_being_down_or_throttling_is_seen(api: Api, pool: Pool) -> None:
    now = datetime.now(UTC)
    tenant_id = uuid.uuid4()
    await ground.settled(pool, tenant_id, processed_at=now - timedelta(minutes=5))
    assert health(await overview(api))["graph"] == "ok"
    await ground.event(pool, tenant_id, last_error="503 serviceNotAvailable down", last_error_at=now)
    assert health(await overview(api))["graph"] == "warning"
    await ground.blocked(pool, tenant_id, "unavailable")
    body = await overview(api)
    assert health(body)["graph"] == "failed"
    assert any(item["kind"] == "system.graph" for item in body["attention"])
    await ground.settled(pool, tenant_id)
    await pool.execute("UPDATE api.mailbox_leases SET block_reason = NULL")
    assert health(await overview(api))["graph"] == "ok"


async def test_a_viewer_may_look_and_nobody_else(api: Api) -> None:
    assert (await api.call("GET", PATH, role=None)).status == 401
    assert (await api.call("GET", PATH, role="nobody")).status == 403
