"""The audit log: added to, read, exported, and never changed."""

from __future__ import annotations

import csv
import io
import json

import asyncpg
import pytest

from flovify.api.audit.store import AuditLog
from flovify.common.db import Pool
from flovify.common.jwt import Principal
from tests.integration.api_graph.running import Api

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/audit"


def somebody(email: str = "ada@example.com") -> Principal:
    return Principal(user_id="u", email=email, role="operator", session_id="s")


async def fill(pool: Pool) -> None:
    log = AuditLog(pool)
    await log.record(somebody(), "replay.started", "replay", "r-1", {"filter": {"reason": "bad_request"}})
    await log.record(somebody("bob@example.com"), "message.body_opened", "message", "m-1", address="192.0.2.7")
    await log.record(None, "subscription.created", "subscription", "s-1", outcome="failure")
    await log.record(somebody(), "sandbox.throttle", "account", "100%_a", outcome="denied")


async def ids(api: Api, query: str) -> list[str]:
    answer = await api.call("GET", f"{PATH}?{query}")
    assert answer.status == 200, answer.body
    return [item["subject"] for item in answer.body["items"]]


async def test_the_last_entry_comes_first_and_filters_leave_what_fits(api: Api, pool: Pool) -> None:
    await fill(pool)
    assert await ids(api, "") == ["100%_a", "s-1", "m-1", "r-1"]
    assert await ids(api, "actor=ada@example.com") == ["100%_a", "r-1"]
    assert await ids(api, "action=message.body_opened") == ["m-1"]
    assert await ids(api, "subject=s-1") == ["s-1"]
    assert await ids(api, "outcome=denied") == ["100%_a"]
    assert await ids(api, "q=BAD_request") == ["r-1"], "details are searched too"
    assert await ids(api, "q=192.0.2.7") == ["m-1"]
    assert await ids(api, "q=%25_") == ["100%_a"], "nothing in a search is a wildcard"
    assert await ids(api, "since=2999-01-01T00:00:00Z") == []
    assert await ids(api, "until=2999-01-01T00:00:00Z&actor=system") == ["s-1"]
    entry = (await api.call("GET", f"{PATH}?subject=s-1")).body["items"][0]
    assert (entry["actor"], entry["actor_kind"], entry["outcome"]) == ("system", "system", "failure")
    assert entry["id"].startswith("api-")


async def test_pages_follow_each_other_without_a_gap(api: Api, pool: Pool) -> None:
    await fill(pool)
    first = (await api.call("GET", f"{PATH}?limit=3")).body
    await AuditLog(pool).record(somebody(), "later", "thing", "new")
    second = (await api.call("GET", f"{PATH}?limit=3&after={first['next']}")).body
    assert [item["subject"] for item in first["items"] + second["items"]] == ["100%_a", "s-1", "m-1", "r-1"]
    assert second["next"] is None
    for nonsense in ("1", "api-x", "auth-1", "api-99999999999999999999"):
        assert (await api.call("GET", f"{PATH}?after={nonsense}")).status == 422


async def test_the_service_can_neither_change_nor_delete_an_entry(pool: Pool) -> None:
    await fill(pool)
    for statement in ("UPDATE api.audit_log SET actor = 'x'", "DELETE FROM api.audit_log", "TRUNCATE api.audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement)


async def test_the_export_has_everything_and_is_its_own_entry(api: Api, pool: Pool) -> None:
    await fill(pool)
    await pool.execute(
        "INSERT INTO api.audit_log (actor, actor_kind, action, subject, subject_kind, outcome) "
        "SELECT 'x', 'user', 'many', number::text, 'thing', 'success' FROM generate_series(1, 1100) number"
    )
    answer = await api.call("GET", f"{PATH}.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == 1105
    assert rows[0]["action"] == "audit.exported"
    assert json.loads(rows[-1]["details"]) == {"filter": {"reason": "bad_request"}}
    assert rows[-1]["at"].endswith("Z")
    filtered = await api.call("GET", f"{PATH}.csv?action=replay.started")
    assert len(list(csv.DictReader(io.StringIO(filtered.content.decode())))) == 1
    entry = (await api.call("GET", f"{PATH}?action=audit.exported&limit=1")).body["items"][0]
    assert entry["details"] == {"action": "replay.started"}


async def test_only_administrators_read_it(api: Api) -> None:
    for path in (PATH, f"{PATH}.csv"):
        assert (await api.call("GET", path, role="operator")).status == 403
        assert (await api.call("GET", path, role=None)).status == 401


async def test_an_entry_has_the_correlation_id_of_its_request(api: Api) -> None:
    headers = {**api.auth.bearer("operator"), "X-Correlation-Id": "console-0000-1111"}
    async with api.http.post(f"{api.public}/api/system/check-webhook", headers=headers) as answer:
        assert answer.headers["X-Correlation-Id"] == "console-0000-1111"
    assert (await api.call("GET", f"{PATH}?q=console-0000-1111")).body["items"][0]["action"] == "webhook.checked"
