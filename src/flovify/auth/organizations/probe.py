"""What an organisation's approval really allows: seen by trying, for tokens do not tell.

With RBAC for Applications Entra knows no grant, so a token's roles may lack mail although it can be read; and a role in
a token says nothing about a mailbox outside the scope (application-rbac).
"""

from __future__ import annotations

from flovify.auth.apps.models import Registration
from flovify.auth.microsoft.entra_errors import EntraError
from flovify.auth.microsoft.ms365 import Ms365Client, TokenAnswer
from flovify.auth.organizations.graph import Access, GraphDirectory, GraphRefusal
from flovify.auth.organizations.models import Finding, Mailbox

DIRECTORY, MAIL = "User.Read.All", "Mail.Read"
TRIED = 5  # some of the first people may have no mailbox, or be outside the app's scope


class OrganizationProbe:
    """Asks Entra for a token and Graph for what mail needs."""

    def __init__(self, client: Ms365Client, graph: GraphDirectory) -> None:
        self._client = client
        self._graph = graph

    async def token(self, registration: Registration, external_tenant_id: str) -> TokenAnswer:
        """A fresh token of the app in the organisation. Raises EntraError."""
        return await self._client.request_app_token(registration, external_tenant_id)

    async def check(self, registration: Registration, external_tenant_id: str) -> Finding:
        """`granted` once Entra gave a token and Graph answered with it; `pending`, with the reason, otherwise."""
        try:
            answer = await self.token(registration, external_tenant_id)
        except EntraError as error:
            return Finding("pending", error=error.failure.as_reason())
        access = Access(registration.cloud, answer.access_token)
        try:
            people, _ = await self._graph.mailboxes(access, top=TRIED)
        except GraphRefusal as refusal:
            if refusal.status != 403:
                return Finding("pending", error=refusal.as_reason())
            # Graph knows the token and refuses the directory only; whether mail can be read shows by the first mailbox.
            return Finding("granted", missing=[DIRECTORY], error=refusal.as_reason())
        refused = await self._mail_refused(access, people)
        name = await self._name(access, people)
        return Finding("granted", name, [MAIL] if refused else [], refused.as_reason() if refused else None)

    async def _mail_refused(self, access: Access, people: list[Mailbox]) -> GraphRefusal | None:
        """The refusal where none of the first mailboxes could be read because of a permission; None otherwise."""
        refused: GraphRefusal | None = None
        for person in people:
            try:
                await self._graph.read_inbox(access, person.object_id)
            except GraphRefusal as refusal:
                refused = refusal if refusal.status == 403 else refused
            else:
                return None
        return refused

    async def _name(self, access: Access, people: list[Mailbox]) -> str:
        try:
            return await self._graph.organization_name(access)
        except GraphRefusal:  # Organization.Read.All is not asked for; a domain says enough
            domains = [person.address.rpartition("@")[2] for person in people]
            return next(filter(None, domains), "")
