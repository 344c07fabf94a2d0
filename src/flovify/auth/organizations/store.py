"""Organisations in the database."""

from __future__ import annotations

from uuid import UUID

from flovify.auth.organizations.models import Finding, Organization
from flovify.common.db import Pool, Record, load_queries

_COLUMNS = tuple(Organization.__dataclass_fields__)


class OrganizationStore:
    """The only caller of organizations/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.organizations")

    async def ensure(self, registration_id: UUID, external_tenant_id: str) -> Organization:
        """The organisation's row; a new one is pending, one that exists is not touched."""
        await self._pool.execute(self._sql["add_organization"], registration_id, external_tenant_id)
        row = await self._pool.fetchrow(self._sql["find_organization"], registration_id, external_tenant_id)
        assert row is not None  # noqa: S101 - made a moment ago, and only an administrator deletes
        return _organization(row)

    async def get(self, organization_id: UUID) -> Organization | None:
        found = await self.page(None, 1, organization_id)
        return found[0] if found else None

    async def page(self, after: UUID | None, limit: int, only: UUID | None = None) -> list[Organization]:
        """In order of id, after the given one."""
        rows = await self._pool.fetch(self._sql["list_organizations"], after, limit, only)
        return [_organization(row) for row in rows]

    async def put_finding(self, organization_id: UUID, finding: Finding) -> None:
        await self._pool.execute(
            self._sql["put_finding"],
            organization_id,
            finding.status,
            finding.missing,
            finding.error,
            finding.display_name,
        )

    async def mailboxes(self, organization: Organization) -> int:
        """How many mailboxes are connected by this organisation's approval."""
        row = (organization.registration_id, organization.external_tenant_id)
        return int(await self._pool.fetchval(self._sql["count_mailboxes"], *row))

    async def delete(self, organization_id: UUID) -> None:
        await self._pool.execute(self._sql["delete_organization"], organization_id)


def _organization(row: Record) -> Organization:
    return Organization(**{name: row[name] for name in _COLUMNS})
