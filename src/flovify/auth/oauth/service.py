"""Connecting an account: from the administrator's click to a tenant with sealed tokens."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.apps.service import AppService
from flovify.auth.errors import TenantNotFound
from flovify.auth.oauth.entra_errors import EntraError, authorize_error_code
from flovify.auth.oauth.id_token import AuthorityAway, Identity, IdTokenInvalid, IdTokenVerifier
from flovify.auth.oauth.ms365 import PROMPTS, Ms365Client, TokenAnswer, missing_scopes
from flovify.auth.oauth.store import OAuthState, OAuthStateStore
from flovify.auth.tenants.models import Tenant
from flovify.auth.tenants.service import TenantService
from flovify.auth.users.models import User
from flovify.auth.vault.cipher import Place
from flovify.auth.vault.service import INSTALLATION, Vault
from flovify.common.errors import InvalidRequest
from flovify.common.logs import get_logger

PROVIDER = "ms365"
MAX_CODE = 8192


class StateInvalid(Exception):
    """The callback fits no flow of this browser; nothing may be done with it."""


class ConnectFailed(Exception):
    """The flow ends without a connected account; `code` is what the console shows, `scope` what was not granted."""

    def __init__(self, code: str, scope: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.scope = scope


@dataclass(frozen=True)
class Begun:
    """Where the browser goes, and the value that binds the flow to it (for a cookie)."""

    authorize_url: str
    browser_secret: str


@dataclass(frozen=True)
class Callback:
    """What came back from Microsoft by way of the browser; none of it is trusted."""

    state: str
    code: str
    error: str
    error_description: str
    issuer: str
    admin_consent: str
    browser_secret: str


class OAuthService:
    """State is single use, ten minutes, bound to browser and session; PKCE always (RFC 9700)."""

    def __init__(
        self,
        states: OAuthStateStore,
        client: Ms365Client,
        verifier: IdTokenVerifier,
        vault: Vault,
        tenants: TenantService,
        live_user: Callable[[UUID], Awaitable[User | None]],
        apps: AppService,
        *,
        stand_in: bool,
    ) -> None:
        self._states = states
        self._client = client
        self._verifier = verifier
        self._vault = vault
        self._tenants = tenants
        self._live_user = live_user
        self._apps = apps
        self._stand_in = stand_in

    async def begin(
        self,
        session_id: UUID,
        reconnect_id: UUID | None,
        extra: dict[str, str],
        registration_id: UUID | None = None,
    ) -> Begun:
        """Start a flow for an administrator's session.

        Raises InvalidRequest for parameters Microsoft would refuse, TenantNotFound for an unknown account to
        reconnect, and RegistrationNotFound.
        """
        extra = self._checked(extra)
        registration = await self._apps.resolve(registration_id)
        if reconnect_id is not None:
            tenant = await self._tenants.find(reconnect_id)
            if tenant is None:
                raise TenantNotFound
            if not extra.get("prompt"):
                extra = {"login_hint": tenant.account_email, **extra}
        state, browser, nonce = (secrets.token_urlsafe(32) for _ in range(3))
        verifier = secrets.token_urlsafe(64)
        sealed = await self._vault.seal(verifier, _verifier_place(state))
        row = OAuthState(session_id, PROVIDER, nonce, sealed, reconnect_id, registration.id)
        await self._states.add(_hash(state), _hash(browser), row)
        url = self._client.authorize_url(registration, state=state, nonce=nonce, verifier=verifier, extra=extra)
        return Begun(url, browser)

    def _checked(self, extra: dict[str, str]) -> dict[str, str]:
        prompt = extra.get("prompt", "")
        if prompt and prompt not in PROMPTS:
            raise InvalidRequest(f"prompt is one of {', '.join(sorted(PROMPTS))}")
        if prompt == "select_account" and extra.get("login_hint"):
            raise InvalidRequest("prompt=select_account cannot go with login_hint")
        kept = {name: value for name, value in extra.items() if value}
        if not self._stand_in:
            kept.pop("sandbox_auto", None)
        return kept

    async def finish(self, callback: Callback) -> Tenant:
        """End a flow. Raises StateInvalid before anything else is looked at, and ConnectFailed."""
        state = await self._states.take(_hash(callback.state), _hash(callback.browser_secret))
        user = await self._live_user(state.session_id) if state is not None else None
        if state is None or user is None:
            raise StateInvalid
        registration = await self._apps.resolve(state.registration_id)
        self._check_answer(registration, callback)
        verifier = await self._vault.open(state.sealed_verifier, _verifier_place(callback.state))
        answer = await self._exchange(registration, callback.code, verifier.reveal())
        identity = await self._identify(registration, answer, state.nonce)
        if missing := missing_scopes(answer.scopes):
            get_logger().warning("oauth_scope_missing", missing=missing)
            raise ConnectFailed("missing_scope", missing[0])
        if answer.refresh_token is None:
            raise ConnectFailed("no_refresh_token")
        return await self._tenants.connect(registration, identity, answer, state.reconnect_id, user.email)

    def _check_answer(self, registration: Registration, callback: Callback) -> None:
        """Raises ConnectFailed for everything but a code of the authority we asked."""
        if callback.issuer and not self._client.is_own_issuer(registration, callback.issuer):
            raise ConnectFailed("issuer_mismatch")
        if callback.error:
            raise ConnectFailed(authorize_error_code(callback.error, callback.error_description))
        if not callback.code and callback.admin_consent:
            # Its `tenant` and `admin_consent` are plain query text (v2-admin-consent): only a token proves anything.
            raise ConnectFailed("admin_consent_unconfirmed")
        if not callback.code or len(callback.code) > MAX_CODE:
            raise ConnectFailed("authorization_failed")

    async def _exchange(self, registration: Registration, code: str, verifier: str) -> TokenAnswer:
        try:
            return await self._client.exchange_code_for_tokens(registration, code, verifier)
        except EntraError as error:
            get_logger().warning("oauth_exchange_failed", reason=error.failure.as_reason())
            codes = {"app_credential": "app_credential_invalid", "transient": "microsoft_unavailable"}
            raise ConnectFailed(codes.get(error.failure.kind, "exchange_failed")) from None

    async def _identify(self, registration: Registration, answer: TokenAnswer, nonce: str) -> Identity:
        try:
            return await self._verifier.verify(registration, answer.id_token, nonce)
        except AuthorityAway as error:
            get_logger().warning("oauth_authority_away", detail=error.detail)
            raise ConnectFailed("microsoft_unavailable") from None
        except IdTokenInvalid as error:
            get_logger().error("oauth_id_token_refused", detail=error.detail)
            raise ConnectFailed("identity_not_proven") from None


def _hash(value: str) -> bytes:
    return hashlib.sha256(value.encode(errors="surrogatepass")).digest()


def _verifier_place(state: str) -> Place:
    return Place(INSTALLATION, f"pkce_verifier/{_hash(state).hex()}")
