"""What the other services may know of accounts, on the internal listener; no token."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends

from flovify.auth.apps.models import RegistrationOverview
from flovify.auth.apps.service import AppService
from flovify.auth.tenants.schemas import KnownTenant, KnownTenants, shown
from flovify.auth.tenants.service import TenantService
from flovify.common.service_tokens import ServiceTokenGuard


def router(service: TenantService, apps: AppService, guard: ServiceTokenGuard) -> APIRouter:
    """All accounts at once, and one."""
    routes = APIRouter(prefix="/auth/internal/tenants", dependencies=[Depends(guard)], tags=["internal"])

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
