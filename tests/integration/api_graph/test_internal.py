from __future__ import annotations

import uuid

import pytest

from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")
GRAPH = "/v1.0/subscriptions"


async def rows(api: Api) -> list[uuid.UUID]:
    found = await api.deps.pool.fetch("SELECT tenant_id FROM api.webhook_subscriptions")
    return [row["tenant_id"] for row in found]


async def test_removing_a_tenant_removes_its_subscriptions_and_no_others(api: Api) -> None:
    tenant, mailbox = await api.connect()
    other, _ = await api.connect()
    await api.subscribe(tenant)
    await api.subscribe(tenant, resource="me/messages")
    await api.subscribe(other)
    answer = await api.call_internal("DELETE", f"/api/internal/tenants/{tenant}")
    assert (answer.status, answer.body) == (200, {"removed": 2, "left_to_expire": []})
    assert (await api.sandbox.graph(mailbox, "GET", "/subscriptions")).body["value"] == []
    assert await rows(api) == [other]
    again = await api.call_internal("DELETE", f"/api/internal/tenants/{tenant}")
    assert (again.status, again.body) == (200, {"removed": 0, "left_to_expire": []})


async def test_microsoft_away_removes_nothing(api: Api) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    await api.sandbox.fault("DELETE", f"{GRAPH}/*", times=1, status=503)
    answer = await api.call_internal("DELETE", f"/api/internal/tenants/{tenant}")
    assert (answer.status, answer.body["code"]) == (503, "graph_unavailable")
    assert await rows(api) == [tenant]
    assert (await api.call("GET", f"/api/ms365/subscriptions/{made['id']}")).status == 200


async def test_gone_at_microsoft_counts_as_removed(api: Api) -> None:
    tenant, mailbox = await api.connect()
    made = await api.subscribe(tenant)
    await api.sandbox.graph(mailbox, "DELETE", f"/subscriptions/{made['subscription_id']}")
    answer = await api.call_internal("DELETE", f"/api/internal/tenants/{tenant}")
    assert answer.body == {"removed": 1, "left_to_expire": []}


@pytest.mark.parametrize("refusal", [(409, "reconnect_required"), (404, "tenant_not_found")])
async def test_dead_sign_in_leaves_subscriptions_to_expire(api: Api, refusal: tuple[int, str]) -> None:
    tenant, _ = await api.connect()
    made = await api.subscribe(tenant)
    api.deps.auth.forget(tenant)
    api.auth.tenants[tenant].refusal = refusal
    answer = await api.call_internal("DELETE", f"/api/internal/tenants/{tenant}")
    assert answer.body == {"removed": 0, "left_to_expire": [made["subscription_id"]]}
    assert await rows(api) == []


async def test_reconnected_makes_failed_renewals_due(api: Api) -> None:
    tenant, _ = await api.connect()
    await api.subscribe(tenant)
    await api.deps.pool.execute(
        "UPDATE api.webhook_subscriptions SET renewal_failures = 3, next_renewal_at = now() + interval '1 hour'"
    )
    answer = await api.call_internal("POST", f"/api/internal/tenants/{tenant}/reconnected")
    assert answer.status == 202
    due = await api.deps.pool.fetchval("SELECT next_renewal_at <= clock_timestamp() FROM api.webhook_subscriptions")
    assert due is True


async def test_internal_routes_want_the_service_token(api: Api) -> None:
    path = f"/api/internal/tenants/{uuid.uuid4()}"
    assert (await api.call_internal("DELETE", path, secret="wrong")).status == 401
    assert (await api.call_internal("DELETE", path, secret="é")).status == 401
    assert (await api._send("DELETE", api.internal + path, None, {})).status == 401
    assert (await api._send("DELETE", api.internal + path, None, api.auth.bearer())).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/api/internal/renew-subscription",
        "/api/inter%6eal/renew-subscription",
        "//api/internal/renew-subscription",
        "/api/./internal/renew-subscription",
        "/metrics",
    ],
)
async def test_public_listener_has_no_internal_routes(api: Api, path: str) -> None:
    answer = await api._send("POST", api.public + path, {"subscription_id": "x"}, {"X-Service-Token": "x"})
    assert answer.status in (404, 405)
    assert (await api._send("GET", api.public + path, None, {})).status == 404


@pytest.mark.parametrize("given", ["", "x" * 300, "nobody", "00000000-0000-4000-8000-000000000001", "a\x00b"])
async def test_renewing_an_unknown_subscription_is_404_or_422(api: Api, given: str) -> None:
    answer = await api.call_internal("POST", "/api/internal/renew-subscription", {"subscription_id": given})
    assert answer.status in (404, 422)


async def test_health_ready_metrics_and_openapi(api: Api) -> None:
    for base in (api.public, api.internal):
        assert (await api._send("GET", f"{base}/api/health", None, {})).body["service"] == "api"
        assert (await api._send("GET", f"{base}/api/ready", None, {})).status == 200
    metrics = await api._send("GET", f"{api.internal}/metrics", None, {})
    assert b"flovify_graph_requests_total" in metrics.content
    described = (await api._send("GET", f"{api.public}/api/openapi.json", None, {})).body
    assert {"/api/messages", "/api/ms365/subscriptions"} <= set(described["paths"])
    assert not [path for path in described["paths"] if "internal" in path]
