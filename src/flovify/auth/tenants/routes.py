"""Connected accounts over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from flovify.auth.tenants.schemas import Removed, TenantOut, TenantPage, TokenEventPage, tenant_out, token_event_out
from flovify.auth.tenants.service import TenantService
from flovify.auth.tokens.service import TokenService
from flovify.common.jwt import Principal, RequireRole


def router(service: TenantService, tokens: TokenService, viewer: RequireRole, administrator: RequireRole) -> APIRouter:
    """List, get, refresh, disconnect; what happened to an account's tokens."""
    routes = APIRouter(prefix="/auth/tenants", tags=["connected accounts"])

    @routes.get("", summary="Connected accounts, with the state of their tokens", dependencies=[Depends(viewer)])
    async def list_tenants(after: UUID | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> TenantPage:
        found = await service.overviews(after, limit)
        return TenantPage(
            items=[tenant_out(one) for one in found],
            next=str(found[-1].tenant.id) if len(found) == limit else None,
        )

    @routes.get("/{tenant_id}", summary="One connected account", dependencies=[Depends(viewer)])
    async def get_tenant(tenant_id: UUID) -> TenantOut:
        return tenant_out(await service.get(tenant_id))

    @routes.get("/{tenant_id}/token-events", summary="What happened to its tokens", dependencies=[Depends(viewer)])
    async def list_token_events(tenant_id: UUID) -> TokenEventPage:
        """The last fifty, newest first."""
        return TokenEventPage(items=[token_event_out(one) for one in await service.token_events(tenant_id)])

    @routes.post("/{tenant_id}/refresh", summary="Refresh its access token now", dependencies=[Depends(administrator)])
    async def refresh_tenant(tenant_id: UUID) -> TenantOut:
        """Asks Microsoft whatever life its token has left.

        A refusal is a problem with Microsoft's `reason` and its `words`: 409 reconnect_required, 503
        app_credential_invalid, or 503 token_endpoint_unavailable, which passes by itself.
        """
        await tokens.refresh_tenant_token(tenant_id)
        return tenant_out(await service.get(tenant_id))

    @routes.delete(
        "/{tenant_id}",
        summary="Disconnect: subscriptions at Microsoft first, then tokens and account",
        response_model_exclude_none=True,
    )
    async def disconnect_tenant(
        tenant_id: UUID,
        principal: Principal = Depends(administrator),
        force: bool = False,
        delete_messages: Annotated[
            bool, Query(description="Delete its stored mail as well, in the background.")
        ] = False,
    ) -> Removed:
        done = await service.disconnect(tenant_id, principal.email, force=force, delete_messages=delete_messages)
        return Removed.model_validate(done)

    return routes
