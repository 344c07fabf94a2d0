"""POST /auth/internal/tenant-token: what is handed out, when Microsoft is asked, and what its refusals mean."""

from __future__ import annotations

import asyncio
import hashlib
import json
from datetime import datetime
from typing import Any

import pytest

from flovify.auth.tokens.refresh_task import refresh_due_tokens
from tests.integration.auth.fake_entra import Answer, Person, oauth_error
from tests.integration.auth.house import House
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
NOBODY = "00000000-0000-0000-0000-000000000001"


async def test_a_token_with_enough_life_is_handed_out_without_a_call(house: House) -> None:
    tenant_id = await house.connect()
    answer = await house.token(tenant_id)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.body) == {
        "access_token", "expires_at", "provider", "token_type", "scopes", "external_tenant_id", "external_account_id",
        "account_email", "status", "cloud", "registration_id",
    }  # fmt: skip
    assert answer.body["access_token"].startswith("access-canary")
    assert "refresh" not in answer.text
    assert datetime.fromisoformat(answer.body["expires_at"]).tzinfo is not None
    assert house.entra.refreshes == []
    counted = await house.owner.fetchval("SELECT sum(count) FROM auth.token_handouts WHERE tenant_id = $1", tenant_id)
    assert counted == 1


async def test_a_token_with_little_life_is_refreshed_and_sealed_anew(house: House) -> None:
    tenant_id = await house.connect()
    before = await house.row(tenant_id)
    first = (await house.token(tenant_id)).body["access_token"]
    await house.expire(tenant_id, 200)
    assert (await house.token(tenant_id, min_seconds=100)).body["access_token"] == first
    second = (await house.token(tenant_id)).body["access_token"]
    assert second != first
    after = await house.row(tenant_id)
    assert after["generation"] == before["generation"] + 1
    assert after["encrypted_refresh_token"] != before["encrypted_refresh_token"]
    assert after["previous_refresh_token"] == before["encrypted_refresh_token"]
    assert after["last_refreshed_at"] > before["last_refreshed_at"]
    assert "canary" not in json.dumps(after, default=str)
    await house.expire(tenant_id)
    await house.token(tenant_id)
    sent = [call["refresh_token"] for call in house.entra.refreshes]
    assert len(sent) == len(set(sent)) == 2  # the newest refresh token each time


async def test_an_answer_without_a_refresh_token_keeps_the_old_one(house: House) -> None:
    tenant_id = await house.connect()
    house.entra.rotate = False
    for _ in range(3):
        await house.expire(tenant_id)
        assert (await house.token(tenant_id)).status == 200
    assert len({call["refresh_token"] for call in house.entra.refreshes}) == 1


