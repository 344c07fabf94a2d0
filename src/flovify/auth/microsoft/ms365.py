"""Microsoft's side of OAuth: the authorization URL, codes and refresh tokens (v2-oauth2-auth-code-flow)."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Protocol
from uuid import UUID

import aiohttp
import msgspec
from yarl import URL

from flovify.auth.apps.addresses import Addresses, organization_id
from flovify.auth.apps.models import Credential, Registration
from flovify.auth.microsoft.client_assertion import ASSERTION_TYPE, client_assertion
from flovify.auth.microsoft.entra_errors import EntraError, EntraFailure, network_failure, read_failure
from flovify.auth.vault.cipher import SecretText
from flovify.common.clock import Clock
from flovify.common.clouds import CLOUDS
from flovify.common.errors import InvalidRequest
from flovify.common.http import ResponseTooLarge, read_capped

_SIGN_IN = ("openid", "profile", "offline_access", "User.Read")
# By the kind of token. For a mailbox that is shared with whoever signs in: to read it, and to find out its object id
# (graph/permissions-reference).
DEFAULT_SCOPES: Mapping[str, tuple[str, ...]] = {
    "delegated": (*_SIGN_IN, "Mail.Read"),
    "shared": (*_SIGN_IN, "User.ReadBasic.All", "Mail.Read.Shared"),
}
REQUIRED_SCOPES: Mapping[str, tuple[str, ...]] = {"delegated": ("Mail.Read",), "shared": ("Mail.Read.Shared",)}
MAX_ANSWER = 2**20
MAX_RETRY_AFTER = 3600.0
REFUSED = "invalid_client"  # the only answer that is about the credential and nothing else
NO_CREDENTIAL = "no_credential"  # ours: a registration that has none
PROMPTS = {"login", "consent", "select_account"}


@dataclass(frozen=True)
class TokenAnswer:
    """What the token endpoint gave. `refresh_token` None means: keep the old one."""

    access_token: SecretText
    refresh_token: SecretText | None
    id_token: str | None
    scopes: tuple[str, ...]
    expires_at: datetime


class AppCredentials(Protocol):
    """Where the client finds what proves our registrations, and tells how Microsoft took it."""

    async def credentials(self, registration_id: UUID) -> list[Credential]:
        """At most two, the one to present first first."""

    async def note_credential_refused(self, credential: Credential, reason: dict[str, Any]) -> None:
        """This one was refused; `reason` is the failure's, without anything secret."""

    async def note_refused(self, registration_id: UUID, reason: dict[str, Any]) -> None:
        """All were refused."""

    async def note_accepted(self, registration_id: UUID, credential: Credential) -> None:
        """This one was taken."""


