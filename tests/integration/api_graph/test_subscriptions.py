from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest

from flovify.api.subscriptions.renewal import renew_due
from flovify.api.subscriptions.store import SubscriptionStore
from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")
PATH = "/api/ms365/subscriptions"
GRAPH = "/v1.0/subscriptions"
TOO_FAR = {
    "error": {"code": "ExtensionError", "message": "Subscription expiration can only be 4230 minutes in the future."}
}
TOO_FAR_2026 = {"error": {"code": "ErrorInvalidParameter", "message": "Invalid."}}
TIMED_OUT = {"error": {"code": "InvalidRequest", "message": "Subscription validation request timed out."}}


def minutes_left(body: dict[str, str]) -> float:
    return (datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)).total_seconds() / 60


async def test_creation_is_answered_while_microsoft_checks_the_webhook(api: Api) -> None:
    tenant, mailbox = await api.connect()
    answer = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert answer.status == 201
    assert answer.body["status"] == "active"
    assert answer.body["resource"] == f"users/{mailbox.object_id}/mailFolders('inbox')/messages"
    assert answer.body["change_types"] == ["created", "updated", "deleted"]
    assert minutes_left(answer.body) == pytest.approx(10_000, abs=2)
    at_graph = await api.sandbox.graph(mailbox, "GET", f"/subscriptions/{answer.body['subscription_id']}")
    assert (
        at_graph.body["lifecycleNotificationUrl"]
        == at_graph.body["notificationUrl"]
        == f"{api.public}/api/ms365/webhook"
    )
    assert at_graph.body["resource"] == answer.body["resource"]
    assert "clientState" not in str(answer.body)


async def test_asking_twice_gives_the_same(api: Api) -> None:
    tenant, mailbox = await api.connect()
    first = await api.call("POST", PATH, {"tenant_id": str(tenant), "resource": "inbox", "change_types": ["created"]})
    spellings = ["me/mailFolders('Inbox')/messages", f"/users/{mailbox.address}/mailFolders/inbox/messages"]
    for spelling in spellings:
        again = await api.call(
            "POST", PATH, {"tenant_id": str(tenant), "resource": spelling, "change_types": ["created"]}
        )
        assert (first.status, again.status) == (201, 200)
        assert again.body == first.body
    listed = await api.sandbox.graph(mailbox, "GET", "/subscriptions")
    assert len(listed.body["value"]) == 1


