"""Organisations that approved an app registration, and the mailboxes connected by that approval."""

from __future__ import annotations

import asyncio
import re
from uuid import UUID

from flovify.auth.apps.addresses import organization_id
from flovify.auth.apps.models import Registration
from flovify.auth.apps.service import AppService
from flovify.auth.audit.store import AuditLog
from flovify.auth.errors import GraphRefused, OrganizationInUse, OrganizationNotFound, OrganizationNotGranted
from flovify.auth.microsoft.entra_errors import EntraError
from flovify.auth.microsoft.id_token import Identity
from flovify.auth.microsoft.ms365 import TokenAnswer
from flovify.auth.organizations.commands import mending_command
from flovify.auth.organizations.graph import Access, GraphDirectory, GraphRefusal
from flovify.auth.organizations.models import Finding, Mailbox, MailboxResult, Organization
from flovify.auth.organizations.probe import OrganizationProbe
from flovify.auth.organizations.store import OrganizationStore
from flovify.auth.tenants.models import Subscribe
from flovify.auth.tenants.service import TenantService
from flovify.common.microsoft_errors import graph_words

AT_ONCE = 4
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")


class OrganizationService:
    """The rules of application permissions."""

    def __init__(
        self,
        store: OrganizationStore,
        apps: AppService,
        probe: OrganizationProbe,
        graph: GraphDirectory,
        tenants: TenantService,
        audit: AuditLog,
    ) -> None:
        self._store = store
        self._apps = apps
        self._probe = probe
        self._graph = graph
        self._tenants = tenants
        self._audit = audit

    async def page(self, after: UUID | None, limit: int) -> list[Organization]:
        return await self._store.page(after, limit)

    async def get(self, found: UUID) -> Organization:
        """Raises OrganizationNotFound."""
        organization = await self._store.get(found)
        if organization is None:
            raise OrganizationNotFound
        return organization

    async def claim(self, registration: Registration, external_tenant_id: str, actor: str) -> Organization:
        """Look whether an organisation has approved the registration, and keep what was found.

        The id may come from a browser and prove nothing: an organisation that was granted before stays as it is when
        no token can be had for it. Raises InvalidRequest for what is no id.
        """
        external_tenant_id = organization_id(external_tenant_id)
        finding = await self._probe.check(registration, external_tenant_id)
        organization = await self._store.ensure(registration.id, external_tenant_id)
        if finding.status == "granted" or organization.status != "granted":
            await self._store.put_finding(organization.id, finding)
            details = {"status": finding.status, "missing": finding.missing, "external_tenant_id": external_tenant_id}
            await self._audit.record(actor, "organization.checked", str(organization.id), details)
        return await self.get(organization.id)

    async def check(self, organization_id: UUID, actor: str) -> Organization:
        """Look again, by an administrator's wish; an approval that was withdrawn shows as refused."""
        organization = await self.get(organization_id)
        registration = await self._apps.get(organization.registration_id)
        finding = await self._probe.check(registration, organization.external_tenant_id)
        if organization.status != "pending" and _withdrawn(finding):
            finding = Finding("refused", error=finding.error)
        elif finding.status == "pending" and organization.status != "pending":
            finding = Finding(organization.status, missing=organization.missing, error=finding.error)
        await self._store.put_finding(organization.id, finding)
        await self._audit.record(actor, "organization.checked", str(organization.id), {"status": finding.status})
        return await self.get(organization_id)

    async def remove(self, organization_id: UUID, actor: str) -> None:
        """Forget an organisation without mailboxes. Raises OrganizationNotFound and OrganizationInUse."""
        organization = await self.get(organization_id)
        if count := await self._store.mailboxes(organization):
            raise OrganizationInUse(count)
        await self._store.delete(organization.id)
        await self._audit.record(actor, "organization.removed", str(organization.id))

    async def mailboxes(self, organization_id: UUID, search: str, after: str) -> tuple[list[Mailbox], str | None]:
        """One page of its directory. Raises OrganizationNotFound, OrganizationNotGranted and GraphRefused."""
        organization = await self.get(organization_id)
        access = await self._access(organization)
        try:
            return await self._graph.mailboxes(access, search, after)
        except GraphRefusal as refusal:
            raise GraphRefused(refusal.words, refusal.as_reason()) from None

    async def connect(
        self, organization_id: UUID, names: list[str], actor: str, subscribe: Subscribe | None = None
    ) -> list[MailboxResult]:
        """Connect mailboxes, each after its inbox was read; one that cannot be is told, and stops no other.

        Raises OrganizationNotFound and OrganizationNotGranted.
        """
        organization = await self.get(organization_id)
        registration = await self._apps.get(organization.registration_id)
        answer = await self._token(registration, organization)
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(name: str) -> MailboxResult:
            async with gate:
                found = await self._identify(registration, organization, answer, name)
                if isinstance(found, MailboxResult):
                    return found
                connect = self._tenants.connect
                tenant = await connect(registration, found, answer, None, actor, "app", subscribe=subscribe)
                return MailboxResult(name, "connected", tenant.id)

        return list(await asyncio.gather(*(one(name) for name in dict.fromkeys(names))))

    async def _identify(
        self, registration: Registration, organization: Organization, answer: TokenAnswer, name: str
    ) -> Identity | MailboxResult:
        """Whose mailbox it is, once its inbox could be read; otherwise why not."""
        access = Access(registration.cloud, answer.access_token)
        mailbox: Mailbox | None = None
        try:
            mailbox = await self._find(access, name)
            await self._graph.read_inbox(access, mailbox.object_id)
        except GraphRefusal as refusal:
            return _failed(name, refusal, registration, mailbox)
        return Identity(
            organization.external_tenant_id, mailbox.object_id, mailbox.address or name, mailbox.display_name
        )

    async def _find(self, access: Access, name: str) -> Mailbox:
        """Raises GraphRefusal; an object id is enough by itself where the directory may not be read."""
        object_id = _object_id(name)
        if object_id is None and not _ADDRESS.fullmatch(name):
            raise GraphRefusal(404, "", graph_words(404, "Request_ResourceNotFound"))
        try:
            return await self._graph.mailbox(access, object_id or name)
        except GraphRefusal as refusal:
            if object_id is None or refusal.status != 403:
                raise
            return Mailbox(object_id, "", "")

    async def _access(self, organization: Organization) -> Access:
        registration = await self._apps.get(organization.registration_id)
        answer = await self._token(registration, organization)
        return Access(registration.cloud, answer.access_token)

    async def _token(self, registration: Registration, organization: Organization) -> TokenAnswer:
        try:
            return await self._probe.token(registration, organization.external_tenant_id)
        except EntraError as error:
            raise OrganizationNotGranted(error.failure.words(), error.failure.as_reason()) from None


def _object_id(name: str) -> str | None:
    try:
        return str(UUID(name)) if len(name) == 36 else None
    except ValueError:
        return None


def _withdrawn(finding: Finding) -> bool:
    """Entra says that the app is not there, or not allowed, and not that it passes by itself."""
    told = finding.error or {}
    refused = told.get("error") in {"unauthorized_client", "invalid_grant"} and told.get("kind") != "transient"
    return finding.status == "pending" and refused


def _failed(name: str, refusal: GraphRefusal, registration: Registration, mailbox: Mailbox | None) -> MailboxResult:
    address = (mailbox.address or mailbox.object_id) if mailbox else name
    command = mending_command(refusal.words.code, registration.client_id, address)
    return MailboxResult(name, "failed", None, refusal.words.code, refusal.words.as_dict(), command, refusal.request_id)
