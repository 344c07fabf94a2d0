"""Subscriptions as the console shows them, and what people do with them."""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flovify.api.audit.store import AuditLog
from flovify.api.messages.removal.store import RemovalStore
from flovify.api.messages.removal.work import RemovalWork
from flovify.common.db import Pool
from tests.integration.api_console import ground
from tests.integration.api_graph.running import Api
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/ms365/subscriptions"
GRAPH = "/v1.0/subscriptions"


async def read(api: Api, row_id: object) -> dict[str, Any]:
    answer = await api.call("GET", f"{PATH}/{row_id}", role="viewer")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def timeline(api: Api, row_id: object) -> list[tuple[str, str, int]]:
    answer = await api.call("GET", f"{PATH}/{row_id}/timeline", role="viewer")
    assert answer.status == 200, answer.body
    return [(item["kind"], item["outcome"], item["attempts"]) for item in answer.body["items"]]


async def test_each_state_has_its_word(api: Api, pool: Pool) -> None:
    now = datetime.now(UTC)
    tenant_id = ground.tenant(api.auth, "sales@contoso.example", display_name="Sales")
    columns: dict[str, dict[str, Any]] = {
        "active": {},
        "renewing": {"next_renewal_at": now - timedelta(minutes=1)},
        "expiring_soon": {
            "created_at": now - timedelta(days=6),
            "expires_at": now + timedelta(minutes=20),
            "next_renewal_at": now - timedelta(hours=1),
        },
        "reauthorization_needed": {"renewal_failures": 1, "last_error": "reconnect_required: sign in"},
        "removed_by_microsoft": {"status": "failed", "subscription_id": None, "lost_at": now},
        "expired": {"expires_at": now - timedelta(minutes=1)},
        "creation_failed": {"status": "failed", "subscription_id": None, "validation_ms": None},
        "creating": {"status": "creating", "subscription_id": None, "validation_ms": None},
    }
    ids = {
        word: await ground.subscription(pool, tenant_id, change_types=[f"kind-{word}"], resource=word, **given)
        for word, given in columns.items()
    }
    for word, row_id in ids.items():
        found = await read(api, row_id)
        assert found["state_word"] == word
        page = (await api.call("GET", f"{PATH}?status={word}", role="viewer")).body
        assert ([item["id"] for item in page["items"]], page["total"]) == ([str(row_id)], 1), word
    assert found["account"] == {
        "id": str(tenant_id), "display_name": "Sales", "account_email": "sales@contoso.example",
    }  # fmt: skip
    soon = (await api.call("GET", f"{PATH}?expiring_within_hours=1", role="viewer")).body["items"]
    assert {item["id"] for item in soon} == {str(ids["expiring_soon"]), str(ids["expired"])}
    assert (await api.call("GET", f"{PATH}?q=SALES", role="viewer")).body["total"] == 8
    assert (await api.call("GET", f"{PATH}?q=nobody", role="viewer")).body["total"] == 0
    assert (await api.call("GET", f"{PATH}?status=nonsense", role="viewer")).status == 422


async def test_an_unanswered_reauthorization_and_the_last_notification_are_shown(api: Api, pool: Pool) -> None:
    tenant_id = ground.tenant(api.auth)
    row_id = await ground.subscription(pool, tenant_id, created_at=datetime.now(UTC) - timedelta(days=1))
    heard = datetime.now(UTC) - timedelta(minutes=3)
    await ground.settled(pool, tenant_id, row_id, received_at=heard)
    asked = datetime.now(UTC) - timedelta(minutes=1)
    await ground.settled(
        pool, tenant_id, row_id, kind="lifecycle", change_type="reauthorizationRequired", outcome="renewal_failed",
        received_at=asked,
    )  # fmt: skip
    await ground.settled(pool, ground.tenant(api.auth), received_at=datetime.now(UTC))  # somebody else's
    found = await read(api, row_id)
    assert found["state_word"] == "reauthorization_needed"
    assert (found["last_lifecycle"]["kind"], found["last_lifecycle"]["outcome"]) == (
        "reauthorizationRequired", "renewal_failed",
    )  # fmt: skip
    assert datetime.fromisoformat(found["last_notification_at"]) == asked
    waiting = datetime.now(UTC)
    await ground.event(pool, tenant_id, row_id, received_at=waiting)
    assert datetime.fromisoformat((await read(api, row_id))["last_notification_at"]) == waiting


