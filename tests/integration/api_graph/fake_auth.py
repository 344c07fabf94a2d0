"""A small stand-in for the auth service: it gives the sandbox's tokens and signs access tokens for users."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from flovify.common import api_keys

SECRET = "service-secret-of-this-test-run"
KEY_ID = "test-key"


@dataclass
class Tenant:
    """What auth knows of one account; `refusal` is (status, code) instead of a token, `shown` more for the list."""

    access_token: str = "token-0"
    object_id: str = "11111111-1111-4111-8111-111111111111"
    email: str = "sales@contoso.example"
    refusal: tuple[int, str] | None = None
    lifetime: timedelta = timedelta(hours=1)
    token_type: str = "delegated"
    scopes: tuple[str, ...] = ("Mail.Read",)
    cloud: str | None = None
    provider: str = "ms365"
    organization: str = "22222222-2222-4222-8222-222222222222"
    refreshed_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    shown: dict[str, Any] = field(default_factory=dict)


@dataclass
class FakeAuth:
    """Runs between `start` and `stop`, on the port it got first.

    `asked` holds the bodies of all token requests, `blocked` those of the lists of mailboxes that cannot be served.
    """

    tenants: dict[uuid.UUID, Tenant] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    blocked: list[dict[str, Any]] = field(default_factory=list)
    refreshed: dict[uuid.UUID, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    url: str = ""
    jwks_requests: int = 0
    list_requests: int = 0
    list_refusal: tuple[int, str] | None = None
    revoked_sessions: list[str] = field(default_factory=list)
    revoked_roles: dict[str, str] = field(default_factory=dict)
    api_keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    key_requests: int = 0

    def __post_init__(self) -> None:
        self._key = Ed25519PrivateKey.generate()
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def reset(self) -> None:
        """As when it was just started: it knows nobody, and nothing was asked of it."""
        self.tenants.clear()
        self.asked.clear()
        self.blocked.clear()
        self.refreshed.clear()
        self.revoked_sessions.clear()
        self.revoked_roles.clear()
        self.api_keys.clear()
        self.delay_seconds, self.list_refusal = 0.0, None
        self.jwks_requests = self.list_requests = self.key_requests = 0
        if self._runner is None:
            await self.start()

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/auth/internal/tenant-token", self._token)
        app.router.add_get("/auth/internal/tenants", self._list)
        app.router.add_put("/auth/internal/tenants/blocked", self._put_blocked)
        app.router.add_get("/auth/internal/revocations", self._revocations)
        app.router.add_post("/auth/internal/api-keys", self._use_key)
        app.router.add_get("/auth/.well-known/jwks.json", self._jwks)
        app.router.add_get("/auth/health", self._health)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def make_key(self, *scopes: str, tenants: Sequence[uuid.UUID] | None = None, expires: str | None = None) -> str:
        """A program's key that is good."""
        key = api_keys.make()
        self.api_keys[api_keys.digest(key).hex()] = {
            "id": str(uuid.uuid4()),
            "name": "n8n",
            "scopes": list(scopes),
            "tenant_ids": None if tenants is None else [str(one) for one in tenants],
            "expires_at": expires,
        }
        return key

    def bearer(self, role: str = "administrator", session: str = "s", user: str = "") -> dict[str, str]:
        """The header of a signed-in user with this role."""
        now = int(time.time())
        user = user or str(uuid.uuid4())
        claims = {"sub": user, "email": "a@b.example", "role": role, "sid": session, "iss": "flovify-auth"}
        token = jwt.encode(
            {**claims, "aud": "flovify", "iat": now, "exp": now + 600},
            self._key,
            algorithm="EdDSA",
            headers={"kid": KEY_ID, "typ": "at+jwt"},
        )
        return {"Authorization": f"Bearer {token}"}

    async def _token(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Service-Token") != SECRET:
            return _problem(401, "unauthorized")
        body = await request.json()
        self.asked.append(body)
        await asyncio.sleep(self.delay_seconds)
        tenant_id = uuid.UUID(body["tenant_id"])
        tenant = self.tenants.get(tenant_id)
        if tenant is None:
            return _problem(404, "tenant_not_found")
        if tenant.refusal is not None:
            return _problem(*tenant.refusal)
        if body.get("force_refresh") and tenant_id in self.refreshed:
            tenant.access_token, tenant.refreshed_at = self.refreshed[tenant_id], datetime.now(UTC)
        return web.json_response(
            {
                "access_token": tenant.access_token,
                "expires_at": (datetime.now(UTC) + tenant.lifetime).isoformat(),
                "provider": tenant.provider,
                "token_type": tenant.token_type,
                "scopes": list(tenant.scopes),
                "cloud": tenant.cloud,
                "registration_id": "33333333-3333-4333-8333-333333333333",
                "external_tenant_id": tenant.organization,
                "external_account_id": tenant.object_id,
                "account_email": tenant.email,
                "status": "active",
            }
        )

    async def _list(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Service-Token") != SECRET:
            return _problem(401, "unauthorized")
        self.list_requests += 1
        await asyncio.sleep(self.delay_seconds)
        if self.list_refusal is not None:
            return _problem(*self.list_refusal)
        return web.json_response({"items": [_shown(key, tenant) for key, tenant in self.tenants.items()]})

    async def _put_blocked(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Service-Token") != SECRET:
            return _problem(401, "unauthorized")
        self.blocked.append(await request.json())
        return web.json_response({"changed": 0})

    async def _revocations(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Service-Token") != SECRET:
            return _problem(401, "unauthorized")
        return web.json_response({"sessions": self.revoked_sessions, "roles": self.revoked_roles})

    async def _use_key(self, request: web.Request) -> web.Response:
        if request.headers.get("X-Service-Token") != SECRET:
            return _problem(401, "unauthorized")
        self.key_requests += 1
        found = self.api_keys.get((await request.json())["key_sha256"])
        return web.json_response(found) if found else _problem(404, "api_key_unknown")

    async def _jwks(self, _request: web.Request) -> web.Response:
        self.jwks_requests += 1
        jwk = jwt.algorithms.OKPAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**jwk, "kid": KEY_ID, "alg": "EdDSA", "use": "sig"}]})

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})


def _shown(tenant_id: uuid.UUID, tenant: Tenant) -> dict[str, Any]:
    """As auth's list for services has it; no token."""
    return {
        "id": str(tenant_id),
        "provider": tenant.provider,
        "external_tenant_id": tenant.organization,
        "external_account_id": tenant.object_id,
        "account_email": tenant.email,
        "display_name": tenant.email.partition("@")[0],
        "status": "active",
        "status_reason": None,
        "token_type": tenant.token_type,
        "cloud": tenant.cloud or "global",
        "scopes": list(tenant.scopes),
        "token_expires_at": (datetime.now(UTC) + tenant.lifetime).isoformat(),
        "last_refreshed_at": tenant.refreshed_at.isoformat(),
        "created_at": "2026-11-01T08:00:00+00:00",
        "updated_at": "2026-11-01T08:00:00+00:00",
        **tenant.shown,
    }


def _problem(status: int, code: str) -> web.Response:
    body = {"type": "about:blank", "status": status, "code": code, "detail": f"because of {code}"}
    headers = {"Retry-After": "7"} if status == 503 else {}
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")
