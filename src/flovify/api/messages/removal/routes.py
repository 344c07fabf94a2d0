"""`DELETE /api/tenants/{id}/messages`: after a disconnection, what was stored goes too."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from flovify.api.messages.removal.service import MessageRemoval
from flovify.common.jwt import Principal, RequireRole


class MessagesDeleted(BaseModel):
    """How many messages were deleted."""

    deleted: int


def create_router(removal: MessageRemoval, administrator: RequireRole) -> APIRouter:
    """The route; it needs the role administrator."""
    router = APIRouter(prefix="/api/tenants", tags=["messages"])

    @router.delete("/{tenant_id}/messages", summary="Delete a disconnected account's messages")
    async def delete_tenant_messages(
        tenant_id: uuid.UUID, principal: Principal = Depends(administrator)
    ) -> MessagesDeleted:
        """Its messages, events and dead letters. It cannot be undone.

        409 `still_connected` while the account is connected: what is deleted would only be fetched again. Safe to
        repeat: an interrupted deletion goes on where it stopped.
        """
        return MessagesDeleted(deleted=await removal.delete_as(principal, tenant_id))

    return router
