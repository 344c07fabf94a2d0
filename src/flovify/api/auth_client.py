"""Access tokens from the auth service: one tenant at a time, kept in memory only."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import aiohttp
import msgspec

from flovify.api.accounts.models import AuthTenant
from flovify.api.errors import AppCredentialInvalid, AuthUnavailable, ReconnectRequired, TenantNotFound
from flovify.api.keys.known import ApiKey
from flovify.api.queue.models import BlockedMailbox
from flovify.api.revocations.models import Revoked
from flovify.common import correlation
from flovify.common.clock import Clock, SystemClock
from flovify.common.clouds import CLOUDS
from flovify.common.errors import FlovifyError
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.readings.models import Reading, from_json
from flovify.common.single_flight import SingleFlight

CACHE_SECONDS = 600
EXPIRY_MARGIN_SECONDS = 60
MAX_ANSWER_BYTES = 64 * 1024
MAX_LIST_BYTES = 64 * 2**20
_MAX_CACHED = 10_000


@dataclass(frozen=True)
class TenantToken:
    """A bearer token for one mailbox; its repr shows no token. `expires_at` is aware, in UTC.

    `cloud` is empty when auth did not say: then the configured Graph is meant. `scopes` are those granted to a
    delegated sign-in, as Microsoft named them.
    """

    access_token: str = field(repr=False)
    expires_at: datetime
    external_account_id: str
    external_tenant_id: str = ""
    account_email: str = ""
    provider: str = "ms365"
    token_type: str = "delegated"  # noqa: S105 - a kind, not a secret
    status: str = "active"
    cloud: str = ""
    registration_id: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def is_shared(self) -> bool:
        """Of somebody with whom the mailbox is shared: what happens in it is announced to nobody."""
        return self.token_type == "shared"  # noqa: S105 - a kind, not a secret


class _TenantList(msgspec.Struct):
    items: list[AuthTenant]


class _ToldReading(msgspec.Struct):
    """`age_seconds` is None before the first reading."""

    age_seconds: float | None
    figures: dict[str, list[tuple[list[str], float]]]


Told = TypeVar("Told")
_LIST = msgspec.json.Decoder(_TenantList)
_REVOKED = msgspec.json.Decoder(Revoked)
_API_KEY = msgspec.json.Decoder(ApiKey)
_READING = msgspec.json.Decoder(_ToldReading)


@dataclass(frozen=True)
class _Cached:
    token: TenantToken
    until: datetime


class AuthClient:
    """Asks auth for tenants' access tokens (`POST /auth/internal/tenant-token`).

    A token is remembered until a minute before it expires, ten minutes at most, so that a disconnected account is not
    used for long. Callers who ask for the same tenant at the same time share one request.
    """

    def __init__(
        self, session: aiohttp.ClientSession, base_url: str, service_secret: str, clock: Clock | None = None
    ) -> None:
        self._session = session
        self._base_url = base_url.rstrip("/")
        self._secret = service_secret
        self._clock = clock or SystemClock()
        self._cache: dict[uuid.UUID, _Cached] = {}
        self._flights = SingleFlight[tuple[uuid.UUID, int, str | None], TenantToken]()

    async def request_tenant_token(
        self, tenant_id: uuid.UUID, *, min_seconds: int = 300, rejected_token: str | None = None
    ) -> TenantToken:
        """A token with at least `min_seconds` of life.

        `rejected_token` is one that Graph has just answered with 401: auth then refreshes if that is still the stored
        one. Raises TenantNotFound, ReconnectRequired, AuthUnavailable or AppCredentialInvalid.
        """
        cached = self._usable(tenant_id, min_seconds, rejected_token)
        if cached is not None:
            return cached
        rejected = _sha256(rejected_token) if rejected_token is not None else None
        key = (tenant_id, min_seconds, rejected)
        return await self._flights.ask(key, lambda: self._request(tenant_id, min_seconds, rejected))

    async def list_tenants(self) -> list[AuthTenant]:
        """All connected accounts, without tokens (`GET /auth/internal/tenants`). Raises AuthUnavailable."""
        return (await self._list("/auth/internal/tenants", _LIST)).items

    async def use_api_key(self, key_sha256: str) -> ApiKey | None:
        """What a program's key may do (`POST /auth/internal/api-keys`); None for one that is not good.

        Raises AuthUnavailable.
        """
        status, content, _ = await self._ask(
            "POST", "/auth/internal/api-keys", {"key_sha256": key_sha256}, MAX_ANSWER_BYTES
        )
        body = _json_object(content)
        if status == 404 and body.get("code") == "api_key_unknown":
            return None
        if status != 200:
            raise _refusal(status, body, 5.0)
        return _decoded(content, _API_KEY)

    async def list_revocations(self) -> Revoked:
        """Which access tokens not to believe (`GET /auth/internal/revocations`). Raises AuthUnavailable."""
        return await self._list("/auth/internal/revocations", _REVOKED)

    async def last_reading(self) -> Reading | None:
        """Auth's figures (`GET /auth/internal/readings`); None before the first. Raises AuthUnavailable."""
        told = await self._list("/auth/internal/readings", _READING)
        return None if told.age_seconds is None else Reading(from_json(told.figures), told.age_seconds)

    async def tell_blocked(self, blocked: Sequence[BlockedMailbox]) -> None:
        """Say which mailboxes cannot be served, all of them (`PUT /auth/internal/tenants/blocked`).

        Safe to repeat; whoever is not named is served again. Raises AuthUnavailable.
        """
        items = [
            {
                "tenant_id": str(one.tenant_id),
                "since": one.since.isoformat(),
                "reason": one.reason[:100],
                "waiting": one.waiting,
            }
            for one in blocked
        ]
        status, body, retry_after = await self._call("PUT", "/auth/internal/tenants/blocked", {"items": items})
        if status != 200:
            raise _refusal(status, body, retry_after)

    def forget(self, tenant_id: uuid.UUID) -> None:
        """Drop what is remembered of a tenant, after it was disconnected or reconnected."""
        self._cache.pop(tenant_id, None)

    async def fetch_jwks(self) -> Mapping[str, Any]:
        """Auth's public keys. Raises AuthUnavailable."""
        status, body, _ = await self._call("GET", "/auth/.well-known/jwks.json", None)
        if status != 200 or not isinstance(body.get("keys"), list):
            raise AuthUnavailable("The auth service does not publish its keys; see its log.")
        return body

    def _usable(self, tenant_id: uuid.UUID, min_seconds: int, rejected_token: str | None) -> TenantToken | None:
        cached = self._cache.get(tenant_id)
        now = self._clock.now()
        if cached is None or cached.until <= now or cached.token.access_token == rejected_token:
            return None
        return cached.token if cached.token.expires_at - now >= timedelta(seconds=min_seconds) else None

    async def _request(self, tenant_id: uuid.UUID, min_seconds: int, rejected: str | None) -> TenantToken:
        asked: dict[str, object] = {"tenant_id": str(tenant_id), "min_seconds": min_seconds}
        if rejected is not None:
            asked |= {"force_refresh": True, "rejected_token_sha256": rejected}
        status, body, retry_after = await self._call("POST", "/auth/internal/tenant-token", asked)
        if status != 200:
            self._cache.pop(tenant_id, None)
            raise _refusal(status, body, retry_after)
        token = _token(body)
        self._remember(tenant_id, token)
        return token

    def _remember(self, tenant_id: uuid.UUID, token: TenantToken) -> None:
        now = self._clock.now()
        until = min(token.expires_at - timedelta(seconds=EXPIRY_MARGIN_SECONDS), now + timedelta(seconds=CACHE_SECONDS))
        if len(self._cache) >= _MAX_CACHED:
            self._cache = {key: item for key, item in self._cache.items() if item.until > now}
        self._cache[tenant_id] = _Cached(token, until)

    async def _list(self, path: str, decoder: msgspec.json.Decoder[Told]) -> Told:
        """A whole list of auth's. Raises AuthUnavailable."""
        status, content, _ = await self._ask("GET", path, None, MAX_LIST_BYTES)
        if status != 200:
            raise _refusal(status, _json_object(content), 5.0)
        return _decoded(content, decoder)

    async def _call(
        self, method: str, path: str, body: Mapping[str, object] | None
    ) -> tuple[int, dict[str, Any], float]:
        status, content, retry_after = await self._ask(method, path, body, MAX_ANSWER_BYTES)
        return status, _json_object(content), retry_after

    async def _ask(
        self, method: str, path: str, body: Mapping[str, object] | None, max_bytes: int
    ) -> tuple[int, bytes, float]:
        headers = {"X-Service-Token": self._secret} if path.startswith("/auth/internal/") else {}
        if (correlation_id := correlation.current()) is not None:
            headers[correlation.HEADER] = correlation_id
        try:
            async with self._session.request(
                method, self._base_url + path, json=body, headers=headers, allow_redirects=False
            ) as response:
                content = await read_capped(response, max_bytes)
                return response.status, content, _seconds(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge):
            raise AuthUnavailable(
                "The auth service cannot be reached. Try again in a few seconds; if it stays so, check that it runs "
                "and that AUTH_SERVICE_URL names its internal listener."
            ) from None


