from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web

from flovify.api.auth_client import AuthClient
from flovify.api.errors import AppCredentialInvalid, AuthUnavailable, ReconnectRequired, TenantNotFound
from flovify.common.errors import FlovifyError
from flovify.common.http import create_session
from tests.integration.api_graph.fake_auth import SECRET, FakeAuth, Tenant

TENANT = uuid.UUID(int=7)


class MovableClock:
    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        return self.offset.total_seconds()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with create_session() as made:
        yield made


@pytest.fixture
async def auth() -> AsyncIterator[FakeAuth]:
    fake = FakeAuth(tenants={TENANT: Tenant()})
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def client(session: aiohttp.ClientSession, auth: FakeAuth, clock: MovableClock) -> AuthClient:
    return AuthClient(session, auth.url, SECRET, clock)


async def test_forty_callers_share_one_request(client: AuthClient, auth: FakeAuth) -> None:
    auth.delay_seconds = 0.1
    tokens = await asyncio.gather(*(client.request_tenant_token(TENANT) for _ in range(40)))
    assert len(auth.asked) == 1
    assert {token.access_token for token in tokens} == {"token-0"}


async def test_token_is_remembered_for_ten_minutes(client: AuthClient, auth: FakeAuth, clock: MovableClock) -> None:
    await client.request_tenant_token(TENANT)
    clock.offset = timedelta(minutes=9)
    await client.request_tenant_token(TENANT)
    assert len(auth.asked) == 1
    clock.offset = timedelta(minutes=11)
    await client.request_tenant_token(TENANT)
    assert len(auth.asked) == 2


async def test_token_about_to_expire_is_not_remembered(client: AuthClient, auth: FakeAuth) -> None:
    auth.tenants[TENANT].lifetime = timedelta(seconds=50)
    await client.request_tenant_token(TENANT, min_seconds=10)
    await client.request_tenant_token(TENANT, min_seconds=10)
    assert len(auth.asked) == 2


async def test_more_life_than_is_left_asks_again(client: AuthClient, auth: FakeAuth) -> None:
    auth.tenants[TENANT].lifetime = timedelta(seconds=400)
    await client.request_tenant_token(TENANT)
    await client.request_tenant_token(TENANT, min_seconds=3000)
    assert [body["min_seconds"] for body in auth.asked] == [300, 3000]


async def test_rejected_token_is_named_by_its_hash_and_replaced(client: AuthClient, auth: FakeAuth) -> None:
    auth.refreshed[TENANT] = "token-1"
    first = await client.request_tenant_token(TENANT)
    second = await client.request_tenant_token(TENANT, rejected_token=first.access_token)
    assert second.access_token == "token-1"
    assert auth.asked[1]["force_refresh"] is True
    assert auth.asked[1]["rejected_token_sha256"] == hashlib.sha256(b"token-0").hexdigest()
    third = await client.request_tenant_token(TENANT, rejected_token="token-0")
    assert third.access_token == "token-1"
    assert len(auth.asked) == 2


async def test_repr_shows_no_token(client: AuthClient) -> None:
    assert "token-0" not in repr(await client.request_tenant_token(TENANT))


@pytest.mark.parametrize(
    ("refusal", "wanted", "code"),
    [
        ((404, "tenant_not_found"), TenantNotFound, "tenant_not_found"),
        ((409, "reconnect_required"), ReconnectRequired, "reconnect_required"),
        ((503, "app_credential_invalid"), AppCredentialInvalid, "app_credential_invalid"),
        ((503, "vault_locked"), AuthUnavailable, "vault_locked"),
        ((503, "token_endpoint_unavailable"), AuthUnavailable, "token_endpoint_unavailable"),
        ((401, "unauthorized"), AuthUnavailable, "auth_unavailable"),
        ((500, "internal_error"), AuthUnavailable, "auth_unavailable"),
    ],
)
async def test_each_refusal_has_its_error(
    client: AuthClient, auth: FakeAuth, refusal: tuple[int, str], wanted: type[FlovifyError], code: str
) -> None:
    auth.tenants[TENANT].refusal = refusal
    with pytest.raises(wanted) as caught:
        await client.request_tenant_token(TENANT)
    assert caught.value.problem_code == code


async def test_wait_that_auth_asks_for_is_passed_on(client: AuthClient, auth: FakeAuth) -> None:
    auth.tenants[TENANT].refusal = (503, "vault_locked")
    with pytest.raises(AuthUnavailable) as caught:
        await client.request_tenant_token(TENANT)
    assert caught.value.retry_after == 7


async def test_refusal_is_not_remembered(client: AuthClient, auth: FakeAuth) -> None:
    auth.tenants[TENANT].refusal = (409, "reconnect_required")
    with pytest.raises(ReconnectRequired):
        await client.request_tenant_token(TENANT)
    auth.tenants[TENANT].refusal = None
    assert (await client.request_tenant_token(TENANT)).access_token == "token-0"


async def test_auth_that_is_away_is_unavailable(client: AuthClient, auth: FakeAuth) -> None:
    await auth.stop()
    with pytest.raises(AuthUnavailable):
        await client.request_tenant_token(TENANT)
    with pytest.raises(AuthUnavailable):
        await client.fetch_jwks()


async def test_answer_without_a_token_is_unavailable(session: aiohttp.ClientSession) -> None:
    async def odd(_request: web.Request) -> web.Response:
        return web.Response(text="<html>hello", status=200)

    app = web.Application()
    app.router.add_post("/auth/internal/tenant-token", odd)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    client = AuthClient(session, f"http://127.0.0.1:{runner.addresses[0][1]}", SECRET)
    with pytest.raises(AuthUnavailable):
        await client.request_tenant_token(TENANT)
    await runner.cleanup()


async def test_caller_that_gives_up_leaves_the_answer_to_the_others(client: AuthClient, auth: FakeAuth) -> None:
    auth.delay_seconds = 0.2
    impatient = asyncio.create_task(client.request_tenant_token(TENANT))
    patient = asyncio.create_task(client.request_tenant_token(TENANT))
    done, _ = await asyncio.wait({impatient}, timeout=0.05)
    assert not done
    impatient.cancel()
    assert (await patient).access_token == "token-0"
    assert len(auth.asked) == 1


@pytest.mark.parametrize(("given", "cloud"), [(None, ""), ("", ""), ("usgov", "usgov"), ("global", "global")])
async def test_cloud_registration_and_scopes_are_passed_on(
    client: AuthClient, auth: FakeAuth, given: str | None, cloud: str
) -> None:
    auth.tenants[TENANT].cloud = given
    token = await client.request_tenant_token(TENANT)
    assert (token.cloud, token.scopes) == (cloud, ("Mail.Read",))
    assert token.registration_id == "33333333-3333-4333-8333-333333333333"


@pytest.mark.parametrize("cloud", ["mars", "graph.evil.example", "../usgov"])
async def test_a_token_of_an_unknown_cloud_is_not_used(client: AuthClient, auth: FakeAuth, cloud: str) -> None:
    auth.tenants[TENANT].cloud = cloud
    with pytest.raises(AuthUnavailable, match="same version"):
        await client.request_tenant_token(TENANT)
