"""auth, api and the front door in this process, over one database: what a person's access is, and how it ends."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
from starlette.types import ASGIApp

from flovify.api.app import create_app as create_api
from flovify.api.core import open_sessions
from flovify.api.deps import Deps, wire
from flovify.api.revocations.feed import RevocationFeed
from flovify.api.settings import ApiSettings
from flovify.auth.users.passwords import Passwords
from flovify.bff.app import create_app as create_front
from flovify.bff.deps import BffDeps
from flovify.bff.settings import BffSettings
from flovify.bff.ui.build import Build
from flovify.common.clock import SystemClock
from flovify.common.correlation import CorrelationMiddleware
from flovify.common.db import create_pool
from flovify.common.server import bind, create_server
from flovify.common.settings import load
from tests.integration.auth.house import House
from tests.support.net import free_port
from tests.support.wait import until

# What the api must keep to; in truth it is milliseconds.
SOON = 5.0
# So that no test passes by the safety net.
NEVER = 3600.0
PASSWORD = "correct horse battery staple"
CHANGE = {"X-Flovify": "1"}
OPEN_TO_ALL = "/api/account-statuses"
FOR_OPERATORS = "/api/dead-letter-groups"


@dataclass
class Person:
    """Somebody with one session; `bearer` is the access token it has now."""

    id: str
    email: str
    session_token: str
    session_id: str
    bearer: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}"}


@dataclass
class Ground:
    house: House
    api: Deps
    api_url: str
    front_url: str
    http: aiohttp.ClientSession
    password_hash: str

    async def join(self, role: str = "viewer") -> Person:
        """A user with a living session."""
        email, token = f"{secrets.token_hex(6)}@example.com", secrets.token_urlsafe(32)
        user_id: UUID = await self.house.owner.fetchval(
            "INSERT INTO auth.users (email, password_hash, role) VALUES ($1, $2, $3) RETURNING id",
            email, self.password_hash, role,
        )  # fmt: skip
        session_id = await self.house.owner.fetchval(
            "INSERT INTO auth.sessions (token_hash, user_id, expires_at) VALUES ($1, $2, now() + interval '1 hour')"
            " RETURNING id",
            hashlib.sha256(token.encode()).digest(), user_id,
        )  # fmt: skip
        return Person(str(user_id), email, token, str(session_id), await self.refresh(token))

    async def refresh(self, session_token: str) -> str:
        """A fresh access token."""
        body = {"refresh_token": session_token}
        answer = await self.house.call("POST", f"{self.house.public}/auth/refresh", json=body)
        assert answer.status == 200, answer.text
        return str(answer.body["access_token"])

    async def ask(self, headers: dict[str, str], path: str = OPEN_TO_ALL) -> tuple[int, str]:
        """Status and code of a call to the api itself."""
        async with self.http.get(self.api_url + path, headers=headers) as answer:
            body = await answer.json(content_type=None)
            return answer.status, body.get("code", "")

    async def refused(self, person: Person) -> None:
        """Wait until the api refuses the token that the person has."""

        async def asked() -> bool:
            return await self.ask(person.headers) == (401, "session_ended")

        await until(asked, SOON, "the refusal", 0.01)

    async def at_front(self, person: Person, method: str, path: str, **options: Any) -> tuple[int, str]:
        """Status and code of a call with the person's cookie."""
        cookie = f"flovify_sid_{self.front_url.rpartition(':')[2]}={person.session_token}"
        headers = {**CHANGE, "Cookie": cookie}
        async with self.http.request(method, f"{self.front_url}{path}", headers=headers, **options) as answer:
            text = await answer.text()
            body = await answer.json(content_type=None) if "json" in answer.headers.get("Content-Type", "") else {}
            return answer.status, (body.get("code", "") if isinstance(body, dict) else text)

    async def as_admin(self, method: str, path: str, **body: Any) -> None:
        """A call to auth that must succeed."""
        given = {"json": body} if body else {}
        answer = await self.house.call(method, self.house.public + path, headers=await self.house.admin(), **given)
        assert answer.status < 300, answer.text


@asynccontextmanager
async def running_ground(house: House) -> AsyncIterator[Ground]:
    """The api and the front door beside an auth that is running."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        api, api_url = await stack.enter_async_context(_api(house))
        front = await stack.enter_async_context(_front(house.public, api_url))
        yield Ground(house, api, api_url, front, http, await Passwords().hash(PASSWORD))


def api_environment(house: House) -> dict[str, str]:
    """For an api beside this auth; its ports are still to be named."""
    return {
        "DATABASE_URL": house.database.api_dsn,
        "SERVICE_SECRET": house.service_secret,
        "AUTH_SERVICE_URL": house.internal,
        "MS365_WEBHOOK_URL": "http://localhost/api/ms365/webhook",
        "MS365_CLIENT_STATE": "client-state-of-this-test-run",
    }


@asynccontextmanager
async def _api(house: House) -> AsyncIterator[tuple[Deps, str]]:
    settings = load(ApiSettings, api_environment(house))
    pool = await create_pool(house.database.api_dsn, application_name="api-under-test")
    deps = wire(settings, pool, open_sessions(settings), SystemClock())
    ask, known = deps.auth.list_revocations, deps.console.revoked
    deps = replace(deps, revocations=RevocationFeed(pool, ask, known, deps.clock, net_seconds=NEVER))
    await deps.revocations.start()
    await until(lambda: deps.revocations.listening, SOON, "the channel")
    async with _served(create_api(deps, [])) as url:
        yield deps, url
        await deps.console.hub.close()
    await deps.close()


@asynccontextmanager
async def _front(auth: str, api: str) -> AsyncIterator[str]:
    port = free_port()
    given = {"FLOVIFY_PORT": str(port), "PUBLIC_URL": f"http://localhost:{port}"}
    settings = load(BffSettings, {**given, "FLOVIFY_AUTH_URL": auth, "FLOVIFY_API_URL": api})
    async with AsyncExitStack() as stack:
        stop = asyncio.Event()
        deps = await BffDeps.open(settings, stack, stop)
        async with _served(create_front(deps, Build()), port) as url:
            yield url
            stop.set()


@asynccontextmanager
async def _served(app: ASGIApp, port: int = 0) -> AsyncIterator[str]:
    sock = bind("127.0.0.1", port or free_port())
    server = create_server(CorrelationMiddleware(app), drain_seconds=2)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    await until(lambda: server.started, SOON, "the listener")
    try:
        yield f"http://localhost:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, 20)


async def cut_channel(ground: Ground) -> None:
    """End the api's connections to the database from the server's side, the listening one among them."""
    one = await asyncpg.connect(ground.house.database.api_dsn)
    await one.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'api-under-test'"
    )
    await one.close()
