"""`POST /api/tenants/{id}/sync`: store what no notification announced."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends

from flovify.api.sync.models import SyncResult
from flovify.api.sync.service import SyncService
from flovify.common.jwt import Principal, RequireRole


def create_router(service: SyncService, operator: RequireRole) -> APIRouter:
    """The route; it needs the role operator."""
    router = APIRouter(prefix="/api/tenants", tags=["messages"])

    @router.post("/{tenant_id}/sync", summary="Fetch what was missed")
    async def sync_tenant(tenant_id: uuid.UUID, principal: Principal = Depends(operator)) -> SyncResult:
        """List the messages of the account's subscribed folders at Microsoft, since a day before the last stored one,
        and put those that are not stored into the queue. Safe to repeat: a message is stored once.
        """
        return await service.sync(principal, tenant_id)

    return router
