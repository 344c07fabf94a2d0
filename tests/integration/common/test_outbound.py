"""Where a token may go (O-01 to O-04), on real sockets: who was connected to, not what a function says."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from pydantic import SecretStr

from flovify.api.graph.client import GraphClient
from flovify.api.graph.problems import to_problem
from flovify.api.providers.errors import ProviderUnavailable
from flovify.auth.apps.addresses import Addresses
from flovify.auth.apps.models import Credential, Registration
from flovify.auth.microsoft.entra_errors import EntraError
from flovify.auth.microsoft.ms365 import Ms365Client
from flovify.auth.tenants.api_client import ApiClient
from flovify.auth.vault.cipher import SecretText
from flovify.common.clock import SystemClock
from flovify.common.errors import Unavailable
from flovify.common.http import ResponseTooLarge, create_session, read_capped
from flovify.common.outbound import CallRefused, microsoft_session, outbound_failure, own_session
from tests.support.proxy import company_proxy

TOKEN = {"Authorization": "Bearer token-canary-4Fz"}
NO_PROXY = SecretStr("")
LINES = 2**18
TENANT = UUID("7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def _empty(_request: web.Request) -> web.StreamResponse:
    return web.json_response({})


class Place:
    """A listener on all loopback addresses that counts connections and keeps the credentials that came."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.connections = 0
        self.credentials: list[str] = []
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.credentials.append(request.headers.get("Authorization", ""))
        return await self.handler(request)


@asynccontextmanager
async def place(handler: Handler = _empty) -> AsyncIterator[Place]:
    made = Place(handler)
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", made.handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    served = runner.server
    assert served is not None

    def counted() -> asyncio.Protocol:
        made.connections += 1
        return served()

    server = await asyncio.get_running_loop().create_server(counted, "0.0.0.0", 0)  # noqa: S104 - 0.0.0.0 is a row below
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await runner.cleanup()


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:{foreign}/v1.0/me",
        "https://127.0.0.1:{ours}/v1.0/me",
        "http://localhost:{ours}/v1.0/me",
        "http://127.0.0.1.:{ours}/v1.0/me",
        "http://127.1:{ours}/v1.0/me",
        "http://2130706433:{ours}/v1.0/me",
        "http://0x7f000001:{ours}/v1.0/me",
        "http://0.0.0.0:{ours}/v1.0/me",
        "http://[::ffff:127.0.0.1]:{ours}/v1.0/me",
        "http://127.0.0.1@127.0.0.1:{foreign}/v1.0/me",
        "http://someone:word@127.0.0.1:{ours}/v1.0/me",
        "http://someone@127.0.0.1:{ours}/v1.0/me",
    ],
)
async def test_nothing_but_the_stand_in_is_connected_to(address: str) -> None:
    async with (
        place() as ours,
        place() as foreign,
        microsoft_session(("graph",), stand_in=ours.url, proxy=NO_PROXY) as session,
    ):
        url = address.format(ours=ours.port, foreign=foreign.port)
        for method in ("GET", "POST"):
            with pytest.raises(CallRefused):
                await session.request(method, url, trace_request_ctx="global")
        assert (ours.connections, foreign.connections) == (0, 0)
        async with session.get(f"{ours.url}/v1.0/me", headers=TOKEN, trace_request_ctx="global") as answer:
            assert answer.status == 200
        assert ours.credentials == [TOKEN["Authorization"]]


@pytest.mark.parametrize(
    ("cloud", "address"),
    [
        ("global", "https://evil.example/v1.0/me"),
        ("global", "https://graph.microsoft.com.evil.example/v1.0/me"),
        ("global", "https://evilgraph.microsoft.com/v1.0/me"),
        ("global", "https://graph.microsoft.com@evil.example/v1.0/me"),
        ("global", "https://user:word@graph.microsoft.com/v1.0/me"),
        ("global", "https://graph.microsoft.com./v1.0/me"),
        ("global", "https://graph.microsoft.com:8443/v1.0/me"),
        ("global", "http://graph.microsoft.com/v1.0/me"),
        ("global", "http://graph.microsoft.com:443/v1.0/me"),
        ("global", "https://login.microsoftonline.com/common"),
        ("global", "https://graph.microsoft.us/v1.0/me"),
        ("usgov", "https://graph.microsoft.com/v1.0/me"),
        ("china", "https://dod-graph.microsoft.us/v1.0/me"),
        ("global", "https://20.190.128.1/v1.0/me"),
        ("global", "https://[2603:1006:2000::1]/v1.0/me"),
        ("global", "https://127.0.0.1/v1.0/me"),
        ("nowhere", "https://graph.microsoft.com/v1.0/me"),
        (None, "https://graph.microsoft.com/v1.0/me"),
    ],
)
async def test_a_token_goes_to_graph_of_its_own_cloud_only(cloud: str | None, address: str) -> None:
    async with company_proxy() as proxy, microsoft_session(("graph",), proxy=SecretStr(proxy.url())) as session:
        headers = {} if "@" in address else TOKEN
        with pytest.raises(CallRefused):
            await session.get(address, headers=headers, trace_request_ctx=cloud)
        assert proxy.asked == []