async def test_twenty_at_once_make_one(api: Api) -> None:
    tenant, mailbox = await api.connect()
    answers = await asyncio.gather(*(api.call("POST", PATH, {"tenant_id": str(tenant)}) for _ in range(20)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert {answer.body["code"] for answer in answers if answer.status == 409} <= {"subscription_being_created"}
    listed = await api.sandbox.graph(mailbox, "GET", "/subscriptions")
    assert len(listed.body["value"]) == 1


async def test_list_get_and_delete(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = [await api.subscribe(tenant, resource=name) for name in ("inbox", "sentitems", "me/messages")]
    first = await api.call("GET", f"{PATH}?tenant_id={tenant}&limit=2", role="viewer")
    rest = await api.call("GET", f"{PATH}?tenant_id={tenant}&limit=2&after={first.body['next']}")
    assert [item["id"] for item in (*first.body["items"], *rest.body["items"])] == [item["id"] for item in made]
    assert rest.body["next"] is None
    assert (await api.call("GET", f"{PATH}/{made[0]['id']}")).body == made[0]
    assert (await api.call("DELETE", f"{PATH}/{made[0]['id']}")).status == 204
    assert (await api.call("GET", f"{PATH}/{made[0]['id']}")).status == 404
    assert (await api.call("DELETE", f"{PATH}/{made[0]['id']}")).status == 404
    gone = await api.sandbox.graph(mailbox, "GET", f"/subscriptions/{made[0]['subscription_id']}")
    assert gone.status == 404


async def test_another_tenant_sees_nothing(api: Api) -> None:
    tenant, _ = await api.connect()
    other, _ = await api.connect()
    made = await api.subscribe(tenant)
    store = SubscriptionStore(api.deps.pool)
    assert (await api.call("GET", f"{PATH}?tenant_id={other}")).body["items"] == []
    assert await store.get(uuid.UUID(made["id"]), other) is None
    assert await store.list_of_tenant(other) == ()
    row = await store.get(uuid.UUID(made["id"]), tenant)
    assert row is not None
    assert await store.find(other, "ms365", row.resource, row.change_types) is None
    await store.hasten(other, datetime.now(UTC))
    assert await store.get(row.id) == row


@pytest.mark.parametrize("body", [TOO_FAR, TOO_FAR_2026])
async def test_lifetime_is_stepped_down_when_microsoft_gives_less(api: Api, body: dict[str, object]) -> None:
    tenant, _ = await api.connect()
    await api.sandbox.fault("POST", GRAPH, times=1, status=400, body=body)
    assert minutes_left(await api.subscribe(tenant)) == pytest.approx(4_200, abs=30)


async def test_webhook_microsoft_cannot_reach_is_named_and_the_folder_is_polled(api: Api) -> None:
    tenant, mailbox = await api.connect()
    await api.sandbox.fault("POST", GRAPH, times=1, status=400, body=TIMED_OUT)
    answer = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert (answer.status, answer.body["status"], answer.body["mode"]) == (201, "failed", "poll")
    assert f"curl -i -X POST '{api.public}/api/ms365/webhook?validationToken=hello'" in answer.body["last_error"]
    assert (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"] == []
    again = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert (again.status, again.body["id"], again.body["mode"]) == (201, answer.body["id"], "push")


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("users/11111111-2222-4333-8444-555555555555/messages", "shared_mailbox_no_push"),
        ("users/someone@contoso.example/mailFolders('inbox')/messages", "shared_mailbox_no_push"),
        ("me/events", "resource_not_supported"),
        ("me/messages?$filter=isRead eq false", "resource_not_supported"),
        ("../../admin", "resource_not_supported"),
        ("https://evil.example/", "resource_not_supported"),
    ],
)
async def test_other_mailboxes_and_resources_are_refused(api: Api, resource: str, code: str) -> None:
    tenant, _ = await api.connect()
    answer = await api.call("POST", PATH, {"tenant_id": str(tenant), "resource": resource})
    assert (answer.status, answer.body["code"]) == (422, code)


async def test_an_applications_subscription_names_the_tenants_own_mailbox(api: Api) -> None:
    tenant, mailbox = await api.connect()
    api.auth.tenants[tenant].token_type = "app"
    made = await api.subscribe(tenant)
    assert made["resource"] == f"users/{mailbox.object_id}/mailFolders('inbox')/messages"
    other = {"tenant_id": str(tenant), "resource": "users/11111111-2222-4333-8444-555555555555/messages"}
    before = len(await api.sandbox.requests("POST", GRAPH))
    answer = await api.call("POST", PATH, other)
    assert (answer.status, answer.body["code"]) == (422, "mailbox_not_yours")
    assert len(await api.sandbox.requests("POST", GRAPH)) == before


async def test_a_shared_mailbox_by_delegation_is_refused_before_microsoft_is_asked(api: Api) -> None:
    tenant, _ = await api.connect()
    before = len(await api.sandbox.requests("POST", GRAPH))
    wanted = {"tenant_id": str(tenant), "resource": "users/shared@contoso.example/mailFolders('inbox')/messages"}
    answer = await api.call("POST", PATH, wanted)
    assert (answer.status, answer.body["code"]) == (422, "shared_mailbox_no_push")
    assert answer.body["ways_out"] == ["application_permissions", "polling"]
    assert "never delivers" in answer.body["detail"]
    assert len(await api.sandbox.requests("POST", GRAPH)) == before


async def test_a_tenant_of_another_provider_is_explained(api: Api) -> None:
    tenant, _ = await api.connect()
    api.auth.tenants[tenant].provider = "elsewhere"
    answer = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert (answer.status, answer.body["code"]) == (409, "provider_not_supported")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"tenant_id": "x"},
        {"tenant_id": str(uuid.uuid4()), "change_types": []},
        {"tenant_id": str(uuid.uuid4()), "change_types": ["moved"]},
        {"tenant_id": str(uuid.uuid4()), "resource": "a\x00b"},
        {"tenant_id": str(uuid.uuid4()), "resource": 5},
        {"tenant_id": str(uuid.uuid4()), "client_state": "mine"},
        [],
        None,
    ],
)
async def test_malformed_wishes_are_422(api: Api, body: object) -> None:
    answer = await api.call("POST", PATH, body)
    assert answer.status == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_tenant_without_a_token_is_explained(api: Api) -> None:
    unknown = await api.call("POST", PATH, {"tenant_id": str(uuid.uuid4())})
    assert (unknown.status, unknown.body["code"]) == (404, "tenant_not_found")
    tenant, _ = await api.connect()
    api.auth.tenants[tenant].refusal = (409, "reconnect_required")
    dead = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert (dead.status, dead.body["code"]) == (409, "reconnect_required")


