"""Testing a connection, against the sandbox, through the running api."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import pytest

from tests.integration.api_graph.fake_auth import SECRET
from tests.integration.api_graph.running import SCOPES, Api, Mailbox
from tests.support.intake_log import carry_all
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
STEPS = ["token", "mailbox_read", "subscription_create", "validation", "notification", "subscription_remove"]
SUBSCRIPTIONS = "/v1.0/subscriptions"
DRAFTS = "/v1.0/users/*/mailFolders/inbox/messages"
WRITING = f"{SCOPES} Mail.ReadWrite"
MAIL = b"From: a@fabrikam.example\r\nSubject: provoked\r\n\r\nhello\r\n"


async def check(api: Api, tenant: uuid.UUID) -> dict[str, dict[str, Any]]:
    """All lines by step; the last one under `done`."""
    answer = await api.call("POST", f"/api/tenants/{tenant}/test", role="operator")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/x-ndjson")
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert [line.get("step") for line in lines] == [*STEPS, None]
    return {line.get("step", "done"): line for line in lines}


async def left_at_microsoft(api: Api, mailbox: Mailbox) -> list[Any]:
    listed: list[Any] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    return listed


async def rows(api: Api) -> int:
    count: int = await api.deps.pool.fetchval("SELECT count(*) FROM api.connection_checks")
    return count


async def test_a_good_connection_passes_and_nothing_stays(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant, resource="inbox", change_types=["created"])
    lines = await check(api, tenant)
    assert lines["done"] == {"done": True, "ok": True}
    assert {step: lines[step]["status"] for step in STEPS} == {**dict.fromkeys(STEPS, "ok"), "notification": "skipped"}
    assert lines["notification"]["code"] == "permission_not_granted"
    assert "Mail.ReadWrite" in lines["notification"]["words"]
    assert lines["token"]["details"]["mailbox"] == mailbox.address
    assert all(isinstance(lines[step]["ms"], int) for step in STEPS)
    assert [item["id"] for item in await left_at_microsoft(api, mailbox)] == [made["subscription_id"]]
    await until(lambda: _none_left(api), what="the check's row gone")
    assert mailbox.token not in str(lines)


async def _none_left(api: Api) -> bool:
    return await rows(api) == 0


async def test_the_provoked_notification_is_seen_and_is_no_event(api: Api) -> None:
    tenant, mailbox = await api.connect(WRITING)
    await api.sandbox.fault("POST", DRAFTS, times=1, status=201, body={"id": "no-such-draft"})
    running = asyncio.create_task(check(api, tenant))
    await until(lambda: api.sandbox.requests("POST", DRAFTS.replace("*", mailbox.object_id)), what="the draft")
    await api.sandbox.deliver(mailbox, MAIL)
    lines = await running
    assert (lines["notification"]["status"], lines["done"]["ok"]) == ("ok", True), lines
    assert await left_at_microsoft(api, mailbox) == []
    assert await carry_all(api.deps.pool) == 0


async def test_a_draft_of_our_own_provokes_it_and_is_taken_away(api: Api) -> None:
    tenant, mailbox = await api.connect(WRITING)
    lines = await check(api, tenant)
    assert {lines[step]["status"] for step in STEPS} == {"ok"}, lines
    assert lines["done"]["ok"] is True
    found = await api.sandbox.graph(mailbox, "GET", "/me/mailFolders/inbox/messages")
    assert found.body["value"] == []
    assert await left_at_microsoft(api, mailbox) == []


async def test_a_notification_that_does_not_come_is_a_failure(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, mailbox = await api.connect(WRITING)
    monkeypatch.setattr(api.deps.checks, "notification_seconds", 0.2)
    await api.sandbox.fault("POST", DRAFTS, times=1, status=201, body={"id": "no-such-draft"})
    lines = await check(api, tenant)
    assert (lines["notification"]["status"], lines["notification"]["code"]) == ("failed", "notification_missing")
    assert lines["done"]["ok"] is False
    assert lines["subscription_remove"]["status"] == "ok"
    assert await left_at_microsoft(api, mailbox) == []


async def test_a_draft_that_cannot_be_removed_keeps_nothing_else(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, mailbox = await api.connect()
    api.auth.tenants[tenant].scopes = ("Mail.ReadWrite",)  # granted once, and withdrawn since
    monkeypatch.setattr(api.deps.checks, "notification_seconds", 0.2)
    await api.sandbox.fault("POST", DRAFTS, times=1, status=201, body={"id": "no-such-draft"})
    lines = await check(api, tenant)
    assert (lines["subscription_remove"]["status"], lines["subscription_remove"]["code"]) == (
        "failed",
        "mailbox_access_denied",
    )
    assert await left_at_microsoft(api, mailbox) == []


async def test_what_was_made_is_removed_when_the_caller_goes_away(api: Api) -> None:
    tenant, mailbox = await api.connect(WRITING)
    await api.sandbox.fault("POST", DRAFTS, times=1, status=201, body={"id": "no-such-draft"})
    url = f"{api.internal}/api/internal/tenants/{tenant}/test"
    async with api.http.post(url, headers={"X-Service-Token": SECRET}) as answer:
        async for line in answer.content:
            if json.loads(line)["step"] == "validation":
                break
        assert len(await left_at_microsoft(api, mailbox)) == 1
        again = await api.call("POST", f"/api/tenants/{tenant}/test")
        assert (again.status, again.body["code"]) == (409, "connection_check_running")
        answer.close()
    await until(lambda: _none_left(api), what="the end of the check")
    assert await left_at_microsoft(api, mailbox) == []


async def test_a_refused_mailbox_is_told_in_words_and_nothing_is_made(api: Api) -> None:
    tenant, mailbox = await api.connect()
    body = {"error": {"code": "ErrorAccessDenied", "message": "Access to OData is disabled."}}
    await api.sandbox.fault("GET", f"/v1.0/users/{mailbox.object_id}/*", status=403, body=body)
    lines = await check(api, tenant)
    read = lines["mailbox_read"]
    assert (read["status"], read["code"]) == ("failed", "mailbox_policy_refuses")
    assert {"cause", "who_must_act", "action", "link", "graph_code"} <= set(read["details"])
    assert {lines[step]["status"] for step in STEPS[2:]} == {"skipped"}
    assert lines["subscription_create"]["code"] == "earlier_step_failed"
    assert lines["done"]["ok"] is False
    assert await api.sandbox.requests("POST", SUBSCRIPTIONS) == [] or await left_at_microsoft(api, mailbox) == []


async def test_a_webhook_out_of_reach_fails_the_validation(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, _ = await api.connect()
    monkeypatch.setattr(api.deps.checks, "_notification_url", "http://localhost:9/nobody")
    lines = await check(api, tenant)
    assert [lines[step]["status"] for step in ("subscription_create", "validation")] == ["failed", "failed"]
    assert lines["validation"]["code"] == lines["subscription_create"]["code"] == "webhook_unreachable"
    assert "http://localhost:9/nobody" in lines["validation"]["details"]["detail"]


async def test_a_subscription_whose_answer_was_lost_is_found_and_removed(api: Api) -> None:
    tenant, mailbox = await api.connect()
    other = await api.subscribe(tenant)
    await api.sandbox.fault("POST", SUBSCRIPTIONS, times=1, drop="after")
    lines = await check(api, tenant)
    assert (lines["subscription_create"]["status"], lines["subscription_remove"]["status"]) == ("failed", "ok")
    assert [item["id"] for item in await left_at_microsoft(api, mailbox)] == [other["subscription_id"]]


async def test_what_a_dead_process_left_is_removed_first(api: Api) -> None:
    tenant, mailbox = await api.connect()
    left = await api.subscribe(tenant)
    insert = (
        "INSERT INTO api.connection_checks (id, tenant_id, client_state_hash, subscription_id, created_at)"
        " VALUES (gen_random_uuid(), $1, '\\x00', $2, now() - interval '1 hour')"
    )
    await api.deps.pool.execute(insert, tenant, left["subscription_id"])
    assert (await check(api, tenant))["done"]["ok"] is True
    assert await left_at_microsoft(api, mailbox) == []


@pytest.mark.parametrize("refusal", [(404, "tenant_not_found"), (409, "reconnect_required")])
async def test_an_account_without_a_token_fails_at_the_first_step(api: Api, refusal: tuple[int, str]) -> None:
    tenant, _ = await api.connect()
    api.auth.tenants[tenant].refusal = refusal
    lines = await check(api, tenant)
    assert (lines["token"]["status"], lines["token"]["code"]) == ("failed", refusal[1])
    assert {lines[step]["status"] for step in STEPS[1:]} == {"skipped"}


async def test_roles_and_bad_ids(api: Api) -> None:
    tenant, _ = await api.connect()
    path = f"/api/tenants/{tenant}/test"
    assert (await api.call("POST", path, role="viewer")).status == 403
    assert (await api.call("POST", path, role=None)).status == 401
    assert (await api.call("POST", "/api/tenants/x/test")).status == 422
    assert (await api.call_internal("POST", f"/api/internal/tenants/{tenant}/test", secret="wrong")).status == 401
    assert (await api.call_internal("POST", "/api/internal/tenants/x/test")).status == 422
    assert await rows(api) == 0
