"""What somebody outside does, through the front door alone."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from tests.support.mail import as_transmitted, simple_mail
from tests.support.wait import until


@dataclass
class Outside:
    """`microsoft`: how its addresses are reached from here, as options of a request."""

    http: aiohttp.ClientSession
    console: str
    smtp_port: int
    microsoft: dict[str, Any] = field(default_factory=dict)

    async def call(self, method: str, path: str, **options: Any) -> Any:
        """One JSON call. Raises AssertionError with the body on an unexpected status."""
        headers = {"X-Flovify": "1"}
        async with self.http.request(method, f"{self.console}{path}", headers=headers, **options) as answer:
            text = await answer.text()
            assert answer.status < 400, f"{method} {path}: {answer.status} {text}"
            return await answer.json(content_type=None) if text else None

    async def sign_in(self, email: str, password: str) -> None:
        await self.call("POST", "/bff/session", json={"email": email, "password": password})

    async def connect(self, address: str, login: str) -> str:
        """Connect a mailbox; `login` is where Microsoft's pages must be. The tenant's id."""
        url = await self._next(f"{self.console}/auth/oauth/ms365/authorize")
        assert url.startswith(f"{login}/"), url
        url = await self._next(f"{url}&sandbox_auto={address}", **self.microsoft)
        assert url.startswith(f"{self.console}/auth/oauth/ms365/callback"), url
        found = parse_qs(urlsplit(await self._next(url)).query)
        assert "connected" in found, found
        return found["connected"][0]

    async def _next(self, url: str, **options: Any) -> str:
        async with self.http.get(url, allow_redirects=False, **options) as answer:
            assert answer.status in {302, 303}, await answer.text()
            return answer.headers["Location"]

    async def one_mail(self, address: str, login: str) -> None:
        """From an account that is not connected to a message that is stored."""
        tenant_id = await self.connect(address, login)
        body = {"tenant_id": tenant_id, "resource": "me/mailFolders('inbox')/messages", "change_types": ["created"]}
        subscription = await self.call("POST", "/bff/api/ms365/subscriptions", json=body)
        assert subscription["status"] == "active"
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=30) as client:
            client.sendmail("sender@example.org", address, as_transmitted(simple_mail(1, address)))

        async def stored() -> Any:
            return (await self.call("GET", f"/bff/api/messages?tenant_id={tenant_id}"))["items"]

        assert len(await until(stored, 30, "the message")) == 1