async def test_microsoft_away_keeps_the_wish_and_the_renewal_fulfils_it(api: Api) -> None:
    tenant, _ = await api.connect()
    await api.sandbox.fault("POST", GRAPH, times=1, status=503)
    answer = await api.call("POST", PATH, {"tenant_id": str(tenant)})
    assert (answer.status, answer.body["code"]) == (503, "graph_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    [row] = (await api.call("GET", PATH)).body["items"]
    assert row["status"] == "failed"
    assert row["last_error"].startswith("503")
    await api.deps.pool.execute("UPDATE api.webhook_subscriptions SET next_renewal_at = now()")
    assert await renew_due(api.deps.subscriptions, api.deps.clock) == 1
    [row] = (await api.call("GET", PATH)).body["items"]
    assert (row["status"], row["last_error"]) == ("active", None)


async def test_duplicate_of_ours_at_microsoft_is_removed_and_made_anew(api: Api) -> None:
    """A create call whose answer was lost: Graph has a subscription whose secret nobody knows."""
    tenant, mailbox = await api.connect()
    await api.sandbox.fault("POST", GRAPH, times=1, drop="after")
    assert (await api.call("POST", PATH, {"tenant_id": str(tenant)})).status == 503
    [orphan] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    exists = f"Subscription Id {orphan['id']} already exists for the requested combination"
    await api.sandbox.fault(
        "POST", GRAPH, times=1, status=409, body={"error": {"code": "ObjectIdentifierInUse", "message": exists}}
    )
    made = await api.subscribe(tenant)
    listed = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert [item["id"] for item in listed] == [made["subscription_id"]] != [orphan["id"]]


async def test_duplicate_of_somebody_else_is_left_alone(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    elsewhere = api.public.replace("localhost", "127.0.0.1") + "/api/ms365/webhook"
    monkeypatch.setattr(api.deps.subscriptions, "_notification_url", elsewhere)
    exists = f"Subscription Id {made['subscription_id']} already exists for the requested combination"
    await api.sandbox.fault("POST", GRAPH, times=1, status=409, body={"error": {"code": "", "message": exists}})
    answer = await api.call("POST", PATH, {"tenant_id": str(tenant), "resource": "me/messages"})
    assert (answer.status, answer.body["code"]) == (409, "subscription_exists_elsewhere")
    assert len((await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]) == 1


async def test_renewal_moves_the_expiry(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await api.deps.pool.execute("UPDATE api.webhook_subscriptions SET expires_at = now() + interval '1 hour'")
    answer = await api.call("POST", f"{PATH}/{made['id']}/renew", role="operator")
    assert answer.status == 200
    assert answer.body["subscription_id"] == made["subscription_id"]
    assert minutes_left(answer.body) == pytest.approx(10_000, abs=2)
    assert answer.body["last_renewed_at"] is not None


async def test_subscription_gone_at_microsoft_is_made_anew_under_the_same_id(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    await api.sandbox.graph(mailbox, "DELETE", f"/subscriptions/{made['subscription_id']}")
    renewed = await api.call_internal(
        "POST", "/api/internal/renew-subscription", {"subscription_id": made["subscription_id"]}
    )
    assert renewed.status == 200
    assert renewed.body["id"] == made["id"]
    assert renewed.body["subscription_id"] != made["subscription_id"]
    hashes = await api.deps.pool.fetchrow("SELECT * FROM api.webhook_subscriptions")
    assert hashes is not None
    assert hashes["previous_client_state_hash"] not in (None, hashes["client_state_hash"])


async def test_moved_webhook_makes_subscriptions_anew_and_removes_the_old(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    monkeypatch.setattr(api.deps.subscriptions, "_notification_url", f"{api.public}/api/ms365/webhook?moved=1")
    await api.call("POST", f"{PATH}/{made['id']}/renew")
    [left] = (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"]
    assert left["id"] != made["subscription_id"]
    assert left["notificationUrl"].endswith("?moved=1")


async def test_due_subscriptions_are_renewed_and_failures_kept_in_the_row(api: Api) -> None:
    tenant, _ = await api.connect()
    due, failing, fresh = [await api.subscribe(tenant, resource=name) for name in ("inbox", "drafts", "archive")]
    await api.deps.pool.execute(
        "UPDATE api.webhook_subscriptions SET next_renewal_at = now() WHERE id <> $1", uuid.UUID(fresh["id"])
    )
    await api.sandbox.fault("PATCH", f"{GRAPH}/{failing['subscription_id']}", status=500)
    assert await renew_due(api.deps.subscriptions, api.deps.clock) == 2
    rows = {item["id"]: item for item in (await api.call("GET", PATH)).body["items"]}
    assert rows[due["id"]]["last_renewed_at"] is not None
    assert rows[failing["id"]]["last_error"].startswith("500")
    assert rows[failing["id"]]["status"] == "active"
    next_try = datetime.fromisoformat(rows[failing["id"]]["next_renewal_at"])
    assert timedelta() < next_try - datetime.now(UTC) < timedelta(minutes=2)
    assert rows[fresh["id"]] == fresh
    assert await renew_due(api.deps.subscriptions, api.deps.clock) == 0


async def test_rejected_token_is_replaced_once(api: Api) -> None:
    tenant, mailbox = await api.connect()
    api.auth.refreshed[tenant] = mailbox.token
    api.auth.tenants[tenant].access_token = "stale"
    await api.subscribe(tenant)
    assert [body.get("force_refresh") for body in api.auth.asked] == [None, True]


async def test_crashed_creation_is_repaired_by_the_renewal(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    await api.deps.pool.execute(
        "UPDATE api.webhook_subscriptions"
        " SET status = 'creating', subscription_id = NULL, updated_at = now() - interval '3 minutes'"
    )
    assert await renew_due(api.deps.subscriptions, api.deps.clock) == 1
    [row] = (await api.call("GET", PATH)).body["items"]
    assert (row["id"], row["status"]) == (made["id"], "active")
    assert mailbox.object_id in row["resource"]


async def test_roles(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    body = {"tenant_id": str(tenant)}
    assert (await api.call("POST", PATH, body, role="operator")).status == 403
    assert (await api.call("POST", PATH, body, role=None)).status == 401
    assert (await api.call("GET", PATH, role=None)).status == 401
    assert (await api.call("POST", f"{PATH}/{made['id']}/renew", role="viewer")).status == 403
    assert (await api.call("DELETE", f"{PATH}/{made['id']}", role="operator")).status == 403
    assert (await api.call("GET", PATH, role="viewer")).status == 200


async def test_auth_away_is_503_also_where_only_its_keys_are_needed(api: Api) -> None:
    header = api.auth.bearer()
    await api.auth.stop()
    answer = await api._send("GET", api.public + PATH, None, header)
    assert (answer.status, answer.body["code"]) == (503, "auth_unavailable")


async def test_what_is_done_by_hand_is_in_the_audit_log_and_what_failed_too(api: Api) -> None:
    tenant, _ = await api.connect()
    row_id = (await api.call("POST", PATH, {"tenant_id": str(tenant)})).body["id"]
    gone = str(uuid.uuid4())
    for method, path, body in (
        ("POST", f"{PATH}/{row_id}/renew", None),
        ("POST", f"{PATH}/{row_id}/recreate", None),
        ("POST", f"{PATH}/renew", {"ids": [row_id, gone]}),
        ("POST", f"{PATH}/{gone}/renew", None),
        ("DELETE", f"{PATH}/{row_id}", None),
        ("DELETE", f"{PATH}/{gone}", None),
    ):
        await api.call(method, path, body)
    rows = await api.deps.pool.fetch("SELECT action, subject, outcome FROM api.audit_log ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("subscription.created", row_id, "success"),
        ("subscription.renewed", row_id, "success"),
        ("subscription.recreated", row_id, "success"),
        ("subscription.renewed", row_id, "success"),
        ("subscription.renewed", gone, "failure"),
        ("subscription.renewed", gone, "failure"),
        ("subscription.removed", row_id, "success"),
        ("subscription.removed", gone, "failure"),
    ]
