"""auth's audit log over HTTP."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.integration.auth.house import EMAIL, House

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _entries(house: House, **query: str) -> list[dict[str, Any]]:
    answer = await house.call("GET", f"{house.public}/auth/audit", params=query, headers=await house.admin())
    assert answer.status == 200, answer.text
    found: list[dict[str, Any]] = answer.body["items"]
    return found


async def test_what_is_done_is_found_with_who_where_and_which_request(house: House) -> None:
    headers = {**await house.admin(), "X-Correlation-Id": "corr-of-this-test", "X-Forwarded-For": "198.51.100.4"}
    await house.call(
        "POST", f"{house.public}/auth/users", json={"email": "nora@example.com", "role": "viewer"}, headers=headers
    )
    (entry,) = await _entries(house, action="user.invited")
    assert entry["id"].startswith("auth-")
    assert entry["actor"] == EMAIL
    assert (entry["actor_kind"], entry["subject_kind"], entry["outcome"]) == ("user", "user", "success")
    assert (entry["address"], entry["correlation_id"]) == ("198.51.100.4", "corr-of-this-test")
    assert await _entries(house, q="nora@exam") == [entry]
    assert await _entries(house, q="%") == []
    assert await _entries(house, actor="somebody@else.example") == []


async def test_failed_sign_ins_and_refusals_are_in_it(house: House) -> None:
    await house.login(EMAIL, "not the right password")
    await house.login("hunter2 typed into the wrong field", "x" * 20)
    failed = await _entries(house, action="user.sign_in_failed", outcome="failure")
    assert [one["actor"] for one in failed] == ["unknown", EMAIL]
    await house.owner.execute("UPDATE auth.users SET role = 'viewer'")
    refused = await house.call("GET", f"{house.public}/auth/users", headers=await house.admin())
    assert refused.status == 403
    await house.owner.execute("UPDATE auth.users SET role = 'administrator'")
    (denied,) = await _entries(house, outcome="denied")
    assert (denied["actor"], denied["subject"]) == (EMAIL, "GET /auth/users")


async def test_it_is_paged_newest_first(house: House) -> None:
    for number in range(4):
        await house.login(f"nobody{number}@example.com", "x" * 20)
    headers = {"Authorization": f"Bearer {(await house.login()).body['access_token']}"}
    seen: list[str] = []
    after = ""
    while True:
        query = {"limit": "2", **({"after": after} if after else {})}
        answer = await house.call("GET", f"{house.public}/auth/audit", params=query, headers=headers)
        seen += [one["id"] for one in answer.body["items"]]
        after = answer.body["next"]
        if after is None:
            break
    assert seen == sorted(set(seen), key=lambda name: -int(name.partition("-")[2]))
    assert len(seen) == 5  # four failures and the sign-in
    refused = await house.call("GET", f"{house.public}/auth/audit?after=api-1", headers=headers)
    assert refused.code == "invalid_cursor"


async def test_an_export_is_an_entry_and_no_formula(house: House) -> None:
    await house.login("=cmd|calc@example.com", "x" * 20)
    answer = await house.call("GET", f"{house.public}/auth/audit.csv", headers=await house.admin())
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = answer.text.splitlines()
    assert lines[0].startswith("id,at,actor,")
    assert "audit.exported" in lines[1]
    assert any(",'=cmd|calc@example.com," in line for line in lines)


async def test_each_of_these_leaves_its_entry(house: House) -> None:
    """Signing in, failing to, signing out; a hand-out of a token is counted by account and minute."""
    headers = await house.admin()
    signed_in = await house.login()
    gone = {"refresh_token": signed_in.body["refresh_token"]}
    tenant_id = await house.connect()
    left = {
        "user.signed_in": (house.login(), "success"),
        "user.sign_in_failed": (house.login(EMAIL, "not the right password"), "failure"),
        "user.signed_out": (house.call("POST", f"{house.public}/auth/logout", json=gone), "success"),
        "access.denied": (house.call("GET", f"{house.public}/auth/users", headers=headers), "denied"),
        "tenant.disconnected": (
            house.call("DELETE", f"{house.public}/auth/tenants/{tenant_id}", headers=headers),
            "success",
        ),
    }
    assert [(await house.token(tenant_id)).status for _ in range(3)] == [200] * 3
    assert await house.owner.fetchval("SELECT sum(count) FROM auth.token_handouts WHERE tenant_id = $1", tenant_id) == 3
    for action, (call, outcome) in left.items():
        role = "viewer" if action == "access.denied" else "administrator"
        await house.owner.execute(f"UPDATE auth.users SET role = '{role}'")
        await house.owner.execute("DELETE FROM auth.audit_log")
        await call
        found = await house.owner.fetch("SELECT action, outcome FROM auth.audit_log")
        assert [tuple(row) for row in found] == [(action, outcome)]


async def test_the_service_cannot_change_what_is_written(house: House) -> None:
    await house.login()
    connection = await asyncpg.connect(house.database.auth_dsn)
    try:
        for statement in (
            "UPDATE auth.audit_log SET actor = 'x'",
            "DELETE FROM auth.audit_log",
            "TRUNCATE auth.audit_log",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    finally:
        await connection.close()
