"""What tests do with a running api and a running sandbox."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import jwt

from flovify.api.deps import Deps
from tests.integration.api_graph.fake_auth import SECRET, FakeAuth, Tenant

SCOPES = "openid profile email offline_access User.Read Mail.Read"
REDIRECT = "http://localhost:8400/callback"


@dataclass(frozen=True)
class Mailbox:
    """A mailbox at the sandbox with a token for it."""

    address: str
    object_id: str
    token: str
    organization: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: dict[str, str]
    content: bytes


class Sandbox:
    """The stand-in for Microsoft, through its control routes and its sign-in."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.http = http

    async def mailbox(self, scopes: str = SCOPES) -> Mailbox:
        """A new mailbox, and the token of an application its user has consented to."""
        address = f"u{uuid.uuid4().hex[:10]}@contoso.example"
        await self._control("mailboxes", {"address": address, "display_name": "Test User"})
        app = await self._control("apps", {"display_name": "test", "redirect_uris": [REDIRECT]})
        query = {
            "client_id": app["client_id"],
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": scopes,
            "state": "s",
            "sandbox_auto": address,
        }
        url = f"{self.url}/common/oauth2/v2.0/authorize"
        async with self.http.get(url, params=query, allow_redirects=False) as answer:
            code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **app, "scope": scopes}
        async with self.http.post(f"{self.url}/common/oauth2/v2.0/token", data=form) as answer:
            tokens = await answer.json()
        token: str = tokens["access_token"]
        claims = jwt.decode(tokens["id_token"], options={"verify_signature": False})
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.get(f"{self.url}/v1.0/me", headers=headers) as answer:
            return Mailbox(address, (await answer.json())["id"], token, claims["tid"])

    async def deliver(self, mailbox: Mailbox, raw: bytes) -> str:
        """Put a message into the inbox; gives its immutable id."""
        url = f"{self.url}/_sandbox/mailboxes/{mailbox.address}/messages"
        async with self.http.post(url, data=raw, headers={"Content-Type": "message/rfc822"}) as answer:
            assert answer.status == 201, await answer.text()
            found: str = (await answer.json())["id"]
            return found

    async def fault(self, method: str, path: str, **more: Any) -> None:
        """Make matching requests fail: status, headers, body, times, delay_ms, drop."""
        if isinstance(more.get("body"), dict):
            more["body"] = json.dumps(more["body"])
        await self._control("faults", {"method": method, "path": path, **more})

    async def clear_faults(self) -> None:
        async with self.http.delete(f"{self.url}/_sandbox/faults") as answer:
            assert answer.status == 200

    async def requests(self, method: str, path: str) -> list[dict[str, Any]]:
        """What came in, oldest first."""
        async with self.http.get(f"{self.url}/_sandbox/requests", params={"method": method, "path": path}) as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return items

    async def graph(self, mailbox: Mailbox, method: str, path: str, body: object = None) -> Answer:
        """A call of another program to Graph, with the mailbox's token."""
        headers = {"Authorization": f"Bearer {mailbox.token}"}
        async with self.http.request(method, f"{self.url}/v1.0{path}", json=body, headers=headers) as answer:
            content = await answer.read()
            parsed = json.loads(content) if content[:1] in (b"{", b"[") else None
            return Answer(answer.status, parsed, dict(answer.headers), content)

    async def _control(self, path: str, body: object) -> dict[str, Any]:
        async with self.http.post(f"{self.url}/_sandbox/{path}", json=body) as answer:
            assert answer.status in (200, 201, 202), await answer.text()
            found: dict[str, Any] = await answer.json()
            return found


@dataclass
class Api:
    """The api under test."""

    deps: Deps
    auth: FakeAuth
    sandbox: Sandbox
    public: str
    internal: str
    http: aiohttp.ClientSession

    async def connect(self, scopes: str = SCOPES) -> tuple[uuid.UUID, Mailbox]:
        """A mailbox connected as a tenant."""
        mailbox = await self.sandbox.mailbox(scopes)
        tenant_id = uuid.uuid4()
        tenant = Tenant(mailbox.token, mailbox.object_id, mailbox.address)
        tenant.scopes, tenant.organization = tuple(scopes.split()), mailbox.organization
        self.auth.tenants[tenant_id] = tenant
        # Auth tells the api of every connection; here nobody does.
        self.deps.directory.expire()
        return tenant_id, mailbox

    async def subscribe(self, tenant_id: uuid.UUID, **more: Any) -> dict[str, Any]:
        answer = await self.call("POST", "/api/ms365/subscriptions", {"tenant_id": str(tenant_id), **more})
        assert answer.status in (200, 201), answer.body
        body: dict[str, Any] = answer.body
        return body

    async def call(self, method: str, path: str, body: object = None, role: str | None = "administrator") -> Answer:
        headers = self.auth.bearer(role) if role else {}
        return await self._send(method, self.public + path, body, headers)

    async def call_internal(self, method: str, path: str, body: object = None, secret: str = SECRET) -> Answer:
        return await self._send(method, self.internal + path, body, {"X-Service-Token": secret})

    async def _send(self, method: str, url: str, body: object, headers: dict[str, str]) -> Answer:
        async with self.http.request(method, url, json=body, headers=headers, allow_redirects=False) as answer:
            content = await answer.read()
            is_json = answer.headers.get("Content-Type", "") in ("application/json", "application/problem+json")
            return Answer(answer.status, json.loads(content) if is_json else None, dict(answer.headers), content)