async def test_forty_callers_at_once_make_one_call(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    answers = await asyncio.gather(*(house.token(tenant_id) for _ in range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body["access_token"] for answer in answers}) == 1
    assert len(house.entra.refreshes) == 1


async def test_forty_callers_make_one_call_even_if_the_new_token_is_short_lived(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    house.entra.expires_in = 90
    answers = await asyncio.gather(*(house.token(tenant_id) for _ in range(40)))
    assert {answer.status for answer in answers} == {200}
    assert len(house.entra.refreshes) == 1


async def test_a_dead_grant_asks_for_a_reconnection_after_the_token_before_it_was_tried(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    await house.token(tenant_id)
    await house.expire(tenant_id)
    house.entra.script += [oauth_error("invalid_grant", 50173), oauth_error("invalid_grant", 700082)]
    answer = await house.token(tenant_id)
    assert (answer.status, answer.code) == (409, "reconnect_required")
    assert len(house.entra.refreshes) == 3
    assert len({call["refresh_token"] for call in house.entra.refreshes}) == 2
    row = await house.row(tenant_id)
    assert row["status"] == "reconnect_required"
    shown = (await house.call("GET", f"{house.public}/auth/tenants/{tenant_id}", headers=await house.admin())).body
    assert shown["status_reason"]["aadsts"] == 50173
    assert shown["status_reason"]["trace_id"] == "11111111-2222-3333-4444-555555555555"
    assert "canary" not in answer.text + json.dumps(shown)
    again = await house.token(tenant_id)
    assert (again.status, again.code) == (409, "reconnect_required")
    assert len(house.entra.refreshes) == 3


async def test_the_refresh_token_before_saves_a_connection_whose_answer_was_lost(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    await house.token(tenant_id)
    await house.expire(tenant_id)
    house.entra.script.append(oauth_error("invalid_grant"))
    assert (await house.token(tenant_id)).status == 200
    assert (await house.row(tenant_id))["status"] == "active"
    await house.expire(tenant_id)
    await house.owner.execute("UPDATE auth.tenant_tokens SET previous_until = now() - interval '1 second'")
    house.entra.script.append(oauth_error("invalid_grant"))
    assert (await house.token(tenant_id)).status == 409


async def test_a_passing_failure_at_the_second_try_flags_nobody(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    await house.token(tenant_id)
    await house.expire(tenant_id)
    house.entra.script += [oauth_error("invalid_grant"), Answer(503, "busy")]
    answer = await house.token(tenant_id)
    assert (answer.status, answer.code) == (503, "token_endpoint_unavailable")
    assert (await house.row(tenant_id))["status"] == "active"


async def test_a_reconnection_during_a_refused_refresh_wins(house: House) -> None:
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    house.entra.script.append(oauth_error("invalid_grant"))
    house.entra.gate.clear()
    asked = asyncio.create_task(house.token(tenant_id))
    await until(lambda: house.entra.refreshes, what="the refresh")
    # The browser's flow goes past the held one: its exchange waits at the gate, so store the tokens as it would.
    url, cookie = await house.begin()
    back = asyncio.create_task(house.come_back(house.entra.sign_in(url), cookie))
    await until(lambda: len(house.entra.token_calls) == 3, what="the exchange")
    await house.owner.execute(
        "UPDATE auth.tenant_tokens SET generation = generation + 1, expires_at = now() + interval '1 hour'"
        " WHERE tenant_id = $1",
        tenant_id,
    )
    house.entra.gate.set()
    assert (await back).status == 303
    await asked
    row = await house.row(tenant_id)
    assert row["status"] == "active"
    assert (await house.token(tenant_id)).status == 200


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "invalid_scope"])
async def test_a_refused_credential_flags_nobody_and_is_asked_no_more_for_a_while(house: House, error: str) -> None:
    first = await house.connect()
    house.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000002")
    second = await house.connect()
    await house.expire(first)
    await house.expire(second)
    house.entra.script += [oauth_error(error, 7000222, 401)] * 5
    for tenant_id in (first, second, first):
        answer = await house.token(tenant_id)
        assert (answer.status, answer.code) == (503, "app_credential_invalid")
        assert int(answer.headers["Retry-After"]) > 0
    assert len(house.entra.refreshes) == 1
    assert {row["status"] for row in (await house.row(first), await house.row(second))} == {"active"}
    await house.expire(second, 120)
    assert (await house.token(second)).status == 200  # what still lives is used


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, "<html>oops</html>"),
        Answer(503, "", {"Retry-After": "7"}),
        Answer(429, json.dumps({"error": "invalid_grant"}), {"Retry-After": "7.5"}),
        Answer(400, json.dumps({"error": "temporarily_unavailable"})),
        Answer(400, "<html>captive portal</html>"),
        Answer(200, "<html>captive portal</html>"),
        Answer(200, "{}"),
        Answer(200, json.dumps({"access_token": 5, "expires_in": "soon"})),
        Answer(302, "x", {"Location": "https://evil.example/"}),
    ],
)
async def test_a_passing_failure_uses_what_lives_and_else_says_when_to_come_again(house: House, answer: Answer) -> None:
    tenant_id = await house.connect()
    living = (await house.token(tenant_id)).body["access_token"]
    await house.expire(tenant_id, 120)
    house.entra.script.append(answer)
    used = await house.token(tenant_id)
    assert used.body["access_token"] == living
    await house.expire(tenant_id)
    house.entra.script.append(answer)
    refused = await house.token(tenant_id)
    assert (refused.status, refused.code) == (503, "token_endpoint_unavailable")
    assert int(refused.headers["Retry-After"]) >= 5
    again = await house.token(tenant_id)
    assert again.status == 503
    assert len(house.entra.refreshes) == 2  # nobody asks again before the pause is over
    assert (await house.row(tenant_id))["status"] == "active"


