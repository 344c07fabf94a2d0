"""`DELETE /api/tenants/{id}/messages`: after a disconnection, what was stored goes too; and how far that is."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends

from flovify.api.messages.removal.schemas import MessageRemovalOrder, RemovalList
from flovify.api.messages.removal.service import MessageRemoval
from flovify.common.jwt import Principal, RequireRole


def create_router(removal: MessageRemoval, viewer: RequireRole, administrator: RequireRole) -> APIRouter:
    """To order needs the role administrator, to look viewer."""
    router = APIRouter(prefix="/api", tags=["messages"])

    @router.delete("/tenants/{tenant_id}/messages", status_code=202, summary="Delete a disconnected account's messages")
    async def delete_tenant_messages(
        tenant_id: uuid.UUID, principal: Principal = Depends(administrator)
    ) -> MessageRemovalOrder:
        """Its messages, events and dead letters, in the background. It cannot be undone.

        409 `still_connected` while the account is connected: what is deleted would only be fetched again. Safe to
        repeat: while it goes on the same order is answered. `GET /api/removals` says how far it is.
        """
        return MessageRemovalOrder.model_validate(await removal.order_as(principal, tenant_id))

    @router.get("/removals", summary="Mail that is being deleted", dependencies=[Depends(viewer)])
    async def list_removals() -> RemovalList:
        """Orders that are not finished, and those that were within the last day, the newest first."""
        return RemovalList(items=[MessageRemovalOrder.model_validate(one) for one in await removal.list()])

    return router
