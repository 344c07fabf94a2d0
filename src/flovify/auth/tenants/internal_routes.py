"""What the other services may know, and tell, of accounts, on the internal listener; no access token."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from flovify.auth.apps.models import RegistrationOverview
from flovify.auth.apps.service import AppService
from flovify.auth.tenants.blocked import BlockedAccounts
from flovify.auth.tenants.models import Blocked
from flovify.auth.tenants.schemas import KnownTenant, KnownTenants, shown
from flovify.auth.tenants.service import TenantService
from flovify.common.service_tokens import ServiceTokenGuard

PREFIX = "/auth/internal/tenants"
BLOCKED_PATH = f"{PREFIX}/blocked"


class BlockedMailbox(BaseModel):
    """One mailbox that the worker cannot serve; `reason` is its word, `waiting` counts the events that wait for it."""

    model_config = ConfigDict(extra="forbid")

    tenant_id: UUID
    since: AwareDatetime
    reason: Annotated[str, Field(min_length=1, max_length=100)]
    waiting: Annotated[int, Field(ge=0, le=2**31 - 1)]


class BlockedMailboxes(BaseModel):
    """The whole present list."""

    model_config = ConfigDict(extra="forbid")

    items: list[BlockedMailbox]


class Changed(BaseModel):
    changed: int


def router(service: TenantService, blocked: BlockedAccounts, apps: AppService, guard: ServiceTokenGuard) -> APIRouter:
    """All accounts at once, and one; which of them the worker cannot serve."""
    routes = APIRouter(prefix=PREFIX, dependencies=[Depends(guard)], tags=["internal"])

    @routes.get("", summary="All accounts, for the api's list of them")
    async def list_known_tenants() -> KnownTenants:
        ends = {one.registration.id: _ends(one) for one in await apps.list_overviews()}
        found = await service.overviews(None, None)
        return KnownTenants(
            items=[
                KnownTenant.model_validate(
                    {
                        **shown(one),
                        "app_credential_expires_at": ends.get(one.registration_id) if one.registration_id else None,
                    }
                )
                for one in found
            ]
        )

    @routes.put("/blocked", summary="Which mailboxes the worker cannot serve now")
    async def put_blocked(wanted: BlockedMailboxes) -> Changed:
        """Accounts that are not in the list are not blocked any more. Safe to repeat."""
        told = [(one.tenant_id, Blocked(one.since, one.reason, one.waiting)) for one in wanted.items]
        return Changed(changed=await blocked.put(told))

    @routes.get("/{tenant_id}", summary="Who a tenant is")
    async def get_known_tenant(tenant_id: UUID) -> dict[str, str]:
        overview = await service.get(tenant_id)
        names = ("id", "provider", "status", "external_tenant_id", "external_account_id", "account_email")
        found = {name: str(getattr(overview.tenant, name)) for name in names}
        return {**found, "cloud": overview.cloud, "token_type": overview.token_type or ""}

    return routes


def _ends(one: RegistrationOverview) -> datetime | None:
    longest = one.longest()
    return longest.expires_at if longest else None
