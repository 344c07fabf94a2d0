"""An organisation's administrator approves an app registration (v2-admin-consent).

What comes back (`tenant`, `admin_consent`) is plain query text that anybody can write. It only tells which organisation
to ask about; `granted` is said after Entra issued a token for it and Graph answered with that token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from flovify.auth.apps.addresses import organization_id
from flovify.auth.apps.service import AppService
from flovify.auth.connecting.flows import Begun, ConnectFailed, Flow, Flows, Starter
from flovify.auth.links.service import LinkService
from flovify.auth.microsoft.entra_errors import redirect_failure
from flovify.auth.microsoft.ms365 import Ms365Client
from flovify.auth.organizations.models import Organization
from flovify.auth.organizations.service import OrganizationService
from flovify.common.errors import InvalidRequest
from flovify.common.logs import get_logger

_SHARED = {"common", "organizations", "consumers"}
_DECLINED = {"consent_required", "permission_denied", "access_denied"}


@dataclass(frozen=True)
class ConsentCallback:
    """What came back by way of the browser; hints only."""

    state: str
    browser_secret: str
    organization: str
    error: str
    error_description: str


@dataclass(frozen=True)
class Consented:
    """How it ended, and whether whoever came has no account here."""

    organization: Organization
    by_link: bool


class AdminConsentService:
    """Begins and ends the way of an organisation's administrator."""

    def __init__(
        self,
        flows: Flows,
        client: Ms365Client,
        apps: AppService,
        organizations: OrganizationService,
        links: LinkService,
    ) -> None:
        self._flows = flows
        self._client = client
        self._apps = apps
        self._organizations = organizations
        self._links = links

    async def begin(
        self, starter: Starter, registration_id: UUID | None, organization: str, extra: Mapping[str, str]
    ) -> Begun:
        """Start for a session or a link. `organization` is an id, or empty where nobody knows it.

        Raises RegistrationNotFound, and InvalidRequest for what is no id, before anything is kept.
        """
        registration = await self._apps.resolve(registration_id)
        organization = "" if organization == "organizations" else organization
        self._client.admin_consent_url(registration, organization=organization, state="")
        opened = await self._flows.open("admin_consent", starter, registration)
        url = self._client.admin_consent_url(
            registration, organization=organization, state=opened.state, extra=dict(extra)
        )
        return Begun(url, opened.browser_secret)

    async def finish(self, callback: ConsentCallback) -> Consented:
        """End a flow. Raises StateInvalid, StarterGone, LinkUnusable and ConnectFailed."""
        flow = await self._flows.take(callback.state, callback.browser_secret, "admin_consent", None)
        try:
            organization = await self._claim(flow, callback)
        except ConnectFailed as error:
            error.by_link = flow.by_link
            raise
        if organization.status == "granted" and flow.state.link_id is not None:
            await self._links.use(flow.state.link_id)
        return Consented(organization, flow.by_link)

    async def _claim(self, flow: Flow, callback: ConsentCallback) -> Organization:
        # A failure carries admin_consent=True as well, so the error is looked at first and that parameter never.
        if callback.error:
            raise _declined(callback)
        only = flow.registration.authority_tenant
        try:
            hinted = organization_id(callback.organization)
        except InvalidRequest:
            raise ConnectFailed("admin_consent_unconfirmed") from None
        if only not in _SHARED and hinted != only:
            raise ConnectFailed("organization_not_allowed", status=403)
        return await self._organizations.claim(flow.registration, hinted, flow.actor)


def _declined(callback: ConsentCallback) -> ConnectFailed:
    failure = redirect_failure(callback.error, callback.error_description)
    get_logger().warning("admin_consent_refused", reason=failure.as_reason())
    plain = failure.aadsts is None and failure.error in _DECLINED
    code = "admin_consent_refused" if plain else failure.words().code
    return ConnectFailed(code, failure=failure)
