"""Microsoft's side of OAuth: the authorization URL, codes and refresh tokens (v2-oauth2-auth-code-flow)."""

from __future__ import annotations

import base64
import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

import aiohttp
import msgspec
from yarl import URL

from flovify.auth.oauth.entra_errors import EntraError, EntraFailure, network_failure, read_failure
from flovify.auth.settings import AuthSettings
from flovify.auth.vault.cipher import SecretText
from flovify.common.clock import Clock
from flovify.common.http import ResponseTooLarge, read_capped

DEFAULT_SCOPES = ("openid", "profile", "offline_access", "User.Read", "Mail.Read")
REQUIRED_SCOPES = ("Mail.Read",)
MAX_ANSWER = 2**20
MAX_RETRY_AFTER = 3600.0
PROMPTS = {"login", "consent", "select_account"}


@dataclass(frozen=True)
class TokenAnswer:
    """What the token endpoint gave. `refresh_token` None means: keep the old one."""

    access_token: SecretText
    refresh_token: SecretText | None
    id_token: str | None
    scopes: tuple[str, ...]
    expires_at: datetime


class Ms365Client:
    """Calls Entra ID. One redirect URI, one authority; hosts are never taken from a request."""

    def __init__(self, session: aiohttp.ClientSession, settings: AuthSettings, clock: Clock) -> None:
        self._session = session
        self._settings = settings
        self._clock = clock

    def authorize_url(self, *, state: str, nonce: str, verifier: str, extra: dict[str, str]) -> str:
        """Where to send the browser. `extra` may hold login_hint, prompt and, with a stand-in, sandbox_auto."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": self._settings.microsoft_client_id,
            "response_type": "code",
            "redirect_uri": self._settings.redirect_uri,
            "response_mode": "query",
            "scope": " ".join(self.scopes()),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return str(URL(f"{self._settings.authority}/oauth2/v2.0/authorize").with_query({**query, **extra}))

    def is_own_issuer(self, issuer: str) -> bool:
        """Whether an `iss` parameter of the callback (RFC 9207) names the authority we sent the browser to."""
        return issuer.startswith(f"{self._settings.login_host}/")

    def scopes(self) -> list[str]:
        """The default scopes and those of MICROSOFT_SCOPES."""
        return [*DEFAULT_SCOPES, *[s for s in self._settings.microsoft_scopes.split() if s not in DEFAULT_SCOPES]]

    async def exchange_code_for_tokens(self, code: str, verifier: str) -> TokenAnswer:
        """Redeem an authorization code. Raises EntraError."""
        return await self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": self._settings.redirect_uri,
                "code_verifier": verifier,
            }
        )

    async def refresh_access_token(self, refresh_token: SecretText) -> TokenAnswer:
        """Get a new access token, and usually a new refresh token. Raises EntraError."""
        return await self._token({"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()})

    async def _token(self, form: dict[str, str]) -> TokenAnswer:
        settings = self._settings
        credential = {
            "client_id": settings.microsoft_client_id,
            "client_secret": settings.microsoft_client_secret.get_secret_value(),
        }
        url = URL(f"{settings.authority}/oauth2/v2.0/token")
        try:
            async with self._session.post(url, data={**form, **credential}, allow_redirects=False) as response:
                body = await read_capped(response, MAX_ANSWER)
                if response.status != 200:
                    raise EntraError(read_failure(response.status, body, _retry_after(response.headers)))
                return self._read(body)
        except (aiohttp.ClientError, TimeoutError, OSError, ResponseTooLarge) as error:
            raise EntraError(network_failure(error)) from None

    def _read(self, body: bytes) -> TokenAnswer:
        """Raises EntraError (transient) for what is no token answer, such as a proxy's page with status 200."""
        try:
            fields = msgspec.json.decode(body, type=_TokenFields)
        except (msgspec.MsgspecError, RecursionError):
            raise EntraError(EntraFailure("transient", "unreadable_answer", 200)) from None
        return TokenAnswer(
            access_token=SecretText(fields.access_token),
            refresh_token=SecretText(fields.refresh_token) if fields.refresh_token else None,
            id_token=fields.id_token,
            scopes=tuple(fields.scope.split()),
            expires_at=self._clock.now() + timedelta(seconds=fields.expires_in),
        )


class _TokenFields(msgspec.Struct):
    access_token: str
    expires_in: Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
    scope: str = ""
    refresh_token: str | None = None
    id_token: str | None = None


def missing_scopes(granted: tuple[str, ...]) -> list[str]:
    """What is needed and was not granted. Entra returns scopes in any case and order, with or without Graph's URL."""
    bare = {scope.rpartition("/")[2].lower() for scope in granted}
    return [scope for scope in REQUIRED_SCOPES if scope.lower() not in bare and "mail.readwrite" not in bare]


def _retry_after(headers: Any) -> float | None:
    """Seconds from the header, an hour at most; a date or nonsense counts as missing."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(max(0.0, seconds), MAX_RETRY_AFTER) if math.isfinite(seconds) else None