def _decoded(content: bytes, decoder: msgspec.json.Decoder[Told]) -> Told:
    try:
        return decoder.decode(content)
    except msgspec.DecodeError:
        raise _not_understood() from None


def _token(body: Mapping[str, Any]) -> TenantToken:
    try:
        return TenantToken(
            access_token=str(body["access_token"]),
            expires_at=datetime.fromisoformat(str(body["expires_at"])),
            external_account_id=str(body["external_account_id"]),
            external_tenant_id=str(body.get("external_tenant_id") or ""),
            account_email=str(body.get("account_email") or ""),
            provider=str(body.get("provider") or "ms365"),
            token_type=str(body.get("token_type") or "delegated"),
            status=str(body.get("status") or "active"),
            cloud=_cloud(body.get("cloud")),
            registration_id=str(body.get("registration_id") or ""),
            scopes=tuple(str(scope) for scope in body.get("scopes") or ()),
        )
    except (KeyError, ValueError, TypeError):
        raise _not_understood() from None


def _not_understood() -> AuthUnavailable:
    return AuthUnavailable("The auth service answered what the api does not understand; are both the same version?")


def _cloud(given: object) -> str:
    """A cloud's name, or nothing. An unknown one raises ValueError: its tokens must reach no other cloud's host."""
    if given in (None, ""):
        return ""
    if given not in CLOUDS:
        raise ValueError("unknown cloud")
    return str(given)


def _refusal(status: int, body: Mapping[str, Any], retry_after: float) -> FlovifyError:
    """Auth's refusals by their stable code; its texts are passed on because they are written for users."""
    code = str(body.get("code") or "")
    detail = str(body.get("detail") or f"The auth service answered {status}.")
    if code == "tenant_not_found":
        return TenantNotFound("No connected account has this tenant_id; GET /auth/tenants lists those there are.")
    if code == "reconnect_required":
        return ReconnectRequired(detail)
    if code == "app_credential_invalid":
        return AppCredentialInvalid(detail, retry_after=max(retry_after, 60))
    if status in (401, 403):
        return AuthUnavailable("The auth service refuses SERVICE_SECRET: it must be the same in auth, api and worker.")
    return AuthUnavailable(detail, retry_after=retry_after, code=code if status == 503 and code else None)


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _seconds(value: str | None) -> float:
    try:
        return max(1.0, float(value)) if value is not None else 5.0
    except ValueError:
        return 5.0


def _sha256(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