@pytest.mark.parametrize(
    ("cloud", "host"),
    [
        ("global", "graph.microsoft.com"),
        ("usgov", "graph.microsoft.us"),
        ("dod", "dod-graph.microsoft.us"),
        ("china", "microsoftgraph.chinacloudapi.cn"),
        ("china", "login.partner.microsoftonline.cn"),
    ],
)
async def test_each_cloud_s_own_hosts_are_reached_by_connect(
    monkeypatch: pytest.MonkeyPatch, cloud: str, host: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    async with (
        company_proxy() as proxy,
        microsoft_session(("login", "graph"), proxy=SecretStr(proxy.url())) as session,
    ):
        with pytest.raises(aiohttp.ClientHttpProxyError) as caught:
            await session.get(f"https://{host}/v1.0/me", headers=TOKEN, trace_request_ctx=cloud)
        assert outbound_failure(caught.value) == "proxy_refused"
        assert proxy.asked == [f"CONNECT {host}:443 HTTP/1.1"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed_even_when_a_caller_forgets_to_say_so(status: int) -> None:
    async with place() as foreign:

        async def away(request: web.Request) -> web.StreamResponse:
            target = foreign.url if request.path == "/away" else "/"
            return web.Response(status=status, headers={"Location": target})

        async with (
            place(away) as ours,
            own_session(ours.url) as own,
            microsoft_session(("graph",), stand_in=ours.url, proxy=NO_PROXY) as session,
        ):
            for path in ("/away", "/home"):
                with pytest.raises(CallRefused):
                    await session.get(ours.url + path, headers=TOKEN, trace_request_ctx="global")
                with pytest.raises(CallRefused):
                    await own.get(ours.url + path, headers=TOKEN)
        assert foreign.connections == 0
        assert len(ours.credentials) == 4


async def test_a_session_for_our_own_services_reaches_no_other() -> None:
    async with place() as ours, place() as foreign, own_session(f"{ours.url}/api/x", "") as session:
        for url in (foreign.url, "https://graph.microsoft.com/v1.0/me"):
            with pytest.raises(CallRefused):
                await session.get(url, headers={"X-Service-Token": "secret"})
        async with session.get(f"{ours.url}/other") as answer:
            assert answer.status == 200
        assert foreign.connections == 0


async def test_the_environment_s_proxies_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    async with company_proxy() as proxy, place() as ours:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            for variable in (name, name.lower()):
                monkeypatch.setenv(variable, proxy.url())
        closed = "https://127.0.0.1:9"
        async with (
            microsoft_session(("graph",), stand_in=ours.url, proxy=NO_PROXY) as microsoft,
            microsoft_session(("graph",), stand_in=closed, proxy=NO_PROXY) as away,
            own_session(ours.url, closed) as own,
        ):
            await microsoft.get(ours.url, headers=TOKEN, trace_request_ctx="global")
            await own.get(ours.url)
            for call in (away.get(closed, trace_request_ctx="global"), own.get(closed)):
                with pytest.raises(aiohttp.ClientConnectorError):
                    await call
        assert ours.connections == 2
        assert proxy.asked == []


async def test_our_own_services_and_a_stand_in_are_called_without_the_proxy() -> None:
    async with (
        company_proxy() as proxy,
        place() as ours,
        microsoft_session(("graph",), stand_in=ours.url, proxy=SecretStr(proxy.url())) as session,
    ):
        await session.get(ours.url, headers=TOKEN, trace_request_ctx="global")
        assert (ours.connections, proxy.asked) == (1, [])


async def test_a_wrong_login_at_the_proxy_and_no_proxy_are_told_apart() -> None:
    async with company_proxy() as proxy:
        for login in ("proxy-user:wrong-canary", "proxy-user", ""):
            async with microsoft_session(("graph",), proxy=SecretStr(proxy.url(login))) as session:
                with pytest.raises(aiohttp.ClientError) as caught:
                    await session.get("https://graph.microsoft.com/", headers=TOKEN, trace_request_ctx="global")
            assert outbound_failure(caught.value) == "proxy_login_refused"
            assert "wrong-canary" not in f"{caught.value} {outbound_failure(caught.value)}"
    async with microsoft_session(("graph",), proxy=SecretStr(proxy.url())) as session:
        with pytest.raises(aiohttp.ClientError) as caught:
            await session.get("https://graph.microsoft.com/", headers=TOKEN, trace_request_ctx="global")
    assert outbound_failure(caught.value) == "proxy_unreachable"
    # The connection's key is a part of the error, and whoever prints that must not print the password.
    assert "canary" not in repr(caught.value)


async def test_what_ends_at_the_proxy_waits_and_says_why() -> None:
    registration = Registration(TENANT, "ms365", str(TENANT), "global", "common", "", True, "stored")
    async with company_proxy() as proxy:
        url = SecretStr(proxy.url("proxy-user:wrong-canary"))
        async with microsoft_session(("login", "graph"), proxy=url) as session:
            places = Addresses("http://x", "http://x/callback")
            entra = Ms365Client(session, places, OneSecret(), SystemClock())
            with pytest.raises(EntraError) as refused:
                await entra.request_app_token(registration, str(TENANT))
            with pytest.raises(ProviderUnavailable) as away:
                await GraphClient(session, "https://graph.microsoft.com").fetch_message("token", "me", "m")
    failure = refused.value.failure
    assert (failure.kind, failure.words().code, failure.words().status) == (
        "transient", "proxy_login_refused", "waiting",
    )  # fmt: skip
    problem = to_problem(away.value)
    words = problem.extra["words"]
    assert isinstance(words, dict)
    assert (problem.status, words["code"], words["who_must_act"]) == (503, "proxy_login_refused", "operator")
    assert "FLOVIFY_HTTPS_PROXY" in words["cause"]
    hosts = ["login.microsoftonline.com", "graph.microsoft.com"]
    assert proxy.asked == [f"CONNECT {host}:443 HTTP/1.1" for host in hosts]


class OneSecret:
    """A registration's credentials; what is noted of them is forgotten."""

    async def credentials(self, registration_id: UUID) -> list[Credential]:
        return [Credential(registration_id, "secret", SecretText("x"), None, refused=False)]

    async def note_credential_refused(self, credential: Credential, reason: dict[str, Any]) -> None: ...

    async def note_refused(self, registration_id: UUID, reason: dict[str, Any]) -> None: ...

    async def note_accepted(self, registration_id: UUID, credential: Credential) -> None: ...


async def test_every_session_ends_a_call_after_thirty_seconds() -> None:
    async with microsoft_session(("graph",), proxy=NO_PROXY) as microsoft, own_session() as own:
        assert [microsoft.timeout.total, own.timeout.total] == [30, 30]


async def test_a_trickled_body_ends_at_the_total_deadline() -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    async with place(trickle) as ours, create_session(total_seconds=0.5) as session:
        started = asyncio.get_running_loop().time()
        with pytest.raises(TimeoutError):
            async with session.get(ours.url) as answer:
                await read_capped(answer)
        assert asyncio.get_running_loop().time() - started < 3


async def test_a_body_is_capped_after_it_is_unpacked() -> None:
    packed = gzip.compress(bytes(21 * 2**20))

    async def bomb(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    assert len(packed) < 2**16
    async with place(bomb) as ours, own_session(ours.url) as session:
        with pytest.raises(ResponseTooLarge):
            async with session.get(ours.url) as answer:
                await read_capped(answer)


async def test_what_the_api_says_to_auth_is_capped() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        whole = b'{"left": "' + b"x" * (2 * 2**20) + b'"}\n'
        return web.Response(body=whole if request.method == "DELETE" else b'{"step": 1}\n' * LINES)

    async with place(endless) as ours, own_session(ours.url) as session:
        client = ApiClient(session, ours.url, "secret")
        with pytest.raises(Unavailable):
            await client.remove_tenant(TENANT)
        steps = client.test_tenant(TENANT)
        seen: list[object] = []
        with pytest.raises(Unavailable):
            await _collect(steps, seen)
        assert 0 < len(seen) < LINES


async def _collect(steps: AsyncIterator[object], seen: list[object]) -> None:
    async for step in steps:
        seen.append(step)  # noqa: PERF401 - what came before the failure counts
