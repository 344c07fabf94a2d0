"""Programs at the front door: an API key instead of a session, for the api's own paths."""

from __future__ import annotations

import pytest

from flovify.common import api_keys
from tests.integration.bff.conftest import HOP, Door

pytestmark = pytest.mark.asyncio(loop_scope="session")
KEY = api_keys.make()
BEARER = {"Authorization": f"Bearer {KEY}"}


async def test_a_key_goes_through_to_the_api_s_own_paths_without_a_session(door: Door) -> None:
    async with door.http.get(f"{door.url}/api/messages?limit=2&after=3", headers=BEARER) as answer:
        assert answer.status == 200
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
    (seen,) = door.api.seen
    assert seen.target == "/api/messages?limit=2&after=3"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["x-flovify-front-door"] == HOP
    assert door.auth.seen == []


async def test_a_change_needs_no_header_against_forms_for_a_key_is_none_a_page_could_send(door: Door) -> None:
    body = {"tenant_id": "00000000-0000-4000-8000-000000000001"}
    async with door.http.post(f"{door.url}/api/ms365/subscriptions", json=body, headers=BEARER) as answer:
        assert answer.status == 200
    assert door.api.seen[0].headers["content-length"] == str(
        len('{"tenant_id": "00000000-0000-4000-8000-000000000001"}')
    )


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer eyJhbGciOiJFZERTQSJ9.e30.x", "Basic Zmx2Xzo=", "Bearer flv_" + "0" * 46, "Bearer {KEY}x"],
)
async def test_nothing_but_a_key_is_let_through(door: Door, authorization: str) -> None:
    authorization = authorization.replace("{KEY}", KEY)
    held = await door.sign_in()
    door.forget()
    for headers in ({"Authorization": authorization}, {**held, "Authorization": authorization}):
        status, body = await door.call("GET", "/api/messages", headers=headers)
        assert status == 401
        assert body["code"] in {"api_key_invalid", "unauthorized"}
    assert door.api.seen == []


@pytest.mark.parametrize(
    "path", ["/api/internal/live", "/api/stream", "/api/openapi.json", "/auth/api-keys", "/api/messages/%2e%2e/x"]
)
async def test_other_paths_do_not_exist(door: Door, path: str) -> None:
    status, _ = await door.call("GET", path, headers=BEARER)
    assert status in {404, 401, 405}
    assert door.api.seen == []


async def test_a_key_is_no_session(door: Door) -> None:
    status, _ = await door.call("GET", "/bff/api/messages", headers={**BEARER, "X-Flovify": "1"})
    assert status == 401
