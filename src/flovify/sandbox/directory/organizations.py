"""Organisations (tenants): their policies, and what their administrators have consented to."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from flovify.sandbox.directory.models import Organization, OrganizationConsent, ScopeKind, UserConsent, changed
from flovify.sandbox.journal import Journal

NAMESPACE = uuid.UUID("6f5b0a52-6c3f-4f43-9a55-4cf2b1b3c1de")
# The two that everybody finds at first let their people consent to mail, which new organisations do not
# (Entra: manage-app-consent-policies, microsoft-user-default-recommended).
OPEN_AT_FIRST = ("contoso.example", "fabrikam.example")
_KIND = "organization"
_CONSENT = "organization consent"


def object_id(cloud: str, kind: str, name: str) -> str:
    """An id that follows from the name, so that a reset keeps it; every cloud has ids of its own."""
    seed = f"{kind}:{name}" if cloud == "global" else f"{cloud}:{kind}:{name}"
    return str(uuid.uuid5(NAMESPACE, seed))


def personal_id(name: str) -> str:
    """A personal account's id at Graph: 16 hex digits, which follow from the name."""
    return uuid.uuid5(NAMESPACE, f"personal:{name}").hex[:16]


class Organizations:
    """In memory and in the journal; each is known by its domain and by its tenant id."""

    def __init__(self, journal: Journal, cloud: str = "global") -> None:
        self._journal = journal
        self._cloud = cloud
        self._by_domain = {one.domain: one for one in journal.load(_KIND, Organization)}
        loaded = journal.load(_CONSENT, OrganizationConsent)
        self._consents = {(one.client_id, one.tenant_id): one for one in loaded}

    def clear(self) -> None:
        """Forget all; the journal is cleared by the caller."""
        self._by_domain.clear()
        self._consents.clear()

    def ensure(self, domain: str) -> Organization:
        """The organisation of a domain, made now if there is none."""
        domain = domain.strip().lower()
        if domain not in self._by_domain:
            made = Organization(object_id(self._cloud, "organization", domain), domain, domain)
            made.user_consent = "open" if domain in OPEN_AT_FIRST else "blocked_for_mail"
            self._keep(made)
        return self._by_domain[domain]

    def find(self, name: str) -> Organization | None:
        """By tenant id or by domain, in any case of letters."""
        name = name.lower()
        if name in self._by_domain:
            return self._by_domain[name]
        return next((one for one in self._by_domain.values() if one.tenant_id == name), None)

    def all(self) -> list[Organization]:
        return list(self._by_domain.values())

    def change(
        self,
        organization: Organization,
        *,
        display_name: str | None = None,
        user_consent: UserConsent | None = None,
        scope_kind: ScopeKind | None = None,
        mailbox_scope: dict[str, list[str]] | None = None,
    ) -> Organization:
        """Keep the organisation with other values; what is None stays."""
        return self._keep(
            changed(
                organization,
                display_name=display_name,
                user_consent=user_consent,
                scope_kind=scope_kind,
                mailbox_scope=mailbox_scope,
            )
        )

    def _keep(self, organization: Organization) -> Organization:
        self._by_domain[organization.domain] = organization
        self._journal.put(_KIND, organization.domain, organization)
        return organization

    def consent(self, client_id: str, tenant_id: str, scopes: Iterable[str], roles: Iterable[str]) -> None:
        """Add to what an administrator has granted to an application for the whole organisation."""
        known = self.consent_of(client_id, tenant_id) or OrganizationConsent(client_id, tenant_id, [], [])
        known.scopes = list(dict.fromkeys([*known.scopes, *scopes]))
        known.roles = list(dict.fromkeys([*known.roles, *roles]))
        self._consents[(client_id, tenant_id)] = known
        self._journal.put(_CONSENT, f"{client_id} {tenant_id}", known)

    def consent_of(self, client_id: str, tenant_id: str) -> OrganizationConsent | None:
        return self._consents.get((client_id, tenant_id))

    def consents(self, tenant_id: str) -> list[OrganizationConsent]:
        return [one for one in self._consents.values() if one.tenant_id == tenant_id]

    def withdraw(self, client_id: str, tenant_id: str) -> bool:
        """Forget what was granted; says whether there was anything."""
        self._journal.delete(_CONSENT, f"{client_id} {tenant_id}")
        return self._consents.pop((client_id, tenant_id), None) is not None
