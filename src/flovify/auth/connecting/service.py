"""Connecting an account: from a click, an administrator's or by a link, to a tenant with sealed tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.apps.service import AppService
from flovify.auth.connecting.flows import Begun, ConnectFailed, Flow, Flows, Starter
from flovify.auth.connecting.shared import SharedMailboxes
from flovify.auth.errors import AccountMismatch, ConnectingOff
from flovify.auth.links.service import LinkService
from flovify.auth.microsoft.entra_errors import EntraError, authorize_error_code, redirect_failure
from flovify.auth.microsoft.id_token import (
    AuthorityAway,
    Identity,
    IdTokenInvalid,
    IdTokenVerifier,
    OrganizationRefused,
)
from flovify.auth.microsoft.ms365 import PROMPTS, Ms365Client, TokenAnswer, missing_scopes
from flovify.auth.tenants.models import Tenant
from flovify.auth.tenants.service import TenantService
from flovify.auth.tokens.models import DELEGATED, SHARED
from flovify.common.db import Connection
from flovify.common.errors import InvalidRequest
from flovify.common.logs import get_logger

_ISSUER_END = re.compile(r"/[0-9a-fA-F-]{36}/v2\.0")


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
    cloud: str


@dataclass(frozen=True)
class Connected:
    """How it ended, and whether whoever came has no account here."""

    tenant: Tenant
    by_link: bool


class OAuthService:
    """State is single use, ten minutes, bound to browser and session or link; PKCE always (RFC 9700)."""

    def __init__(
        self,
        flows: Flows,
        client: Ms365Client,
        verifier: IdTokenVerifier,
        apps: AppService,
        tenants: TenantService,
        links: LinkService,
        shared: SharedMailboxes,
    ) -> None:
        self._flows = flows
        self._client = client
        self._verifier = verifier
        self._apps = apps
        self._tenants = tenants
        self._links = links
        self._shared = shared

    async def begin(
        self,
        starter: Starter,
        registration_id: UUID | None,
        reconnect_id: UUID | None,
        extra: Mapping[str, str],
    ) -> Begun:
        """Start a flow. An account is connected again by its own registration unless another is named.

        Raises InvalidRequest for parameters Microsoft would refuse, RegistrationNotFound, TenantNotFound for an
        unknown account to reconnect, and ConnectingOff for a new one.
        """
        extra = _checked(extra)
        if reconnect_id is None:
            self._tenants.check_connecting()
        else:
            overview = await self._tenants.get(reconnect_id)
            registration_id = registration_id or overview.registration_id
            if overview.token_type == SHARED:
                # Nobody signs in to it: whoever may read it does.
                starter = replace(starter, mailbox=overview.tenant.external_account_id)
            elif not extra.get("prompt"):
                extra = {"login_hint": overview.tenant.account_email, **extra}
        registration = await self._apps.resolve(registration_id)
        opened = await self._flows.open("mailbox", starter, registration, reconnect_id)
        url = self._client.authorize_url(
            registration,
            state=opened.state,
            nonce=opened.nonce,
            verifier=opened.verifier,
            extra=dict(extra),
            token_type=SHARED if starter.mailbox else DELEGATED,
        )
        return Begun(url, opened.browser_secret)

    async def finish(self, callback: Callback) -> Connected:
        """End a flow. Raises StateInvalid, StarterGone and LinkUnusable before anything else, and ConnectFailed."""
        flow = await self._flows.take(callback.state, callback.browser_secret, "mailbox", callback.cloud)
        try:
            return Connected(await self._connect(flow, callback), flow.by_link)
        except ConnectFailed as error:
            error.by_link = flow.by_link
            raise

    async def _connect(self, flow: Flow, callback: Callback) -> Tenant:
        self._check_answer(flow.registration, callback)
        answer = await self._exchange(flow.registration, callback.code, flow.verifier)
        identity = await self._identify(flow.registration, answer, flow.state.nonce)
        kind = SHARED if flow.state.mailbox else DELEGATED
        if missing := missing_scopes(answer.scopes, kind):
            get_logger().warning("oauth_scope_missing", missing=missing)
            raise ConnectFailed("missing_scope", missing[0])
        if answer.refresh_token is None:
            raise ConnectFailed("no_refresh_token")
        if flow.state.mailbox:
            identity = await self._shared.identify(flow.registration, identity, answer, flow.state.mailbox)
        try:
            return await self._tenants.connect(
                flow.registration,
                identity,
                answer,
                flow.state.reconnect_id,
                flow.actor,
                kind,
                also=self._using(flow),
                subscribe=flow.state.subscribe,
            )
        except (AccountMismatch, ConnectingOff) as error:
            raise ConnectFailed(error.problem_code, status=error.status) from None

    def _using(self, flow: Flow) -> UseLink | None:
        """What uses the link up, in the transaction that connects."""
        return UseLink(self._links, flow.state.link_id) if flow.state.link_id is not None else None

    def _check_answer(self, registration: Registration, callback: Callback) -> None:
        """Raises ConnectFailed for everything but a code of the authority we asked."""
        if callback.issuer and not self._is_issuer(registration, callback.issuer):
            raise ConnectFailed("issuer_mismatch")
        if callback.error:
            failure = redirect_failure(callback.error, callback.error_description)
            get_logger().warning("oauth_refused", reason=failure.as_reason())
            raise ConnectFailed(authorize_error_code(callback.error, callback.error_description), failure=failure)
        if not callback.code and callback.admin_consent:
            # Its `tenant` and `admin_consent` are plain query text (v2-admin-consent): only a token proves anything.
            raise ConnectFailed("admin_consent_unconfirmed")
        if not callback.code:
            raise ConnectFailed("authorization_failed")

    def _is_issuer(self, registration: Registration, issuer: str) -> bool:
        """Whether an `iss` parameter (RFC 9207) is an issuer of the registration's cloud; no prefix of another's is."""
        login = self._client.authority(registration).rpartition("/")[0]
        return issuer.startswith(f"{login}/") and _ISSUER_END.fullmatch(issuer.removeprefix(login)) is not None

    async def _exchange(self, registration: Registration, code: str, verifier: str) -> TokenAnswer:
        try:
            return await self._client.exchange_code_for_tokens(registration, code, verifier)
        except EntraError as error:
            failure = error.failure
            get_logger().warning("oauth_exchange_failed", reason=failure.as_reason())
            codes = {"app_credential": ("app_credential_invalid", 503), "transient": ("microsoft_unavailable", 503)}
            found, status = codes.get(failure.kind, ("exchange_failed", 400))
            raise ConnectFailed(found, failure=failure, status=status) from None

    async def _identify(self, registration: Registration, answer: TokenAnswer, nonce: str) -> Identity:
        try:
            return await self._verifier.verify(registration, answer.id_token, nonce)
        except AuthorityAway as error:
            get_logger().warning("oauth_authority_away", detail=error.detail)
            raise ConnectFailed("microsoft_unavailable", status=503) from None
        except OrganizationRefused as error:
            get_logger().warning("oauth_organization_refused", detail=error.detail)
            raise ConnectFailed("organization_not_allowed", status=403) from None
        except IdTokenInvalid as error:
            get_logger().error("oauth_id_token_refused", detail=error.detail)
            raise ConnectFailed("identity_not_proven") from None


@dataclass(frozen=True)
class UseLink:
    """Uses a link up inside a transaction. Raises LinkUnusable when another flow did, which undoes the transaction."""

    links: LinkService
    link_id: UUID

    async def __call__(self, connection: Connection) -> None:
        await self.links.use(self.link_id, connection)


def _checked(extra: Mapping[str, str]) -> dict[str, str]:
    prompt = extra.get("prompt", "")
    if prompt and prompt not in PROMPTS:
        raise InvalidRequest(f"prompt is one of {', '.join(sorted(PROMPTS))}")
    if prompt == "select_account" and extra.get("login_hint"):
        raise InvalidRequest("prompt=select_account cannot go with login_hint")
    return {name: value for name, value in extra.items() if value}
