"""The sandbox panel against a real sandbox: each kind is broken, seen, and undone."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flovify.api.queue.models import new_event_id
from flovify.api.queue.store import PostgresQueue
from flovify.api.worker.process import Processor
from flovify.common.db import Pool
from tests.integration.api_console import ground
from tests.integration.api_graph.running import Api, Mailbox
from tests.support.intake_log import carry_all
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/sandbox"
BREAKAGES = f"{PATH}/breakages"
SUBSCRIPTIONS = "/api/ms365/subscriptions"


async def state(api: Api) -> dict[str, Any]:
    answer = await api.call("GET", PATH, role="viewer")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def break_it(api: Api, kind: str, account: uuid.UUID | None = None) -> dict[str, Any]:
    body = {"kind": kind, "account_id": str(account) if account else None}
    answer = await api.call("POST", BREAKAGES, body, role="operator")
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.body
    assert [item["id"] for item in (await state(api))["breakages"]] == [made["id"]]
    return made


async def undo(api: Api, made: dict[str, Any]) -> dict[str, Any]:
    answer = await api.call("DELETE", f"{BREAKAGES}/{made['id']}", role="operator")
    assert answer.status == 200, answer.body
    assert (await state(api))["breakages"] == []
    body: dict[str, Any] = answer.body
    return body


async def send(api: Api, mailbox: Mailbox, **more: Any) -> dict[str, Any]:
    answer = await api.call("POST", f"{PATH}/messages", {"address": mailbox.address, **more}, role="operator")
    assert answer.status == 201, answer.body
    body: dict[str, Any] = answer.body
    return body


async def announced(pool: Pool, tenant: uuid.UUID, count: int = 1) -> None:
    """Wait until the sandbox's notifications of the account are in the queue."""

    async def there() -> bool:
        await carry_all(pool)
        return int(await pool.fetchval("SELECT count(*) FROM api.inbox WHERE tenant_id = $1", tenant)) >= count

    await until(there, 20, f"{count} notifications")


async def work(api: Api) -> None:
    """As much as a worker does now."""
    queue = PostgresQueue(api.deps.pool)
    processor = Processor(queue, api.deps.auth, api.deps.providers, api.deps.subscriptions, api.deps.clock)
    await carry_all(api.deps.pool)
    while (lease := await queue.take("worker", 30)) is not None:
        await processor.process(lease)


async def stored(pool: Pool, tenant: uuid.UUID) -> int:
    return int(await pool.fetchval("SELECT count(*) FROM api.messages WHERE tenant_id = $1", tenant))


async def account(api: Api, tenant: uuid.UUID) -> dict[str, Any]:
    body: dict[str, Any] = (await api.call("GET", f"/api/accounts/{tenant}", role="viewer")).body
    return body


async def test_the_panel_shows_mailboxes_kinds_and_where_mail_goes(api: Api) -> None:
    tenant, mailbox = await api.connect()
    shown = await state(api)
    connected = {item["address"]: item["tenant_id"] for item in shown["mailboxes"]}
    assert connected[mailbox.address] == str(tenant)
    assert connected["support@fabrikam.example"] is None
    assert {kind["kind"]: kind["needs_account"] for kind in shown["kinds"]} == {
        "throttle": True, "drop_notifications": True, "expire_subscription": True, "remove_subscription": True,
        "revoke_consent": True, "poison_message": True, "graph_down": False,
    }  # fmt: skip
    assert shown["smtp"]["port"] > 0


