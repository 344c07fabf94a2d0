"""A real sandbox process, a client signed in to it, and a real endpoint for its notifications."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web

from tests.support.net import free_port, free_ports
from tests.support.processes import Process, start, stop, wait_ready
from tests.support.wait import until

SALES = "sales@contoso.example"
SUPPORT = "support@fabrikam.example"
CLIENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
CLIENT_SECRET = "integration-secret"
REDIRECT = "http://localhost:9/callback"
SCOPES = "openid profile offline_access User.Read Mail.Read Mail.ReadWrite"
_PORTS = ("FLOVIFY_SANDBOX_PORT", "FLOVIFY_SANDBOX_TLS_PORT", "FLOVIFY_SANDBOX_PROXY_PORT", "FLOVIFY_SANDBOX_SMTP_PORT")


class SandboxProcess:
    """The process can be killed and started again over the same state."""

    def __init__(self, data_dir: Path, *, allow_http: bool = True) -> None:
        ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        self.base = f"http://localhost:{ports['FLOVIFY_SANDBOX_PORT']}"
        self._env = {name: str(port) for name, port in ports.items()} | {
            "FLOVIFY_DATA_DIR": str(data_dir),
            "FLOVIFY_SANDBOX_ALLOW_HTTP": "1" if allow_http else "0",
            "FLOVIFY_SANDBOX_CLIENT_ID": CLIENT_ID,
            "FLOVIFY_SANDBOX_CLIENT_SECRET": CLIENT_SECRET,
            "FLOVIFY_SANDBOX_REDIRECT_URIS": REDIRECT,
        }
        self.process: Process

    def start(self) -> None:
        self.process = start(["sandbox"], self._env)
        wait_ready(self.process, f"{self.base}/_sandbox/mailboxes", timeout=120)

    def stop(self) -> None:
        stop(self.process)

    def kill9_and_start(self) -> None:
        self.process.kill9()
        self.start()


class Sandbox:
    """A process and a client for it."""

    def __init__(self, process: SandboxProcess, http: aiohttp.ClientSession) -> None:
        self.process = process
        self.http = http
        self.base = process.base

    async def control(self, method: str, path: str, **options: Any) -> Any:
        async with self.http.request(method, f"{self.base}/_sandbox{path}", **options) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def deliver(self, address: str, raw: bytes) -> str:
        """Put a message in; answers its immutable id."""
        answer = await self.control("POST", f"/mailboxes/{address}/messages", data=raw)
        return str(answer["id"])

    async def sign_in(self, address: str, scopes: str = SCOPES, authority: str = "common") -> Graph:
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": CLIENT_ID, "response_type": "code", "redirect_uri": REDIRECT, "scope": scopes, "state": "s",
            "nonce": "n", "code_challenge": challenge, "code_challenge_method": "S256", "sandbox_auto": address,
        }  # fmt: skip
        url = f"{self.base}/{authority}/oauth2/v2.0/authorize"
        async with self.http.get(url, params=query, allow_redirects=False) as answer:
            assert answer.status in (302, 303), await answer.text()
            code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        form = {
            "grant_type": "authorization_code", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "code": code,
            "redirect_uri": REDIRECT, "code_verifier": verifier,
        }  # fmt: skip
        async with self.http.post(f"{self.base}/{authority}/oauth2/v2.0/token", data=form) as answer:
            assert answer.status == 200, await answer.text()
            tokens = await answer.json()
            return Graph(self, tokens["access_token"], tokens.get("id_token", ""))


@dataclass
class Answer:
    status: int
    headers: Any
    raw: bytes
    json: Any


class Graph:
    """A Graph client with one user's token."""

    def __init__(self, sandbox: Sandbox, token: str, id_token: str = "") -> None:
        self._sandbox = sandbox
        self.token = token
        self.id_token = id_token

    async def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **options: Any) -> Answer:
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        url = f"{self._sandbox.base}/v1.0{path}"
        async with self._sandbox.http.request(method, url, headers=sent, **options) as answer:
            raw = await answer.read()
            parsed = await answer.json(content_type=None) if "json" in answer.headers.get("Content-Type", "") else None
            return Answer(answer.status, answer.headers, raw, parsed)

    async def subscribe(self, url: str, *, immutable: bool = True, **changes: Any) -> Answer:
        body = {
            "changeType": "created,updated,deleted",
            "notificationUrl": url,
            "resource": "me/mailFolders('inbox')/messages",
            "expirationDateTime": later(60),
            "clientState": "state-1",
            **changes,
        }
        headers = {"Prefer": 'IdType="ImmutableId"'} if immutable else {}
        wanted = {name: value for name, value in body.items() if value is not None}
        return await self.call("POST", "/subscriptions", headers=headers, json=wanted)


def later(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


Validate = Callable[[web.Request], Awaitable[web.Response]]


@dataclass
class Receiver:
    """A webhook endpoint. `statuses` are answered first, one a POST; then 202."""

    url: str
    posts: list[dict[str, Any]] = field(default_factory=list)
    validations: list[str] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    validate: Validate | None = None

    @property
    def items(self) -> list[dict[str, Any]]:
        return [item for post in self.posts for item in post["value"]]

    async def handle(self, request: web.Request) -> web.Response:
        if "validationToken" in request.query:
            self.validations.append(request.raw_path)
            if self.validate is not None:
                return await self.validate(request)
            return web.Response(text=request.query["validationToken"])
        body = await request.json()
        if self.statuses:
            return web.Response(status=self.statuses.pop(0))
        self.posts.append(body)
        return web.Response(status=202)

    async def received(self, count: int, timeout: float = 10) -> list[dict[str, Any]]:
        await until(lambda: len(self.items) >= count, timeout, f"{count} notifications")
        return self.items


@asynccontextmanager
async def open_receiver() -> AsyncIterator[Receiver]:
    port = free_port()
    receiver = Receiver(f"http://localhost:{port}/hook?tenant=a%20b")
    app = web.Application()
    app.router.add_post("/hook", receiver.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield receiver
    finally:
        await runner.cleanup()
