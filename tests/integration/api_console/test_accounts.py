"""`/api/accounts`: auth's word and the api's figures in one list."""

from __future__ import annotations

import asyncio
import csv
import io
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flovify.common.db import Pool
from tests.integration.api_console import ground
from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/accounts"
NOW = datetime.now(UTC)
Prepare = Callable[[Pool, uuid.UUID], Awaitable[object]]
DEAD_GRANT = {
    "error": "invalid_grant",
    "aadsts": 50173,
    "trace_id": "0f1e2d3c-0000-4000-8000-000000000001",
    "correlation_id": "0f1e2d3c-0000-4000-8000-000000000002",
    "timestamp": "2026-11-22 18:05:59Z",
    "words": {
        "code": "sign_in_revoked",
        "status": "reconnect_required",
        "cause": "The sign-in was revoked.",
        "who_must_act": "user",
        "action": "Connect the account again.",
        "link": "/auth/oauth/ms365/authorize",
    },
}


async def one(api: Api, tenant_id: uuid.UUID) -> dict[str, Any]:
    answer = await api.call("GET", f"{PATH}/{tenant_id}", role="viewer")
    assert answer.status == 200, answer.body
    body: dict[str, Any] = answer.body
    return body


async def test_an_account_that_works_has_its_figures(api: Api, pool: Pool) -> None:
    tenant_id = ground.tenant(api.auth, "sales@contoso.example", organization_name="Contoso")
    row_id = await ground.subscription(pool, tenant_id)
    for hours in (0, 0, 3, 30):
        await ground.message(pool, tenant_id, datetime.now(UTC) - timedelta(hours=hours), f"{hours} old")
    await ground.settled(pool, tenant_id, row_id)
    found = await one(api, tenant_id)
    assert (found["status"], found["status_word"], found["cause"], found["action"]) == (
        "connected", "Connected", None, None,
    )  # fmt: skip
    assert {name: light["state"] for name, light in found["lights"].items()} == dict.fromkeys(
        ("auth", "subscription", "intake", "processing"), "ok"
    )
    assert found["messages_24h"][23] == 2
    assert found["messages_24h"][20] == 1
    assert sum(found["messages_24h"]) == 3
    assert (found["subscriptions"], found["dead_letters"], found["waiting"]) == (1, 0, 0)
    assert [message["subject"] for message in found["last_messages"]] == ["0 old", "0 old", "3 old", "30 old"]
    assert found["organization_name"] == "Contoso"
    assert found["sandbox"] is True
    assert found["stale_since"] is None
    assert "token" not in {name for name in found if name != "token_expires_at"}


STATES: dict[str, tuple[dict[str, Any], list[Prepare], str, str | None, str]] = {
    "disconnecting": ({"status": "disconnecting"}, [], "disconnecting", None, "off"),
    "no subscription": ({}, [], "no_subscription", "renew", "ok"),
    "grant gone": (
        {"status": "reconnect_required", "status_reason": DEAD_GRANT},
        [ground.subscription],
        "sign_in_required",
        "reconnect",
        "failed",
    ),
    "organisation took consent back": (
        {"status": "reconnect_required", "status_reason": DEAD_GRANT, "token_type": "app"},
        [ground.subscription],
        "consent_revoked",
        "consent",
        "failed",
    ),
    "graph refuses the token": (
        {},
        [ground.subscription, lambda pool, tenant: ground.blocked(pool, tenant, "unauthorized")],
        "blocked",
        "reconnect",
        "failed",
    ),
    "throttled": (
        {},
        [ground.subscription, lambda pool, tenant: ground.blocked(pool, tenant, "throttled")],
        "degraded",
        "none",
        "ok",
    ),
    "microsoft away for a moment": (
        {},
        [ground.subscription, lambda pool, tenant: ground.blocked(pool, tenant, "unavailable", failures=1)],
        "degraded",
        "test",
        "ok",
    ),
    "microsoft away for long": (
        {},
        [ground.subscription, lambda pool, tenant: ground.blocked(pool, tenant, "unavailable", failures=6)],
        "blocked",
        "test",
        "ok",
    ),
    "no licence": (
        {},
        [ground.subscription, lambda pool, tenant: ground.blocked(pool, tenant, "mailbox_unsupported")],
        "blocked",
        "test",
        "ok",
    ),
    "subscription expired": (
        {},
        [lambda pool, tenant: ground.subscription(pool, tenant, expires_at=NOW - timedelta(minutes=1))],
        "failing",
        "renew",
        "ok",
    ),
    "subscription refused": (
        {},
        [
            lambda pool, tenant: ground.subscription(
                pool, tenant, status="failed", subscription_id=None, last_error="403 Forbidden", renewal_failures=2
            )
        ],
        "failing",
        "renew",
        "ok",
    ),
    "renewal late": (
        {},
        [lambda pool, tenant: ground.subscription(pool, tenant, last_error="503 away", renewal_failures=1)],
        "degraded",
        "renew",
        "ok",
    ),
    "dead letters": ({}, [ground.subscription, ground.dead_letter], "degraded", "none", "ok"),
    "waiting for the first": ({}, [ground.subscription, ground.event], "first_sync", None, "ok"),
    "certificate expired": (
        {"app_credential_expires_at": (NOW - timedelta(days=1)).isoformat()},
        [ground.subscription],
        "failing",
        "open_settings",
        "failed",
    ),
    "certificate ends soon": (
        {"app_credential_expires_at": (NOW + timedelta(days=5)).isoformat()},
        [ground.subscription],
        "connected",
        None,
        "warning",
    ),
    "token late": (
        {"token_expires_at": (NOW - timedelta(hours=1)).isoformat()},
        [ground.subscription],
        "degraded",
        "test",
        "warning",
    ),
}


