"""All of Flovify as real processes over one database, with the sandbox playing Microsoft."""

from __future__ import annotations

import asyncio
import base64
import secrets
import smtplib
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from flovify.common.http import KEEPALIVE_SECONDS
from tests.support.mail import as_transmitted
from tests.support.net import free_ports
from tests.support.postgres import Database
from tests.support.processes import Process, start, stop, wait_ready
from tests.support.wait import until

ADMIN_EMAIL = "admin@example.com"
ADMIN_PASSWORD = "correct horse battery staple"
SALES = "sales@contoso.example"
SUPPORT = "support@fabrikam.example"
INBOX = "me/mailFolders('inbox')/messages"
_PORTS = (
    "FLOVIFY_PORT",
    "FLOVIFY_BFF_INTERNAL_PORT",
    "FLOVIFY_AUTH_PORT",
    "FLOVIFY_AUTH_INTERNAL_PORT",
    "FLOVIFY_API_PORT",
    "FLOVIFY_API_INTERNAL_PORT",
    "FLOVIFY_WORKER_PORT",
    "FLOVIFY_SANDBOX_PORT",
    "FLOVIFY_SANDBOX_TLS_PORT",
    "FLOVIFY_SANDBOX_PROXY_PORT",
    "FLOVIFY_SANDBOX_SMTP_PORT",
)


@dataclass
class Secrets:
    """Every secret a stack is given, so that a test can look for them where they must not be."""

    encryption_key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(32)).decode())
    service_secret: str = field(default_factory=lambda: "svc-" + secrets.token_urlsafe(32))
    front_door_secret: str = field(default_factory=lambda: "hop-" + secrets.token_urlsafe(32))
    audit_key: str = field(default_factory=lambda: "aud-" + secrets.token_urlsafe(32))
    client_state: str = field(default_factory=lambda: "cst-" + secrets.token_urlsafe(32))
    client_id: str = "0f0e0d0c-0b0a-4908-8706-050403020100"
    client_secret: str = field(default_factory=lambda: "app-" + secrets.token_urlsafe(32))


