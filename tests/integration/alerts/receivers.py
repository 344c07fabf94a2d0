"""A webhook's receiver, a mail server and what auth tells the worker, on loopback."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.net import free_port

TOKEN = "a-service-secret-of-tests"
USER, PASSWORD = "flovify", "s3cret-canary"


@dataclass
class Hook:
    """Keeps what was posted to /hook, also what it does not take; and answers as auth does."""

    port: int = field(default_factory=free_port)
    status: int = 204
    posted: list[dict[str, Any]] = field(default_factory=list)
    auth_status: int = 200
    figures: dict[str, list[Any]] = field(default_factory=dict)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _post(self, request: web.Request) -> web.Response:
        self.posted.append(await request.json())
        self.arrived.set()
        await self.gate.wait()
        return web.Response(status=self.status, headers={"Location": "/elsewhere"} if self.status == 302 else {})

    async def _readings(self, request: web.Request) -> web.Response:
        assert request.headers["X-Service-Token"] == TOKEN
        return web.json_response({"age_seconds": 1.5, "figures": self.figures}, status=self.auth_status)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/hook", self._post)
        app.router.add_get("/auth/internal/readings", self._readings)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        try:
            yield
        finally:
            await runner.cleanup()


@dataclass
class Post:
    """A mail server that keeps what it takes, but for the recipient `refuse`.

    With `starttls` it wants that and then the password, without it takes one in clear.
    """

    port: int = field(default_factory=free_port)
    answer: str = "250 2.0.0 OK"
    refuse: str = ""
    mails: list[EmailMessage] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - the library looks hooks up by the command's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.refuse:
            return "550 5.1.1 unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            found = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(found, EmailMessage)
            self.mails.append(found)
        return self.answer

    def _login(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.logins.append(given.password)
        return AuthResult(success=given == LoginPassword(USER.encode(), PASSWORD.encode()), handled=False)

    @asynccontextmanager
    async def serving(
        self, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
    ) -> AsyncIterator[None]:
        def connection() -> SMTP:
            secured = starttls is not None
            return SMTP(
                self,
                hostname="mail.test",
                tls_context=starttls,
                require_starttls=secured,
                auth_required=secured,
                auth_require_tls=secured,
                authenticator=self._login,
                loop=loop,
            )

        loop = asyncio.get_running_loop()
        server = await loop.create_server(connection, "127.0.0.1", self.port, ssl=tls)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()
