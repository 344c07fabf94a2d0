"""A tiny Entra ID for faults that are awkward to ask of the sandbox: every answer can be scripted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
import uuid
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from tests.integration.auth.fake_graph import FakeGraph

CLIENT_ID = "0f0e0d0c-0b0a-4908-8706-050403020100"
CLIENT_SECRET = "app-secret-canary-Zq3v8Kx2"
TENANT = "7d9a1c1e-6f0b-4f43-9b8e-0a1b2c3d4e5f"
KEY = generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = generate_private_key(public_exponent=65537, key_size=2048)


def oauth_error(error: str, number: int = 70000, status: int = 400) -> Answer:
    """An error answer of the token endpoint, shaped like Entra's."""
    body = {
        "error": error,
        "error_description": f"AADSTS{number}: refused. Trace ID: 0a0b Timestamp: 2026-11-23 02:00:00Z",
        "error_codes": [number],
        "timestamp": "2026-11-23 02:00:00Z",
        "trace_id": "11111111-2222-3333-4444-555555555555",
        "correlation_id": "66666666-7777-8888-9999-000000000000",
    }
    return Answer(status, json.dumps(body))


@dataclass
class Answer:
    """One scripted answer; `delay` in seconds comes first."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0


@dataclass
class Person:
    """Who signs in."""

    object_id: str = "a1b2c3d4-0000-4000-8000-000000000001"
    tenant_id: str = TENANT
    address: str = "sales@contoso.example"
    name: str = "Contoso Sales"


class FakeEntra:
    """Discovery, keys and token endpoint. `script` answers are given first, in order, then good ones."""

    def __init__(self) -> None:
        self.origin = ""
        self.gate = asyncio.Event()
        self.graph = FakeGraph()
        self._numbers = iter(range(1, 1_000_000))
        self.reset()

    def reset(self) -> None:
        """Give good answers to a well-behaved person, and forget what was asked."""
        self.person = Person()
        self.graph.reset()
        self.script: deque[Answer] = deque()
        self.token_calls: list[dict[str, str]] = []
        self.documents: list[str] = []
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {"kid": "key-1"}
        self.signed: str | None = None
        self.scope = "openid profile User.Read Mail.Read"
        self.expires_in = 3600
        self.rotate = True
        self.secrets = {CLIENT_SECRET}
        self.certificates: list[x509.Certificate] = []
        self.consented = {TENANT}
        self.gate.set()
        self._codes: dict[str, tuple[str, str]] = {}
        self._assertions: set[str] = set()

    @property
    def app_calls(self) -> list[dict[str, str]]:
        return [call for call in self.token_calls if call["grant_type"] == "client_credentials"]

    @property
    def refreshes(self) -> list[dict[str, str]]:
        return [call for call in self.token_calls if call["grant_type"] == "refresh_token"]

    def sign_in(self, authorize_url: str) -> dict[str, str]:
        """What a person at the browser would do: consent, and go back with these parameters."""
        query = dict(parse_qsl(urlsplit(authorize_url).query))
        assert query["code_challenge_method"] == "S256"
        assert str(uuid.UUID(query["client_id"])) == query["client_id"]
        code = f"code-canary-{next(self._numbers)}"
        self._codes[code] = (query["code_challenge"], query["nonce"])
        return {"code": code, "state": query["state"]}

    def app(self) -> web.Application:
        app = web.Application()
        self.graph.add_to(app)
        for prefix in ("", "/cloud/{cloud}"):
            app.router.add_get(f"{prefix}/{{segment}}/v2.0/.well-known/openid-configuration", self._configuration)
            app.router.add_get(f"{prefix}/{{segment}}/discovery/v2.0/keys", self._keys)
            app.router.add_post(f"{prefix}/{{segment}}/oauth2/v2.0/token", self._token)
        return app

    async def _configuration(self, request: web.Request) -> web.Response:
        self.documents.append("configuration")
        cloud = f"{self.origin}{_cloud(request)}"
        base = f"{cloud}/{request.match_info['segment']}"
        return web.json_response(
            {
                "issuer": f"{cloud}/{{tenantid}}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
            }
        )

    async def _keys(self, request: web.Request) -> web.Response:
        self.documents.append("keys")
        entry = jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
        entry |= {"kid": "key-1", "use": "sig", "issuer": f"{self.origin}{_cloud(request)}/{{tenantid}}/v2.0"}
        foreign = {**entry, "kid": "key-of-one-tenant", "issuer": f"{self.origin}/{uuid.UUID(int=9)}/v2.0"}
        return web.json_response({"keys": [entry, foreign]})

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.token_calls.append(form)
        answer = self.script.popleft() if self.script else None
        await self.gate.wait()
        if answer is not None:
            await asyncio.sleep(answer.delay)
            if answer.body or answer.status != 200:
                return web.Response(status=answer.status, text=answer.body, headers=dict(answer.headers))
        if not self._proven(form, f"{self.origin}{request.path}"):
            return _as_response(oauth_error("invalid_client", 7000215, 401))
        if form["grant_type"] == "client_credentials":
            return self._app_token(form, request.match_info["segment"])
        if form["grant_type"] == "authorization_code":
            return self._redeem(form, f"{self.origin}{_cloud(request)}")
        return self._refreshed(form)

    def _proven(self, form: Mapping[str, str], audience: str) -> bool:
        """Whether a secret, or a signed statement of one of the certificates, came with the call; each only once."""
        if "client_assertion" not in form:
            return form.get("client_secret") in self.secrets
        token = form["client_assertion"]
        header = jwt.get_unverified_header(token)
        for certificate in self.certificates:
            digest = base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).rstrip(b"=").decode()
            if header.get("x5t#S256") == digest and header["alg"] == "PS256":
                claims = jwt.decode(token, certificate.public_key(), ["PS256"], audience=audience)  # type: ignore[arg-type]
                fresh = claims["jti"] not in self._assertions and claims["exp"] - claims["iat"] <= 600
                self._assertions.add(claims["jti"])
                return fresh and claims["iss"] == claims["sub"] == form["client_id"]
        return False

    def _app_token(self, form: Mapping[str, str], segment: str) -> web.Response:
        if segment not in self.consented:
            return _as_response(oauth_error("unauthorized_client", 700016, 400))
        assert form["scope"].endswith("/.default")
        token = f"app-access-canary-{next(self._numbers)}"
        return web.json_response({"token_type": "Bearer", "expires_in": self.expires_in, "access_token": token})

    def _redeem(self, form: Mapping[str, str], base: str) -> web.Response:
        challenge, nonce = self._codes.pop(form["code"], ("", ""))
        hashed = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if hashed.rstrip(b"=").decode() != challenge:
            return _as_response(oauth_error("invalid_grant", 501481))
        return web.json_response({**self._tokens(form), "id_token": self._id_token(nonce, form["client_id"], base)})

    def _refreshed(self, form: Mapping[str, str]) -> web.Response:
        return web.json_response(self._tokens(form))

    def _tokens(self, form: Mapping[str, str]) -> dict[str, Any]:
        number = next(self._numbers)
        found = {
            "token_type": "Bearer",
            "scope": self.scope,
            "expires_in": self.expires_in,
            "access_token": f"access-canary-{number}",
        }
        if self.rotate or form["grant_type"] == "authorization_code":
            found["refresh_token"] = f"refresh-canary-{number}"
        return found

    def _id_token(self, nonce: str, audience: str, base: str) -> str:
        if self.signed is not None:
            return self.signed
        return jwt.encode(self.claims_for(nonce, audience, base), KEY, "RS256", dict(self.header))

    def claims_for(self, nonce: str, audience: str = CLIENT_ID, base: str = "") -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": f"{base or self.origin}/{self.person.tenant_id}/v2.0",
            "aud": audience,
            "sub": "pairwise",
            "tid": self.person.tenant_id,
            "oid": self.person.object_id,
            "preferred_username": self.person.address,
            "name": self.person.name,
            "nonce": nonce,
            "iat": now,
            "nbf": now,
            "exp": now + 3600,
        }
        return {name: value for name, value in (claims | self.claims).items() if value is not None}


def _cloud(request: web.Request) -> str:
    """The part of the path that a stand-in's other clouds live under."""
    name = request.match_info.get("cloud")
    return f"/cloud/{name}" if name else ""


def _as_response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, text=answer.body)


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """Serve an application on loopback until the block ends; yields its origin."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running_entra() -> AsyncIterator[FakeEntra]:
    entra = FakeEntra()
    async with serving(entra.app()) as origin:
        entra.origin = origin
        yield entra
        entra.gate.set()
