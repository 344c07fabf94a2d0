"""Connected accounts over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from flovify.auth.tenants.models import Tenant, TenantOverview
from flovify.auth.tenants.service import TenantService
from flovify.auth.tokens.service import TokenService
from flovify.common.jwt import Principal, RequireRole
from flovify.common.microsoft_error_rows import RECONNECT
from flovify.common.microsoft_errors import reason_in_words
from flovify.common.service_tokens import ServiceTokenGuard


def router(service: TenantService, tokens: TokenService, viewer: RequireRole, administrator: RequireRole) -> APIRouter:
    """List, get, refresh, disconnect."""
    routes = APIRouter(prefix="/auth/tenants", tags=["connected accounts"])

    @routes.get("", summary="Connected accounts, with the state of their tokens", dependencies=[Depends(viewer)])
    async def list_tenants(
        after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100
    ) -> dict[str, Any]:
        found = await service.overviews(after, limit)
        return {
            "items": [shown(one) for one in found],
            "next": str(found[-1].tenant.id) if len(found) == limit else None,
        }

    @routes.get("/{tenant_id}", summary="One connected account", dependencies=[Depends(viewer)])
    async def get_tenant(tenant_id: UUID) -> dict[str, Any]:
        return shown(await service.get(tenant_id))

    @routes.post("/{tenant_id}/refresh", summary="Refresh its access token now", dependencies=[Depends(administrator)])
    async def refresh(tenant_id: UUID) -> dict[str, Any]:
        await tokens.refresh_tenant_token(tenant_id)
        return shown(await service.get(tenant_id))

    @routes.delete("/{tenant_id}", summary="Disconnect: subscriptions at Microsoft first, then tokens and account")
    async def disconnect(
        tenant_id: UUID, principal: Principal = Depends(administrator), force: bool = False
    ) -> dict[str, Any]:
        return await service.disconnect(tenant_id, principal.email, force=force)

    return routes


def internal_router(service: TenantService, guard: ServiceTokenGuard) -> APIRouter:
    """What the other services may know of an account; no token."""
    routes = APIRouter(prefix="/auth/internal/tenants", dependencies=[Depends(guard)], tags=["internal"])

    @routes.get("/{tenant_id}", summary="Who a tenant is")
    async def get_tenant(tenant_id: UUID) -> dict[str, str]:
        overview = await service.get(tenant_id)
        names = ("id", "provider", "status", "external_tenant_id", "external_account_id", "account_email")
        found = {name: str(getattr(overview.tenant, name)) for name in names}
        return {**found, "cloud": overview.cloud, "token_type": overview.token_type or ""}

    return routes


def _reason(tenant: Tenant) -> dict[str, Any] | None:
    """Why it does not work, in words; a link to sign in again names the account."""
    found = reason_in_words(tenant.status_reason)
    if found is not None and found["words"]["link"] == RECONNECT:
        found["words"]["link"] += f"?tenant_id={tenant.id}"
    return found


def shown(overview: TenantOverview) -> dict[str, Any]:
    """A tenant as JSON; tokens are only described."""
    tenant = overview.tenant
    return {
        "id": str(tenant.id),
        "provider": tenant.provider,
        "external_tenant_id": tenant.external_tenant_id,
        "external_account_id": tenant.external_account_id,
        "account_email": tenant.account_email,
        "display_name": tenant.display_name,
        "status": tenant.status,
        "status_reason": _reason(tenant),
        "token_type": overview.token_type,
        "registration_id": str(overview.registration_id) if overview.registration_id else None,
        "cloud": overview.cloud,
        "scopes": overview.scopes,
        "token_expires_at": overview.token_expires_at,
        "last_refreshed_at": overview.last_refreshed_at,
        "created_at": tenant.created_at,
        "updated_at": tenant.updated_at,
    }
