"""A real auth process over a real PostgreSQL, with the fakes playing Microsoft and the api."""

from __future__ import annotations

import asyncio
import base64
import secrets
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import asyncpg

from flovify.auth.deps import AuthDeps
from tests.integration.auth.fake_api import FakeApi, running_api
from tests.integration.auth.fake_entra import CLIENT_ID, CLIENT_SECRET, FakeEntra, running_entra
from tests.integration.auth.inside import running_inside
from tests.support.net import free_ports
from tests.support.postgres import Database
from tests.support.processes import Process, start, stop, wait_ready

EMAIL, PASSWORD = "admin@example.com", "correct horse battery staple"
COOKIE = "flovify_oauth_tx"
AUDIT_KEY = "audit-canary-7hK2mX4c"
KEPT_SECONDS = 600.0  # an access token lives fifteen minutes
FOR_SUPPORT = {"reason", "aadsts", "trace_id", "correlation_id", "at"}


@dataclass
class Reply:
    status: int
    body: Any
    headers: Mapping[str, str]
    text: str = ""

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def alike(self) -> str:
        """The text but for the correlation id, which no two answers share."""
        assert self.body["correlation_id"] in self.text
        return self.text.replace(self.body["correlation_id"], "")


@dataclass(frozen=True)
class SignedIn:
    """The administrator's access token, and the rows it speaks for, as JSON."""

    bearer: str
    rows: dict[str, str]
    made_at: float