class Ms365Client:
    """Calls Entra ID as one of our registrations; hosts follow from it and are never taken from a request."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        addresses: Addresses,
        credentials: AppCredentials,
        clock: Clock,
        extra_scopes: str = "",
    ) -> None:
        self._session = session
        self._addresses = addresses
        self._credentials = credentials
        self._clock = clock
        self._extra_scopes = extra_scopes

    def authority(self, registration: Registration) -> str:
        """Login host and tenant segment."""
        return self._addresses.authority(registration)

    def redirect_uri(self, registration: Registration) -> str:
        return self._addresses.callback(registration)

    def authorize_url(
        self,
        registration: Registration,
        *,
        state: str,
        nonce: str,
        verifier: str,
        extra: dict[str, str],
        token_type: str = "delegated",  # noqa: S107 - a kind, not a secret
    ) -> str:
        """Where to send the browser. `extra` may hold login_hint, prompt and, with a stand-in, sandbox_auto."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": registration.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri(registration),
            "response_mode": "query",
            "scope": " ".join(self.scopes(token_type)),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return str(URL(f"{self.authority(registration)}/oauth2/v2.0/authorize").with_query({**query, **extra}))

    def admin_consent_url(
        self, registration: Registration, *, organization: str, state: str, extra: dict[str, str] | None = None
    ) -> str:
        """Where an organisation's administrator agrees to everything registered (v2-admin-consent).

        `organization` is its id, or "" where nobody knows it yet. Raises InvalidRequest for what is no id, and for
        another organisation than the only one a registration is for.
        """
        query = {
            "client_id": registration.client_id,
            "scope": f"{CLOUDS[registration.cloud].scope_prefix}.default",
            "redirect_uri": self._addresses.admin_consent_callback(),
            "state": state,
        }
        segment = _consenting(registration, organization)
        url = URL(f"{self._addresses.login(registration)}/{segment}/v2.0/adminconsent")
        return str(url.with_query({**query, **(extra or {})}))

    def scopes(self, token_type: str) -> list[str]:
        """The default scopes of this kind and those of MICROSOFT_SCOPES."""
        default = DEFAULT_SCOPES[token_type]
        return [*default, *[scope for scope in self._extra_scopes.split() if scope not in default]]

    async def exchange_code_for_tokens(self, registration: Registration, code: str, verifier: str) -> TokenAnswer:
        """Redeem an authorization code. Raises EntraError."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri(registration),
            "code_verifier": verifier,
        }
        return await self._token(registration, form)

    async def refresh_access_token(self, registration: Registration, refresh_token: SecretText) -> TokenAnswer:
        """Get a new access token, and usually a new refresh token. Raises EntraError."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        return await self._token(registration, form)

    async def request_app_token(self, registration: Registration, organization: str) -> TokenAnswer:
        """A token of the application itself in one organisation (v2-oauth2-client-creds-grant-flow).

        `organization` is its id: common and its like are refused by Microsoft. No refresh token comes with it, and the
        answer names no scopes. Raises EntraError, and InvalidRequest for what is no id.
        """
        form = {"grant_type": "client_credentials", "scope": f"{CLOUDS[registration.cloud].scope_prefix}.default"}
        return await self._token(registration, form, organization)

    async def _token(self, registration: Registration, form: dict[str, str], organization: str = "") -> TokenAnswer:
        """Present the newest credential, and once the other if Microsoft refuses the first as such."""
        url = self._addresses.token_url(registration, organization)
        failure = EntraFailure("app_credential", NO_CREDENTIAL, 0)
        for position, credential in enumerate(await self._credentials.credentials(registration.id)):
            try:
                answer = await self._post(
                    registration.cloud, url, {**form, **self._proof(registration, credential, url)}
                )
            except EntraError as error:
                if error.failure.error != REFUSED:
                    raise
                await self._credentials.note_credential_refused(credential, error.failure.as_reason())
                failure = error.failure if position == 0 else failure
            else:
                await self._credentials.note_accepted(registration.id, credential)
                return answer
        await self._credentials.note_refused(registration.id, failure.as_reason())
        raise EntraError(failure)

    def _proof(self, registration: Registration, credential: Credential, url: URL) -> dict[str, str]:
        if credential.kind == "secret":
            return {"client_id": registration.client_id, "client_secret": credential.secret.reveal()}
        assertion = client_assertion(credential, registration.client_id, str(url), self._clock.now())
        return {
            "client_id": registration.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }

    async def _post(self, cloud: str, url: URL, form: dict[str, str]) -> TokenAnswer:
        try:
            async with self._session.post(url, data=form, allow_redirects=False, trace_request_ctx=cloud) as response:
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


def missing_scopes(granted: tuple[str, ...], token_type: str) -> list[str]:
    """What is needed and was not granted. Entra returns scopes in any case and order, with or without Graph's URL."""
    bare = {scope.lower() for scope in bare_scopes(granted)}
    more = {scope: scope.lower().replace("mail.read", "mail.readwrite") for scope in REQUIRED_SCOPES[token_type]}
    return [scope for scope, wider in more.items() if scope.lower() not in bare and wider not in bare]


def bare_scopes(granted: Iterable[str]) -> list[str]:
    """Without Graph's URL before them."""
    return [scope.rpartition("/")[2] for scope in granted]


def _consenting(registration: Registration, organization: str) -> str:
    """The path's tenant: consent knows no `common` (v2-admin-consent)."""
    shared = registration.authority_tenant in {"common", "organizations", "consumers"}
    only = "" if shared else registration.authority_tenant
    wanted = organization_id(organization) if organization else only
    if only and wanted != only:
        raise InvalidRequest("this registration is for another organisation only")
    return wanted or "organizations"


def _retry_after(headers: Any) -> float | None:
    """Seconds from the header, an hour at most; a date or nonsense counts as missing."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return None
    return min(max(0.0, seconds), MAX_RETRY_AFTER) if math.isfinite(seconds) else None