class Stack:
    """Addresses, processes and the few things an administrator does."""

    def __init__(self, database: Database, data_dir: Path, extra_env: Mapping[str, str] | None = None) -> None:
        self.database = database
        self.data_dir = data_dir
        self.secrets = Secrets()
        self.ports = dict(zip(_PORTS, free_ports(len(_PORTS)), strict=True))
        self.processes: dict[str, Process] = {}
        self.ended: list[Process] = []
        self.extra_env = dict(extra_env or {})
        self.http: aiohttp.ClientSession
        self._admin = ("", 0.0)

    def url(self, port: str) -> str:
        return f"http://localhost:{self.ports[port]}"

    @property
    def bff(self) -> str:
        return self.url("FLOVIFY_PORT")

    @property
    def auth(self) -> str:
        return self.url("FLOVIFY_AUTH_PORT")

    @property
    def auth_internal(self) -> str:
        return self.url("FLOVIFY_AUTH_INTERNAL_PORT")

    @property
    def api(self) -> str:
        return self.url("FLOVIFY_API_PORT")

    @property
    def api_internal(self) -> str:
        return self.url("FLOVIFY_API_INTERNAL_PORT")

    @property
    def sandbox(self) -> str:
        return self.url("FLOVIFY_SANDBOX_PORT")

    def environment(self, service: str) -> dict[str, str]:
        """Only the variables of `service`, as in production."""
        common = {name: str(port) for name, port in self.ports.items()}
        common |= {"PUBLIC_URL": self.bff, "FLOVIFY_DATA_DIR": str(self.data_dir)}
        own: dict[str, dict[str, str]] = {
            "auth": {
                "DATABASE_URL": self.database.auth_dsn,
                "MICROSOFT_CLIENT_ID": self.secrets.client_id,
                "MICROSOFT_CLIENT_SECRET": self.secrets.client_secret,
                "MICROSOFT_REDIRECT_URI": f"{self.bff}/auth/oauth/ms365/callback",
                "MICROSOFT_AUTHORITY": self.sandbox,
                "OAUTH_ENCRYPTION_KEY": self.secrets.encryption_key,
                "SERVICE_SECRET": self.secrets.service_secret,
                "FRONT_DOOR_SECRET": self.secrets.front_door_secret,
                "AUDIT_KEY": self.secrets.audit_key,
                "API_SERVICE_URL": self.api_internal,
                "FLOVIFY_ADMIN_EMAIL": ADMIN_EMAIL,
                "FLOVIFY_ADMIN_PASSWORD": ADMIN_PASSWORD,
            },
            "api": self._api_environment(),
            "worker": {**self._api_environment(), "AUDIT_KEY": self.secrets.audit_key},
            "bff": {
                "FRONT_DOOR_SECRET": self.secrets.front_door_secret,
                "FLOVIFY_AUTH_URL": self.auth,
                "FLOVIFY_API_URL": self.api,
                "MS365_WEBHOOK_URL": f"{self.bff}/api/ms365/webhook",
                "MICROSOFT_GRAPH_URL": self.sandbox,
            },
            "sandbox": {
                "FLOVIFY_SANDBOX_ALLOW_HTTP": "1",
                "FLOVIFY_SANDBOX_CLIENT_ID": self.secrets.client_id,
                "FLOVIFY_SANDBOX_CLIENT_SECRET": self.secrets.client_secret,
                "FLOVIFY_SANDBOX_REDIRECT_URIS": ",".join(
                    f"{self.bff}/auth/oauth/ms365{path}" for path in ("/callback", "/adminconsent/callback")
                ),
            },
        }
        return {**common, **own[service], **self.extra_env}

    def _api_environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database.api_dsn,
            "SERVICE_SECRET": self.secrets.service_secret,
            "FRONT_DOOR_SECRET": self.secrets.front_door_secret,
            "AUTH_SERVICE_URL": self.auth_internal,
            "MS365_WEBHOOK_URL": f"{self.bff}/api/ms365/webhook",
            "MS365_CLIENT_STATE": self.secrets.client_state,
            "MICROSOFT_GRAPH_URL": self.sandbox,
        }

    def start(self, service: str, *, name: str | None = None, env: Mapping[str, str] | None = None) -> Process:
        """Start one more process of `service` without waiting for it; `env` overrides, e.g. its ports."""
        args = ["serve", service] if service in {"auth", "api", "bff"} else [service]
        process = start(args, {**self.environment(service), **(env or {})})
        self.processes[name or service] = process
        return process

    def wait_ready(self, service: str) -> None:
        port, path = {
            "auth": ("FLOVIFY_AUTH_PORT", "/auth/ready"),
            "api": ("FLOVIFY_API_PORT", "/api/ready"),
            "worker": ("FLOVIFY_WORKER_PORT", "/ready"),
            "bff": ("FLOVIFY_PORT", "/bff/health"),
            "sandbox": ("FLOVIFY_SANDBOX_PORT", "/_sandbox/mailboxes"),
        }[service]
        wait_ready(self.processes[service], f"{self.url(port)}{path}", 120)

    def restart(self, service: str) -> Process:
        """kill -9, then start anew and wait until it is ready."""
        process = self.processes[service]
        process.kill9()
        self.ended.append(process)
        self.start(service)
        self.wait_ready(service)
        return self.processes[service]

    def logs(self) -> str:
        """What all processes, the ended ones too, have written so far."""
        return "\n".join(process.output() for process in [*self.ended, *self.processes.values()])

    async def admin_token(self) -> str:
        """An access token of the administrator; one lives fifteen minutes."""
        token, made_at = self._admin
        if token and time.monotonic() - made_at < 600:
            return token
        body = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        answer = await self.call("POST", f"{self.auth}/auth/login", json=body, token=None)
        self._admin = (str(answer["access_token"]), time.monotonic())
        return self._admin[0]

    async def call(
        self, method: str, url: str, *, token: str | None = "", expect: int | None = None, **options: Any
    ) -> Any:
        """One JSON call as the administrator. Raises AssertionError with the body on an unexpected status."""
        headers = dict(options.pop("headers", {}))
        if token is not None:
            headers["Authorization"] = f"Bearer {token or await self.admin_token()}"
        async with self.http.request(method, url, headers=headers, **options) as answer:
            text = await answer.text()
            good = answer.status == expect if expect else answer.status < 400
            assert good, f"{method} {url}: {answer.status} {text}"
            return await answer.json(content_type=None) if text else None

    async def connect(self, address: str, **query: str) -> str:
        """Connect a mailbox by OAuth with the sandbox's automatic consent; returns the tenant's id."""
        location = await self.connect_location(address, **query)
        found = parse_qs(urlsplit(location).query)
        assert "connected" in found, f"not connected: {location}"
        return found["connected"][0]

    async def connect_location(self, address: str, **query: str) -> str:
        """Where the OAuth flow ends, whatever its outcome."""
        cookies = aiohttp.CookieJar(unsafe=True)
        headers = {"Authorization": f"Bearer {await self.admin_token()}"}
        async with aiohttp.ClientSession(cookie_jar=cookies) as browser:
            url = f"{self.bff}/auth/oauth/ms365/authorize"
            params = {"sandbox_auto": address, **query}
            async with browser.get(url, params=params, headers=headers, allow_redirects=False) as begun:
                assert begun.status in {302, 303}, await begun.text()
                next_url = begun.headers["Location"]
            async with browser.get(next_url, allow_redirects=False) as consented:
                assert consented.status in {302, 303}, await consented.text()
                callback = consented.headers["Location"]
            async with browser.get(callback, allow_redirects=False) as finished:
                assert finished.status in {302, 303}, await finished.text()
                return finished.headers["Location"]

    async def owner_token(self, address: str) -> str:
        """An access token with which the mailbox's owner may change mail at the sandbox, as Outlook would."""
        redirect = f"{self.bff}/auth/oauth/ms365/callback"
        app = {"client_id": self.secrets.client_id, "redirect_uri": redirect, "scope": "openid Mail.ReadWrite"}
        url = f"{self.sandbox}/common/oauth2/v2.0"
        query = {**app, "response_type": "code", "sandbox_auto": address}
        async with self.http.get(f"{url}/authorize", params=query, allow_redirects=False) as answer:
            code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        form = {**app, "grant_type": "authorization_code", "code": code, "client_secret": self.secrets.client_secret}
        return str((await self.call("POST", f"{url}/token", token=None, data=form))["access_token"])

    async def subscribe(self, tenant_id: str, change_types: list[str] | None = None, resource: str = INBOX) -> Any:
        """Create a subscription and return what the API answers."""
        body = {"tenant_id": tenant_id, "resource": resource, "change_types": change_types or ["created"]}
        return await self.call("POST", f"{self.api}/api/ms365/subscriptions", json=body)

    async def send_mail(self, *addresses: str, raw: bytes) -> None:
        """Send the bytes by SMTP, from a stock client library, to the given mailboxes."""
        await asyncio.to_thread(self._send_mail, addresses, raw)

    def _send_mail(self, addresses: tuple[str, ...], raw: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.ports["FLOVIFY_SANDBOX_SMTP_PORT"], timeout=30) as client:
            client.sendmail("sender@example.org", addresses, as_transmitted(raw))

    async def messages(self, tenant_id: str | None = None, **query: str) -> list[dict[str, Any]]:
        """All stored messages through the API, page by page."""
        token = await self.admin_token()
        found: list[dict[str, Any]] = []
        params = {"limit": "100", **query, **({"tenant_id": tenant_id} if tenant_id else {})}
        while True:
            page = await self.call("GET", f"{self.api}/api/messages", params=params, token=token)
            found += page["items"]
            if not page["items"] or page["next"] is None:
                return found
            params["after"] = page["next"]

    async def wait_stored(self, tenant_id: str, count: int, timeout: float = 60) -> list[dict[str, Any]]:
        """Wait until `count` messages of the mailbox are stored, and return them."""

        async def enough() -> list[dict[str, Any]] | None:
            found = await self.messages(tenant_id)
            return found if len(found) >= count else None

        return await until(enough, timeout, f"{count} stored messages", poll=0.3)


SERVICES = ("sandbox", "auth", "api", "worker", "bff")


@asynccontextmanager
async def running_stack(
    database: Database, data_dir: Path, extra_env: Mapping[str, str] | None = None, services: tuple[str, ...] = SERVICES
) -> AsyncIterator[Stack]:
    """Every service ready, and every process ended afterwards."""
    stack = Stack(database, data_dir, extra_env)
    async with AsyncExitStack() as cleanup:
        stack.http = await cleanup.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(family=socket.AF_INET, keepalive_timeout=KEEPALIVE_SECONDS)
            )
        )
        cleanup.callback(_stop_all, stack)
        for service in services:
            stack.start(service)
        for service in services:
            await asyncio.to_thread(stack.wait_ready, service)
        yield stack


def _stop_all(stack: Stack) -> None:
    for process in reversed(stack.processes.values()):
        stop(process)