async def test_a_test_message_arrives_with_what_was_asked_for(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    sent = await send(api, mailbox, subject="Grüße \u2603", text="plain", html="<b>rich</b>", attachment=True)
    await announced(pool, tenant)
    await work(api)
    row = await pool.fetchrow("SELECT * FROM api.messages WHERE tenant_id = $1", tenant)
    assert row is not None
    assert (row["subject"], row["internet_message_id"]) == ("Grüße \u2603", sent["internet_message_id"])
    assert row["has_attachments"]
    assert "rich" in row["body_html"]
    plain = await send(api, mailbox)
    assert plain["internet_message_id"].endswith("@sandbox.example>")


async def test_what_cannot_be_sent_is_refused(api: Api) -> None:
    gone = await api.call("POST", f"{PATH}/messages", {"address": "no@body.example"}, role="operator")
    assert (gone.status, gone.body["code"]) == (404, "not_found")
    for bad in ({"address": "a@b.example", "subject": "x\r\nBcc: y@z.example"}, {"address": "a\nb@c.example"}, {}):
        assert (await api.call("POST", f"{PATH}/messages", bad, role="operator")).status == 422, bad


async def test_throttling(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    made = await break_it(api, "throttle", tenant)
    await send(api, mailbox)
    await announced(pool, tenant)
    await work(api)
    shown = await account(api, tenant)
    assert (shown["status"], shown["lights"]["processing"]["state"]) == ("degraded", "warning")
    assert "429" in shown["cause"]
    assert shown["mailbox_wait"]["reason"] == "throttled"
    assert await stored(pool, tenant) == 0
    again = await api.call("POST", BREAKAGES, {"kind": "throttle", "account_id": str(tenant)}, role="operator")
    assert (again.status, again.body["code"]) == (409, "already_broken")
    await undo(api, made)
    await work(api)
    assert await stored(pool, tenant) == 1
    assert (await account(api, tenant))["status"] == "connected"


async def test_graph_down(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    made = await break_it(api, "graph_down")
    await send(api, mailbox)
    await announced(pool, tenant)
    await work(api)
    assert (await account(api, tenant))["lights"]["processing"]["state"] == "failed"
    health = (await api.call("GET", "/api/overview", role="viewer")).body["health"]
    assert next(item["state"] for item in health if item["name"] == "graph") == "failed"
    await undo(api, made)
    await work(api)
    assert await stored(pool, tenant) == 1
    assert await pool.fetchval("SELECT count(*) FROM api.inbox WHERE state = 'dead'") == 0


async def test_dropped_notifications_are_lost_until_undone(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    made = await break_it(api, "drop_notifications", tenant)
    await send(api, mailbox)
    undone = await undo(api, made)
    assert "Sync now" in undone["detail"]
    assert undone["link"] == f"/admin/tenants/{tenant}"
    await send(api, mailbox)
    await announced(pool, tenant)
    await work(api)
    assert await stored(pool, tenant) == 1, "only what came after"


async def test_an_expired_subscription(api: Api) -> None:
    tenant, mailbox = await api.connect()
    before = await api.subscribe(tenant)
    made = await break_it(api, "expire_subscription", tenant)
    assert (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"] == []
    shown = (await api.call("GET", f"{SUBSCRIPTIONS}/{before['id']}", role="viewer")).body
    assert shown["state_word"] == "expired"
    assert (await account(api, tenant))["status"] == "failing"
    await undo(api, made)
    after = (await api.call("GET", f"{SUBSCRIPTIONS}/{before['id']}", role="viewer")).body
    assert after["state_word"] == "active"
    [at_graph] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert at_graph["id"] == after["subscription_id"]


async def test_a_removed_subscription_heals_by_itself(api: Api, pool: Pool) -> None:
    tenant, _ = await api.connect()
    before = await api.subscribe(tenant)
    await break_it(api, "remove_subscription", tenant)
    await announced(pool, tenant)
    await work(api)
    assert (await state(api))["breakages"] == []
    after = (await api.call("GET", f"{SUBSCRIPTIONS}/{before['id']}", role="viewer")).body
    assert after["state_word"] == "active"
    assert after["subscription_id"] != before["subscription_id"]
    assert after["last_lifecycle"]["kind"] == "subscriptionRemoved"
    kinds = [
        item["kind"]
        for item in (await api.call("GET", f"{SUBSCRIPTIONS}/{before['id']}/timeline", role="viewer")).body["items"]
    ]
    assert "subscriptionRemoved" in kinds
    assert "recreated" in kinds


async def test_a_poisoned_message_becomes_a_dead_letter_and_the_next_does_not(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    await break_it(api, "poison_message", tenant)
    await send(api, mailbox)
    await announced(pool, tenant)
    for _ in range(3):
        await work(api)
        await pool.execute("UPDATE api.inbox SET due_at = clock_timestamp()")
    dead = await pool.fetchrow("SELECT reason, last_error FROM api.inbox WHERE state = 'dead'")
    assert dead is not None
    assert (dead["reason"], "poisoned" in dead["last_error"]) == ("bad_request", True)
    assert (await state(api))["breakages"] == [], "it was used up"
    assert (await account(api, tenant))["status"] == "degraded"
    await send(api, mailbox)
    await announced(pool, tenant, 2)
    await work(api)
    assert await stored(pool, tenant) == 1


async def test_unused_poison_is_taken_away(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    await undo(api, await break_it(api, "poison_message", tenant))
    await send(api, mailbox)
    await announced(pool, tenant)
    await work(api)
    assert await stored(pool, tenant) == 1


async def test_revoked_consent_ends_the_token_and_asks_auth_at_once(api: Api) -> None:
    tenant, mailbox = await api.connect()
    asked = len(api.auth.asked)
    made = await break_it(api, "revoke_consent", tenant)
    assert (await api.sandbox.graph(mailbox, "GET", "/me")).status == 401
    assert api.auth.asked[asked:][-1]["force_refresh"] is True, "auth finds out now, not at the next refresh"
    undone = await undo(api, made)
    assert "reconnect" in undone["detail"].lower()
    assert undone["link"] == f"/admin/tenants/{tenant}"


async def test_a_fault_that_the_sandbox_forgot_is_put_back(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await break_it(api, "throttle", tenant)
    await api.sandbox.clear_faults()
    assert [item["id"] for item in (await state(api))["breakages"]] == [made["id"]]
    path = f"/users/{mailbox.object_id}/messages/x"
    assert (await api.sandbox.graph(mailbox, "GET", path)).status == 429
    await undo(api, made)
    assert (await api.sandbox.graph(mailbox, "GET", path)).status in (400, 404)


async def test_a_breakage_of_a_disconnected_account_is_struck_off(api: Api) -> None:
    tenant, _ = await api.connect()
    await break_it(api, "throttle", tenant)
    del api.auth.tenants[tenant]
    api.deps.directory.expire()
    assert (await state(api))["breakages"] == []


async def test_what_cannot_be_broken_is_refused(api: Api) -> None:
    tenant, _ = await api.connect()
    cases = [
        ({"kind": "throttle"}, 422, "invalid_request"),
        ({"kind": "graph_down", "account_id": str(tenant)}, 422, "invalid_request"),
        ({"kind": "nonsense"}, 422, "invalid_request"),
        ({"kind": "throttle", "account_id": str(uuid.uuid4())}, 404, "tenant_not_found"),
        ({"kind": "expire_subscription", "account_id": str(tenant)}, 409, "no_subscription"),
    ]
    for body, status, code in cases:
        answer = await api.call("POST", BREAKAGES, body, role="operator")
        assert (answer.status, answer.body["code"]) == (status, code), body
    assert (await state(api))["breakages"] == []
    assert (await api.call("DELETE", f"{BREAKAGES}/{uuid.uuid4()}", role="operator")).status == 404


async def test_it_is_audited_and_needs_an_operator(api: Api) -> None:
    tenant, mailbox = await api.connect()
    await send(api, mailbox)
    await undo(api, await break_it(api, "throttle", tenant))
    entries = (await api.call("GET", "/api/audit?q=sandbox.")).body["items"]
    assert [entry["action"] for entry in entries] == ["sandbox.undone", "sandbox.throttle", "sandbox.message_sent"]
    steps = (await api.call("GET", "/api/overview", role="viewer")).body["checklist"]
    assert next(item["done"] for item in steps if item["id"] == "break") is True
    for method, path, body in (
        ("POST", f"{PATH}/messages", {"address": mailbox.address}),
        ("POST", BREAKAGES, {"kind": "graph_down"}),
        ("DELETE", f"{BREAKAGES}/{uuid.uuid4()}", None),
    ):
        assert (await api.call(method, path, body, role="viewer")).status == 403
    assert (await api.call("GET", PATH, role=None)).status == 401


async def test_where_microsoft_is_configured_there_is_no_panel(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.deps.sandbox, "_tools", None)
    for method, path, body in (
        ("GET", PATH, None),
        ("POST", f"{PATH}/messages", {"address": "sales@contoso.example"}),
        ("POST", BREAKAGES, {"kind": "graph_down"}),
        ("DELETE", f"{BREAKAGES}/{uuid.uuid4()}", None),
    ):
        answer = await api.call(method, path, body, role="operator")
        assert (answer.status, answer.body["code"]) == (404, "no_sandbox")


async def test_events_are_found_by_every_id_they_are_known_by(api: Api, pool: Pool) -> None:
    tenant, mailbox = await api.connect()
    await api.subscribe(tenant)
    await send(api, mailbox)
    await announced(pool, tenant)
    await work(api)
    message = await pool.fetchrow("SELECT id, provider_message_id, correlation_id FROM api.messages")
    assert message is not None
    request_id = "0f1e2d3c-aaaa-4000-8000-00000000beef"
    failed = await ground.dead_letter(pool, tenant, last_error=f"400 Bad (request-id {request_id})")
    other = await ground.settled(pool, uuid.uuid4(), kind="lifecycle", change_type="missed")
    for q in (message["id"], message["provider_message_id"], message["correlation_id"]):
        found = (await api.call("GET", f"/api/events?q={q}", role="viewer")).body["items"]
        assert [item["message_id"] for item in found] == [message["provider_message_id"]], q
        assert found[0]["account_email"] == mailbox.address
    by_request = (await api.call("GET", f"/api/events?q={request_id}", role="viewer")).body["items"]
    assert [item["id"] for item in by_request] == [str(failed)]
    lifecycle = (await api.call("GET", "/api/events?kind=lifecycle", role="viewer")).body["items"]
    assert [(item["id"], item["account_email"]) for item in lifecycle] == [(str(other), None)]
    assert (await api.call("GET", "/api/events?q=%25", role="viewer")).body["items"] == []
    assert (await api.call("GET", f"/api/events?q={new_event_id()}", role="viewer")).body["items"] == []

    [listed] = (await api.call("GET", f"/api/events?q={message['id']}", role="viewer")).body["items"]
    detail = (await api.call("GET", f"/api/events/{listed['id']}", role="viewer")).body
    assert detail["stored_message_id"] == str(message["id"])
    assert detail["item"]["changeType"] == "created"
    assert detail["item"]["clientState"] == "***"
    dead = (await api.call("GET", f"/api/events/{failed}", role="viewer")).body
    assert (dead["state"], dead["stored_message_id"]) == ("dead", None)
    assert (await api.call("GET", f"/api/events/{uuid.uuid4()}", role="viewer")).status == 404