async def test_every_state_is_told_with_its_cause_and_what_helps(api: Api, pool: Pool) -> None:
    ids = {}
    for name, (shown, prepare, *_) in STATES.items():
        ids[name] = ground.tenant(api.auth, f"{name.replace(' ', '-')}@contoso.example", **dict(shown))
        for step in prepare:
            await step(pool, ids[name])
    for name, (_, _, status, action, auth_light) in STATES.items():
        found = await one(api, ids[name])
        assert (found["status"], (found["action"] or {}).get("kind")) == (status, action), name
        assert found["lights"]["auth"]["state"] == auth_light, name
        assert found["cause"], name
    page = (await api.call("GET", f"{PATH}?limit=200", role="viewer")).body
    attention = {"sign_in_required", "consent_revoked", "failing", "blocked", "degraded", "no_subscription"}
    assert page["attention_total"] == sum(state[2] in attention for state in STATES.values())
    words = (await api.call("GET", "/api/account-statuses", role="viewer")).body["items"]
    assert {row["status"] for row in words} >= {item["status"] for item in page["items"]}


async def test_the_reason_is_told_as_microsoft_gave_it(api: Api) -> None:
    tenant_id = ground.tenant(api.auth, status="reconnect_required", status_reason=DEAD_GRANT)
    reason = (await one(api, tenant_id))["reason"]
    assert (reason["code"], reason["aadsts"], reason["at"]) == ("sign_in_revoked", 50173, "2026-11-22T18:05:59Z")
    assert reason["words"]["action"] == "Connect the account again."


async def test_filters_sorting_and_pages(api: Api, pool: Pool) -> None:
    ids = {}
    for name in ("Delta", "alpha", "Charlie", "bravo"):
        ids[name] = ground.tenant(api.auth, f"{name}@contoso.example", display_name=name, organization_name="Contoso")
    app = ground.tenant(api.auth, "app@other.example", display_name="zulu", token_type="app")
    await ground.subscription(pool, app)
    await ground.message(pool, app)

    async def names(query: str) -> list[str]:
        answer = await api.call("GET", f"{PATH}?{query}", role="viewer")
        assert answer.status == 200, answer.body
        return [item["display_name"] for item in answer.body["items"]]

    assert await names("") == ["alpha", "bravo", "Charlie", "Delta", "zulu"]
    assert await names("sort=-name") == ["zulu", "Delta", "Charlie", "bravo", "alpha"]
    assert await names("sort=status") == ["alpha", "bravo", "Charlie", "Delta", "zulu"]
    assert await names("sort=-last_message&limit=1") == ["zulu"]
    assert await names("q=CHAR") == ["Charlie"]
    assert await names(f"q={ids['Delta']}") == ["Delta"]
    assert await names("access=application") == ["zulu"]
    assert await names("organization=contoso") == ["alpha", "bravo", "Charlie", "Delta"]
    assert await names("status=no_subscription&status=connected&attention=true") == [
        "alpha", "bravo", "Charlie", "Delta",
    ]  # fmt: skip
    assert await names("attention=false") == ["zulu"]

    first = (await api.call("GET", f"{PATH}?limit=2", role="viewer")).body
    assert first["total"] == 5
    del api.auth.tenants[ids["bravo"]]  # the row the cursor names is gone when the next page is asked for
    await api.call_internal("POST", "/api/internal/live", {"kind": "account.updated"})
    assert await names(f"limit=2&after={first['next']}") == ["Delta", "zulu"]
    wrong = await api.call("GET", f"{PATH}?sort=-name&after={first['next']}", role="viewer")
    assert (wrong.status, wrong.body["code"]) == (422, "invalid_cursor")
    for nonsense in ("x", "AAAA", "%00"):
        assert (await api.call("GET", f"{PATH}?after={nonsense}", role="viewer")).status == 422