async def test_a_slow_microsoft_is_given_up_on(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house.deps is not None
    monkeypatch.setattr(house.deps.tokens, "microsoft_seconds", 0.5)
    tenant_id = await house.connect()
    await house.expire(tenant_id)
    house.entra.script.append(Answer(delay=2))
    answer = await house.token(tenant_id)
    assert (answer.status, answer.code) == (503, "token_endpoint_unavailable")


async def test_a_token_that_graph_refused_is_replaced_once(house: House) -> None:
    tenant_id = await house.connect()
    old = (await house.token(tenant_id)).body["access_token"]
    rejected = hashlib.sha256(old.encode()).hexdigest()
    new = await asyncio.gather(
        *(house.token(tenant_id, force_refresh=True, rejected_token_sha256=rejected) for _ in range(10))
    )
    assert {answer.status for answer in new} == {200}
    assert {answer.body["access_token"] for answer in new} == {(await house.token(tenant_id)).body["access_token"]}
    assert old not in {answer.body["access_token"] for answer in new}
    assert len(house.entra.refreshes) == 1
    rejected = hashlib.sha256(new[0].body["access_token"].encode()).hexdigest()
    house.entra.script.append(Answer(500, "x"))
    refused = await house.token(tenant_id, force_refresh=True, rejected_token_sha256=rejected)
    assert refused.status == 503  # a refused token is not handed out again while it cannot be replaced


async def test_only_the_service_credential_opens_the_internal_routes(house: House) -> None:
    tenant_id = await house.connect()
    url = f"{house.internal}/auth/internal/tenant-token"
    right = house.service_secret
    for wrong in ("", right[:-1], right + "x", "é", "x" * 4000, right.upper(), f"Bearer {right}"):
        for target in (url, f"{house.internal}/auth/internal/tenants/{tenant_id}"):
            method = "POST" if target == url else "GET"
            answer = await house.call(method, target, json={"tenant_id": tenant_id}, headers={"X-Service-Token": wrong})
            assert answer.status == 401, wrong
    assert (await house.call("POST", url, json={"tenant_id": tenant_id})).status == 401
    admin = await house.call("POST", url, json={"tenant_id": tenant_id}, headers=await house.admin())
    assert admin.status == 401
    twice = [("X-Service-Token", right), ("X-Service-Token", right)]
    assert (await house.call("POST", url, json={"tenant_id": tenant_id}, headers=twice)).status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/auth/internal/tenant-token", "/%61uth/internal/tenant-token", "//auth/internal/tenant-token",
        "/auth/./internal/tenant-token", "/auth/inter%6eal/tenant-token", "/auth/internal;x/tenant-token",
        "/AUTH/internal/tenant-token", "/auth/internal/tenant-token/", "/auth/oauth/../internal/tenant-token",
        "/metrics", "/auth/internal/tenants/00000000-0000-0000-0000-000000000001",
    ],
)  # fmt: skip
async def test_the_public_listener_has_no_internal_route(house: House, path: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", house.ports[0])
    body = json.dumps({"tenant_id": NOBODY})
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Service-Token: {house.service_secret}\r\nConnection: close\r\n"
    writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    assert status == b"404"


async def test_odd_bodies_get_no_token(house: House) -> None:
    tenant_id = await house.connect()
    url, headers = f"{house.internal}/auth/internal/tenant-token", {"X-Service-Token": house.service_secret}
    cases: list[tuple[Any, int]] = [
        ({}, 422),
        ({"tenant_id": None}, 422),
        ({"tenant_id": 5}, 422),
        ({"tenant_id": [tenant_id]}, 422),
        ({"tenant_id": [tenant_id] * 1000}, 422),
        ({"tenant_id": "common/../x"}, 422),
        ({"tenant_id": tenant_id, "tenant": tenant_id}, 422),
        ({"tenant_id": tenant_id, "min_seconds": -1}, 422),
        ({"tenant_id": tenant_id, "min_seconds": 10**9}, 422),
        ({"tenant_id": NOBODY}, 404),
        ([tenant_id], 422),
    ]
    for body, status in cases:
        answer = await house.call("POST", url, json=body, headers=headers)
        assert answer.status == status, (body, answer.text)
        assert "access_token" not in answer.text
    assert (await house.token(NOBODY)).code == "tenant_not_found"
    big = await house.call("POST", url, data=b"[" * 100_000, headers={**headers, "Content-Type": "application/json"})
    assert big.status == 413


async def test_a_row_that_was_tampered_with_gives_no_token_and_sounds_the_alarm(house: House) -> None:
    first = await house.connect()
    house.entra.person = Person(object_id="a1b2c3d4-0000-4000-8000-000000000002")
    second = await house.connect()
    await house.owner.execute(
        "UPDATE auth.tenant_tokens SET encrypted_access_token = (SELECT encrypted_access_token FROM auth.tenant_tokens"
        " WHERE tenant_id = $1) WHERE tenant_id = $2",
        first,
        second,
    )
    answer = await house.token(second)
    assert (answer.status, answer.code) == (503, "vault_locked")
    assert "canary" not in answer.text
    metrics = await house.call("GET", f"{house.internal}/metrics")
    assert "flovify_auth_vault_tampered_total" in metrics.text
    assert (await house.token(first)).status == 200
    await house.owner.execute("DELETE FROM auth.data_keys WHERE owner_id = $1", first)
    assert (await house.token(first)).code == "vault_locked"
    assert await house.owner.fetchval("SELECT count(*) FROM auth.data_keys WHERE owner_id = $1", first) == 0


async def test_an_old_access_token_does_not_go_with_a_newer_refresh_token(house: House) -> None:
    tenant_id = await house.connect()
    old = await house.row(tenant_id)
    await house.expire(tenant_id)
    await house.token(tenant_id)
    await house.owner.execute(
        "UPDATE auth.tenant_tokens SET encrypted_access_token = $2 WHERE tenant_id = $1",
        tenant_id,
        old["encrypted_access_token"],
    )
    assert (await house.token(tenant_id)).code == "vault_locked"


async def test_the_hourly_run_refreshes_what_is_due_and_goes_on_after_a_failure(house: House) -> None:
    assert house.deps is not None
    tenants = []
    for number in range(4):
        house.entra.person = Person(object_id=f"a1b2c3d4-0000-4000-8000-00000000001{number}")
        tenants.append(await house.connect())
    soon, idle, fresh, dead = tenants
    await house.expire(soon, 60)
    await house.expire(dead, -60)
    await house.owner.execute(
        "UPDATE auth.tenant_tokens SET last_refreshed_at = now() - interval '21 hours' WHERE tenant_id = $1", idle
    )
    house.entra.script.append(oauth_error("invalid_grant"))  # the one that ended first is asked first
    before = {tenant: (await house.row(tenant))["generation"] for tenant in tenants}
    await refresh_due_tokens(house.deps.tokens)
    moved = {tenant: (await house.row(tenant))["generation"] - before[tenant] for tenant in tenants}
    assert moved == {soon: 1, idle: 1, fresh: 0, dead: 0}
    assert (await house.row(dead))["status"] == "reconnect_required"


async def test_the_hourly_run_stops_when_our_own_credential_is_refused(house: House) -> None:
    assert house.deps is not None
    tenants = []
    for number in range(3):
        house.entra.person = Person(object_id=f"a1b2c3d4-0000-4000-8000-00000000001{number}")
        tenants.append(await house.connect())
        await house.expire(tenants[-1])
    house.entra.script += [oauth_error("invalid_client", 7000215, 401)] * 3
    await refresh_due_tokens(house.deps.tokens)
    assert len(house.entra.refreshes) == 1
    assert {(await house.row(tenant))["status"] for tenant in tenants} == {"active"}