@dataclass
class House:
    """One auth process and what surrounds it."""

    database: Database
    entra: FakeEntra
    api: FakeApi
    ports: list[int]
    http: aiohttp.ClientSession
    owner: asyncpg.Connection[asyncpg.Record]
    encryption_key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    service_secret: str = "service-canary-5rT9wQ"
    bearer: str = ""
    signed_in: SignedIn | None = None
    process: Process | None = None
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    deps: AuthDeps | None = None

    async def reset(self) -> None:
        """Forget accounts, flows, sessions and scripts; the administrator and one session stay as first made."""
        assert self.deps is not None
        if self.signed_in is None or self.signed_in.made_at < time.monotonic() - KEPT_SECONDS:
            self.signed_in = await self._sign_in()
        await self.owner.execute("DELETE FROM auth.users")
        for table, row in self.signed_in.rows.items():
            await self.owner.execute(
                f"INSERT INTO auth.{table} SELECT * FROM jsonb_populate_record(NULL::auth.{table}, $1::jsonb)", row
            )
        for table in ("tenants", "organizations", "oauth_states", "sign_in_failures", "token_handouts", "audit_log"):
            await self.owner.execute(f"DELETE FROM auth.{table}")
        self.deps.tokens.pauses.clear()
        self.bearer = self.signed_in.bearer
        self.entra.reset()
        self.api.reset()

    async def _sign_in(self) -> SignedIn:
        """Once for all tests: hashing a password is slow on purpose."""
        if self.signed_in is not None:
            await self.owner.execute("DELETE FROM auth.sessions")
        answer = await self.login()
        assert answer.status == 200, answer.text
        rows = {
            table: await self.owner.fetchval(f"SELECT row_to_json(kept)::text FROM auth.{table} AS kept")
            for table in ("users", "sessions")
        }
        return SignedIn(answer.body["access_token"], rows, time.monotonic())

    @property
    def public(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def internal(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    def environment(self, **changes: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.auth_dsn,
            "FLOVIFY_AUTH_PORT": str(self.ports[0]),
            "FLOVIFY_AUTH_INTERNAL_PORT": str(self.ports[1]),
            "PUBLIC_URL": "http://localhost:8000",
            "MICROSOFT_CLIENT_ID": CLIENT_ID,
            "MICROSOFT_CLIENT_SECRET": CLIENT_SECRET,
            "MICROSOFT_AUTHORITY": self.entra.origin,
            "OAUTH_ENCRYPTION_KEY": self.encryption_key,
            "SERVICE_SECRET": self.service_secret,
            "AUDIT_KEY": AUDIT_KEY,
            "API_SERVICE_URL": self.api.origin,
            "FLOVIFY_ADMIN_EMAIL": EMAIL,
            "FLOVIFY_ADMIN_PASSWORD": PASSWORD,
            **changes,
        }

    async def start(self, **changes: str) -> AuthDeps:
        """Serve auth inside this process."""
        self.deps = await self.stack.enter_async_context(running_inside(self.environment(**changes)))
        return self.deps

    async def restart(self, **changes: str) -> AuthDeps:
        """Serve auth inside this process anew, as after a change of its environment."""
        await self.stack.aclose()
        return await self.start(**changes)

    async def spawn(self, **changes: str) -> Process:
        """Serve auth as a process of its own."""
        self.process = start(["serve", "auth"], self.environment(**changes))
        await asyncio.to_thread(wait_ready, self.process, f"{self.public}/auth/ready", 100)
        return self.process

    async def call(self, method: str, url: str, **options: Any) -> Reply:
        options.setdefault("allow_redirects", False)
        async with self.http.request(method, url, **options) as answer:
            text = await answer.text()
            json_like = "json" in answer.headers.get("Content-Type", "")
            body = await answer.json(content_type=None) if json_like and text else None
            return Reply(answer.status, body, answer.headers, text)

    async def login(self, email: str = EMAIL, password: Any = PASSWORD) -> Reply:
        return await self.call("POST", f"{self.public}/auth/login", json={"email": email, "password": password})

    async def admin(self) -> dict[str, str]:
        """The administrator's Authorization header."""
        if not self.bearer:
            answer = await self.login()
            assert answer.status == 200, answer.text
            self.bearer = answer.body["access_token"]
        return {"Authorization": f"Bearer {self.bearer}"}

    async def begin(self, **query: str) -> tuple[str, str]:
        """Start a flow: where the browser is sent, and the value of its cookie."""
        answer = await self.call(
            "GET", f"{self.public}/auth/oauth/ms365/authorize", params=query, headers=await self.admin()
        )
        assert answer.status == 302, answer.text
        return answer.headers["Location"], answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]

    async def come_back(self, parameters: Mapping[str, str], *cookies: str) -> Reply:
        headers = {"Cookie": "; ".join(f"{COOKIE}={cookie}" for cookie in cookies)} if cookies else {}
        return await self.call("GET", f"{self.public}/auth/oauth/ms365/callback", params=parameters, headers=headers)

    async def flow(self, **query: str) -> Reply:
        """A whole flow as the fake's person."""
        url, cookie = await self.begin(**query)
        return await self.come_back(self.entra.sign_in(url), cookie)

    async def connect(self) -> str:
        answer = await self.flow()
        found = outcome(answer)
        assert "connected" in found, found
        return found["connected"]

    async def token(self, tenant_id: object, **body: Any) -> Reply:
        return await self.call(
            "POST",
            f"{self.internal}/auth/internal/tenant-token",
            json={"tenant_id": tenant_id, **body},
            headers={"X-Service-Token": self.service_secret},
        )

    async def expire(self, tenant_id: str, seconds_left: int = -3600) -> None:
        """Let the stored access token have this much life left."""
        await self.owner.execute(
            "UPDATE auth.tenant_tokens SET expires_at = now() + make_interval(secs => $2), refresh_blocked_until = NULL"
            " WHERE tenant_id = $1",
            tenant_id,
            float(seconds_left),
        )

    async def row(self, tenant_id: str) -> dict[str, Any]:
        found = await self.owner.fetchrow(
            "SELECT *, tenant.status FROM auth.tenant_tokens AS token JOIN auth.tenants AS tenant"
            " ON tenant.id = token.tenant_id WHERE tenant_id = $1",
            tenant_id,
        )
        assert found is not None
        return dict(found)


def outcome(answer: Reply) -> dict[str, str]:
    """The query of the final redirect, without what is only there to be copied for Microsoft's support."""
    return {name: value for name, value in told(answer).items() if name not in FOR_SUPPORT}


def told(answer: Reply) -> dict[str, str]:
    """The whole query of the final redirect."""
    assert answer.status == 303, f"{answer.status} {answer.text}"
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == "/admin/tenants"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def _client() -> aiohttp.ClientSession:
    """A connection for each call: one kept alive may be closed by a server at the moment it is used again."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))


@asynccontextmanager
async def surroundings(database: Database) -> AsyncIterator[House]:
    """Everything but the process itself."""
    async with running_entra() as entra, running_api() as api, _client() as http:
        owner = await asyncpg.connect(database.owner_dsn)
        house = House(database, entra, api, free_ports(2), http, owner)
        try:
            yield house
        finally:
            await house.stack.aclose()
            if house.process is not None:
                await asyncio.to_thread(stop, house.process)
            await owner.close()
