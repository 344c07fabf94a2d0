"""Small stand-ins for auth and api: real servers that keep what reached them, byte for byte."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.support.net import free_port

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """A server whose answers a test chooses by path; without a choice it says what it saw."""

    name: str
    port: int
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, Handler] = field(default_factory=dict)
    runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def targets(self) -> list[str]:
        return [one.target for one in self.seen]

    async def start(self) -> None:
        app = web.Application(client_max_size=8 * 2**20)
        app.router.add_route("*", "/{rest:.*}", self._handle)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()
            self.runner = None

    @asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        await self.stop()
        try:
            yield
        finally:
            await self.start()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {name.decode().lower(): value.decode() for name, value in request.raw_headers}
        assert len(headers) == len(request.raw_headers), "a header came twice"
        self.seen.append(Seen(request.method, request.raw_path, headers, body))
        answer = self.answers.get(request.raw_path.partition("?")[0])
        if answer:
            return await answer(request)
        return web.json_response({"service": self.name, "method": request.method, "target": request.raw_path})


class Auth(Service):
    """auth with sessions: any address signs in with the password `right password`."""

    def __init__(self, port: int) -> None:
        super().__init__("auth", port)
        self.sessions: dict[str, str] = {}
        self.refreshes = 0
        self.expires_in = 900
        self.slow: asyncio.Event | None = None
        self.answers |= {"/auth/login": self._login, "/auth/refresh": self._refresh, "/auth/logout": self._logout}

    async def _login(self, request: web.Request) -> web.Response:
        given = await request.json()
        if given["password"] != "right password":
            return problem(401, "sign_in_failed", "the address or the password is wrong")
        token = secrets.token_urlsafe(32)
        self.sessions[token] = given["email"]
        return self._signed_in(token)

    async def _refresh(self, request: web.Request) -> web.Response:
        token = (await request.json())["refresh_token"]
        self.refreshes += 1
        if self.slow:
            await self.slow.wait()
        if token not in self.sessions:
            return problem(401, "session_ended", "the session has ended; sign in again")
        return self._signed_in(token)

    async def _logout(self, request: web.Request) -> web.Response:
        self.sessions.pop((await request.json())["refresh_token"], None)
        return web.Response(status=204)

    def _signed_in(self, token: str) -> web.Response:
        return web.json_response(
            {
                "access_token": f"access-of-{self.sessions[token]}-{self.refreshes}",
                "token_type": "Bearer",
                "expires_in": self.expires_in,
                "refresh_token": token,
                "refresh_expires_at": "2030-01-01T00:00:00+00:00",
                "user": {"id": "u1", "email": self.sessions[token], "role": "administrator"},
            }
        )


def problem(status: int, code: str, detail: str, **headers: str) -> web.Response:
    body: dict[str, Any] = {"type": "about:blank", "title": "", "status": status, "code": code, "detail": detail}
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return web.json_response(body, status=status, headers=names, content_type="application/problem+json")


@asynccontextmanager
async def running_services() -> AsyncIterator[tuple[Auth, Service]]:
    auth, api = Auth(free_port()), Service("api", free_port())
    await auth.start()
    await api.start()
    try:
        yield auth, api
    finally:
        await auth.stop()
        await api.stop()
