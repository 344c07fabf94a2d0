"""Verification of the access tokens that auth issues (EdDSA, RFC 8037; rules of RFC 8725).

One algorithm only: with a shared secret every verifier could also sign, and a list of two opens algorithm confusion.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt as pyjwt
from jwt.types import Options
from starlette.requests import Request

from flovify.common.clock import Clock, SystemClock
from flovify.common.errors import Forbidden, Unauthorized
from flovify.common.roles import ROLES

ALGORITHM = "EdDSA"
ISSUER = "flovify-auth"
AUDIENCE = "flovify"
TOKEN_TYPE = "at+jwt"  # noqa: S105 - the media type of RFC 9068, not a secret
ACCESS_SECONDS = 15 * 60
LEEWAY_SECONDS = 60
REFETCH_SECONDS = 60
MAX_TOKEN_LENGTH = 8192
_REQUIRED = ("exp", "iat", "iss", "aud", "sub")

FetchJwks = Callable[[], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Principal:
    """Who is calling, as the access token says, until when it says so, and the id of the key that signed it."""

    user_id: str
    email: str
    role: str
    session_id: str
    expires_at: datetime | None = None
    key_id: str = ""


class AccessTokenVerifier:
    """Checks access tokens against auth's published keys.

    Keys are fetched on first use and again on an unknown key id, at most once a minute, so that a flood of tokens with
    made-up key ids is no flood at auth.
    """

    def __init__(
        self, fetch_jwks: FetchJwks, clock: Clock | None = None, *, refetch_seconds: float = REFETCH_SECONDS
    ) -> None:
        self._fetch_jwks = fetch_jwks
        self._clock = clock or SystemClock()
        self._refetch_seconds = refetch_seconds
        self._keys: dict[str, pyjwt.PyJWK] = {}
        self._fetched_at: float | None = None
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        """The caller behind `token`. Raises Unauthorized, always with the same text."""
        try:
            key_id = _key_id(token)
            key = await self._key(key_id)
            claims = pyjwt.decode(
                token,
                key=key.key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                audience=AUDIENCE,
                leeway=LEEWAY_SECONDS,
                options=Options(require=list(_REQUIRED)),
            )
            return _principal(claims, key_id)
        except (pyjwt.PyJWTError, TypeError, ValueError, KeyError, OverflowError, OSError):
            raise _refused() from None

    def forget(self) -> None:
        """Fetch the keys anew at the next token, however short a time ago they were fetched."""
        self._keys, self._fetched_at = {}, None

    async def _key(self, key_id: str) -> pyjwt.PyJWK:
        if key_id not in self._keys:
            async with self._lock:
                if key_id not in self._keys and self._may_fetch():
                    await self._refetch()
        return self._keys[key_id]

    def _may_fetch(self) -> bool:
        return self._fetched_at is None or self._clock.monotonic() - self._fetched_at >= self._refetch_seconds

    async def _refetch(self) -> None:
        document = await self._fetch_jwks()
        self._fetched_at = self._clock.monotonic()
        keys = [pyjwt.PyJWK(entry, algorithm=ALGORITHM) for entry in document["keys"] if entry.get("kty") == "OKP"]
        self._keys = {key.key_id: key for key in keys if key.key_id}


class RequireRole:
    """FastAPI dependency: the caller's bearer token is good and its role is at least the given one."""

    def __init__(self, verifier: AccessTokenVerifier, role: str = "administrator") -> None:
        self._verifier = verifier
        self._rank = ROLES.index(role)
        self._role = role

    async def __call__(self, request: Request) -> Principal:
        """Raises Unauthorized (401) or Forbidden (403)."""
        principal = await self._verifier.verify(bearer_token(request))
        if principal.role not in ROLES or ROLES.index(principal.role) < self._rank:
            raise Forbidden(f"this needs the role {self._role}; ask an administrator to give it to you")
        return principal


def bearer_token(request: Request) -> str:
    """The token of the one Authorization header. Raises Unauthorized when there is none or more than one."""
    sent = request.headers.getlist("authorization")
    if len(sent) != 1:
        raise _refused()
    scheme, _, token = sent[0].partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > MAX_TOKEN_LENGTH:
        raise _refused()
    return token


def _key_id(token: str) -> str:
    header = pyjwt.get_unverified_header(token)
    if header.get("alg") != ALGORITHM or header.get("typ") != TOKEN_TYPE:
        raise ValueError("not an access token of ours")
    return str(header["kid"])


def _principal(claims: Mapping[str, Any], key_id: str) -> Principal:
    return Principal(
        user_id=str(claims["sub"]),
        email=str(claims["email"]),
        role=str(claims["role"]),
        session_id=str(claims["sid"]),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
        key_id=key_id,
    )


def _refused() -> Unauthorized:
    return Unauthorized(
        "sign in first: send a valid access token as `Authorization: Bearer …` (POST /auth/login gives one)",
        headers={"WWW-Authenticate": "Bearer"},
    )