async def test_pages_are_complete_and_in_order(api: Api, pool: Pool) -> None:
    tenant_id = ground.tenant(api.auth)
    made = [await ground.subscription(pool, tenant_id, resource=f"r{number}") for number in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = (await api.call("GET", f"{PATH}?limit=2{after}", role="viewer")).body
        seen += [item["id"] for item in page["items"]]
        assert page["total"] == 5
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [str(row_id) for row_id in made]


async def test_the_timeline_tells_what_happened_in_order(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    assert made["validation_ms"] > 0
    assert made["state_word"] == "active"
    await api.call("POST", f"{PATH}/{made['id']}/renew", role="operator")
    assert (await read(api, made["id"]))["renewals"] == 1
    await api.sandbox.fault("PATCH", f"{GRAPH}/*", times=3, status=503)
    for _ in range(3):
        assert (await api.call("POST", f"{PATH}/{made['id']}/renew", role="operator")).status == 503
    assert (await read(api, made["id"]))["renewal_failures"] == 3
    await api.sandbox.graph(mailbox, "DELETE", f"/subscriptions/{made['subscription_id']}")
    again = await api.call("POST", f"{PATH}/{made['id']}/renew", role="operator")
    assert again.body["subscription_id"] != made["subscription_id"]
    assert again.body["renewal_failures"] == 0
    await api.call("DELETE", f"{PATH}/{made['id']}")
    kinds = await timeline(api, made["id"])
    assert kinds[0] == ("removed", "ok", 1)
    assert kinds[1:3] == [("recreated", "ok", 1), ("subscriptionRemoved", "noticed", 1)]
    # Each answer has a request id of its own; it is the same failure all the same.
    assert kinds[3:] == [("renewal_failed", "failed", 3), ("renewed", "ok", 1), ("created", "ok", 1)]
    assert (await api.call("GET", f"{PATH}/{uuid.uuid4()}/timeline", role="viewer")).status == 404


async def test_the_same_failure_again_is_counted_not_repeated(api: Api, pool: Pool) -> None:
    tenant_id = ground.tenant(api.auth)
    row_id = await ground.subscription(pool, tenant_id)
    api.auth.tenants[tenant_id].refusal = (409, "reconnect_required")
    for _ in range(4):
        assert (await api.call("POST", f"{PATH}/{row_id}/renew", role="operator")).status == 409
    assert await timeline(api, row_id) == [("renewal_failed", "failed", 4)]


async def test_recreating_makes_a_new_one_under_the_same_id(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    answer = await api.call("POST", f"{PATH}/{made['id']}/recreate", role="operator")
    assert answer.status == 200
    assert (answer.body["id"], answer.body["state_word"]) == (made["id"], "active")
    [at_graph] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert at_graph["id"] == answer.body["subscription_id"] != made["subscription_id"]
    assert (await timeline(api, made["id"]))[0] == ("recreated", "ok", 1)


async def test_a_refused_recreation_leaves_a_failed_row_that_is_tried_again(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await api.sandbox.fault("POST", GRAPH, times=1, status=403)
    assert (await api.call("POST", f"{PATH}/{made['id']}/recreate", role="operator")).status == 409
    failed = await read(api, made["id"])
    assert (failed["status"], failed["state_word"]) == ("failed", "removed_by_microsoft")
    assert failed["next_renewal_at"] is not None
    assert (await api.call("POST", f"{PATH}/{made['id']}/renew", role="operator")).body["state_word"] == "active"


async def test_several_are_renewed_each_with_its_own_result(api: Api) -> None:
    tenant, _ = await api.connect()
    good = await api.subscribe(tenant)
    other, _ = await api.connect()
    dead = await api.subscribe(other)
    api.deps.auth.forget(other)
    api.auth.tenants[other].refusal = (409, "reconnect_required")
    unknown = str(uuid.uuid4())
    body = {"ids": [good["id"], dead["id"], unknown, good["id"]]}
    answer = await api.call("POST", f"{PATH}/renew", body, role="operator")
    assert answer.status == 200
    results = {item["id"]: (item["ok"], item["outcome"], item["code"]) for item in answer.body["items"]}
    assert results == {
        good["id"]: (True, "renewed", None),
        dead["id"]: (False, "failed", "reconnect_required"),
        unknown: (False, "failed", "not_found"),
    }
    bad_bodies: list[dict[str, list[str]]] = [
        {"ids": []},
        {"ids": [str(uuid.uuid4()) for _ in range(101)]},
        {"ids": ["x"]},
        {},
    ]
    for bad in bad_bodies:
        assert (await api.call("POST", f"{PATH}/renew", bad, role="operator")).status == 422


async def test_what_people_do_is_audited_with_who_and_whence(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await api.call("POST", f"{PATH}/{made['id']}/renew", role="operator")
    await api.call("POST", f"{PATH}/renew", {"ids": [made["id"]]}, role="operator")
    await api.call("POST", f"{PATH}/{made['id']}/recreate", role="operator")
    await api.call("DELETE", f"{PATH}/{made['id']}")
    entries = (await api.call("GET", f"/api/audit?subject={made['id']}")).body["items"]
    assert [entry["action"] for entry in entries] == [
        "subscription.removed",
        "subscription.recreated",
        "subscription.renewed",
        "subscription.renewed",
        "subscription.created",
    ]
    assert {entry["actor"] for entry in entries} == {"a@b.example"}
    assert {entry["address"] for entry in entries} <= {"127.0.0.1", "::1"}
    assert all(entry["correlation_id"] for entry in entries)


async def test_roles(api: Api, pool: Pool) -> None:
    row_id = await ground.subscription(pool, ground.tenant(api.auth))
    for method, path, body in (
        ("POST", f"{PATH}/{row_id}/recreate", None),
        ("POST", f"{PATH}/renew", {"ids": [str(row_id)]}),
        ("POST", f"{PATH}/{row_id}/renew", None),
    ):
        assert (await api.call(method, path, body, role="viewer")).status == 403
    assert (await api.call("DELETE", f"{PATH}/{row_id}", role="operator")).status == 403
    assert (await api.call("GET", f"{PATH}/{row_id}/timeline", role=None)).status == 401
    assert (await read(api, row_id))["status"] == "active"


async def test_after_connecting_the_inbox_is_watched_by_itself(api: Api) -> None:
    tenant, mailbox = await api.connect()
    told = await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", {"subscribe": "inbox"})
    assert told.status == 202

    async def watched() -> bool:
        items = (await api.call("GET", f"{PATH}?tenant_id={tenant}", role="viewer")).body["items"]
        return [item["state_word"] for item in items] == ["active"]

    await until(watched, 20, "the subscription of the inbox")
    [at_graph] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert "mailFolders('inbox')/messages" in at_graph["resource"]
    again = await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", {"subscribe": "inbox"})
    assert again.status == 202
    await api.deps.tenants.close()
    assert len((await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]) == 1


async def test_a_refused_first_subscription_stays_and_is_shown(api: Api) -> None:
    tenant, _ = await api.connect()
    await api.sandbox.fault("POST", GRAPH, times=1, status=403)
    await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", {"subscribe": "inbox"})

    async def failed() -> dict[str, Any] | None:
        items = (await api.call("GET", f"{PATH}?tenant_id={tenant}", role="viewer")).body["items"]
        return items[0] if items and items[0]["status"] == "failed" else None

    shown = await until(failed, 20, "the failed subscription")
    assert shown["state_word"] == "creation_failed"
    assert shown["last_error"]
    assert await timeline(api, shown["id"]) == [("created_failed", "failed", 1)]
    account = (await api.call("GET", f"/api/accounts/{tenant}", role="viewer")).body
    assert (account["status"], account["action"]["kind"]) == ("failing", "renew")
    renewed = await api.call("POST", f"{PATH}/{shown['id']}/renew", role="operator")
    assert renewed.body["state_word"] == "active"


async def test_a_failure_has_its_reason_on_the_timeline_before_it_is_shown(api: Api, pool: Pool) -> None:
    tenant, _ = await api.connect()
    await api.sandbox.fault("POST", GRAPH, times=1, status=403)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE api.subscription_events IN ACCESS EXCLUSIVE MODE")
        await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", {"subscribe": "inbox"})

        async def noting() -> bool:
            waiting = (
                "SELECT count(*) FROM pg_locks WHERE relation = 'api.subscription_events'::regclass AND NOT granted"
            )
            return bool(await pool.fetchval(waiting))

        await until(noting, 20, "the failure being noted")
        [item] = (await api.call("GET", f"{PATH}?tenant_id={tenant}", role="viewer")).body["items"]
        assert item["status"] == "creating"
    await api.deps.tenants.close()
    [item] = (await api.call("GET", f"{PATH}?tenant_id={tenant}", role="viewer")).body["items"]
    assert item["status"] == "failed"


async def test_connected_without_a_wish_makes_nothing(api: Api) -> None:
    tenant, _ = await api.connect()
    for body in ({"subscribe": None}, {}):
        told = await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", body)
        assert told.status == 202
    await api.deps.tenants.close()
    assert (await api.call("GET", PATH, role="viewer")).body["total"] == 0
    wrong = await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", {"subscribe": "sent"})
    assert wrong.status == 422
    refused = await api.call_internal("POST", f"/api/internal/tenants/{tenant}/connected", {}, secret="wrong-secret")
    assert refused.status == 401


async def test_disconnecting_may_take_the_messages_along(api: Api, pool: Pool) -> None:
    tenant, _ = await api.connect()
    await api.subscribe(tenant)
    await ground.message(pool, tenant)
    kept = await ground.message(pool, uuid.uuid4())
    path = f"/api/internal/tenants/{tenant}?delete_messages=true"
    wish = {"label": "anna@contoso.com", "ordered_by": "admin@example.org"}
    answer = await api.call_internal("DELETE", path, wish)
    [order] = (await api.call("GET", "/api/removals", role="viewer")).body["items"]
    assert answer.body == {"removed": 1, "left_to_expire": [], "removal_id": order["id"]}
    assert order["tenant_id"] == str(tenant)
    assert {name: order[name] for name in wish} == wish
    # An auth of the version before says neither, and repeats itself.
    again = await api.call_internal("DELETE", path)
    assert again.body == {"removed": 0, "left_to_expire": [], "removal_id": order["id"]}
    await RemovalWork(pool, RemovalStore(pool), AuditLog(pool)).carry_out(asyncio.Event())
    assert [row["id"] for row in await pool.fetch("SELECT id FROM api.messages")] == [kept]