async def test_while_auth_is_away_the_last_copy_is_shown_and_says_so(api: Api, pool: Pool) -> None:
    tenant_id = ground.tenant(api.auth)
    assert (await api.call("GET", PATH, role="viewer")).body["stale_since"] is None
    before = datetime.now(UTC)
    await api.auth.stop()
    api.deps.directory.expire()
    await ground.message(pool, tenant_id)
    page = (await api.call("GET", PATH, role="viewer")).body
    assert [item["id"] for item in page["items"]] == [str(tenant_id)]
    assert datetime.fromisoformat(page["stale_since"]) <= before
    assert page["items"][0]["last_message_at"] is not None, "the api's own figures are not stale"
    assert (await one(api, tenant_id))["stale_since"] == page["stale_since"]


async def test_without_any_copy_auth_being_away_is_said(api: Api) -> None:
    api.auth.list_refusal = (503, "database_unavailable")
    answer = await api.call("GET", PATH, role="viewer")
    assert (answer.status, answer.body["code"]) == (503, "database_unavailable")
    events = await api.call("GET", "/api/events", role="viewer")
    assert (events.status, events.body["items"]) == (200, []), "what does not need auth is shown all the same"
    api.auth.list_refusal = None
    assert (await api.call("GET", PATH, role="viewer")).status == 200


async def test_a_change_that_auth_tells_is_seen_at_once(api: Api) -> None:
    tenant_id = ground.tenant(api.auth)
    assert (await api.call("GET", PATH, role="viewer")).body["total"] == 1
    api.auth.tenants[tenant_id].shown = {"status": "disconnecting"}
    told = await api.call_internal("POST", "/api/internal/live", {"kind": "account.updated", "ref": str(tenant_id)})
    assert told.status == 202
    assert (await one(api, tenant_id))["status"] == "disconnecting"


async def test_an_account_connected_a_moment_ago_is_found_before_auth_has_told_of_it(api: Api) -> None:
    assert (await api.call("GET", PATH, role="viewer")).body["total"] == 0
    tenant_id = ground.tenant(api.auth)
    assert (await one(api, tenant_id))["id"] == str(tenant_id)
    assert api.auth.list_requests == 2
    assert (await api.call("GET", f"{PATH}/{uuid.uuid4()}", role="viewer")).status == 404


async def test_many_askers_are_one_question_to_auth(api: Api) -> None:
    ground.tenant(api.auth)
    api.auth.delay_seconds = 0.3
    answers = await asyncio.gather(*(api.call("GET", PATH, role="viewer") for _ in range(12)))
    assert {answer.status for answer in answers} == {200}
    assert api.auth.list_requests == 1


async def test_the_export_is_complete_harmless_and_audited(api: Api, pool: Pool) -> None:
    bad = ground.tenant(api.auth, display_name='=HYPERLINK("http://evil.example";"x")')
    ground.tenant(api.auth, display_name="plain")
    answer = await api.call("GET", f"{PATH}.csv?sort=name", role="viewer")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="flovify-accounts.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [row["display_name"] for row in rows] == ['\'=HYPERLINK("http://evil.example";"x")', "plain"]
    assert rows[0]["id"] == str(bad)
    assert rows[0]["status"] == "No subscription"
    entry = (await api.call("GET", "/api/audit?action=accounts.exported")).body["items"][0]
    assert (entry["actor"], entry["details"]["rows"]) == ("a@b.example", 2)


@pytest.mark.parametrize("path", [PATH, f"{PATH}.csv", f"{PATH}/{uuid.UUID(int=1)}", "/api/account-statuses"])
async def test_nobody_sees_accounts_without_a_role(api: Api, path: str) -> None:
    assert (await api.call("GET", path, role=None)).status == 401
    assert (await api.call("GET", path, role="nobody")).status == 403


async def test_an_unknown_account_is_404_and_a_bad_id_is_422(api: Api) -> None:
    gone = await api.call("GET", f"{PATH}/{uuid.uuid4()}", role="viewer")
    assert (gone.status, gone.body["code"]) == (404, "tenant_not_found")
    assert {name.lower(): value for name, value in gone.headers.items()}["x-correlation-id"] == gone.body[
        "correlation_id"
    ]
    assert (await api.call("GET", f"{PATH}/nonsense", role="viewer")).status == 422
