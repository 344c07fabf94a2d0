"""`/api/internal/tenants/*`: what auth says of its accounts, with the service credential."""

from __future__ import annotations

import uuid
from typing import Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from flovify.api.audit.store import SYSTEM
from flovify.api.messages.removal.service import MessageRemoval
from flovify.api.tenants.service import TenantService
from flovify.common.service_tokens import ServiceTokenGuard


class TenantRemoved(BaseModel):
    """How many subscriptions were removed at Microsoft, and the Graph ids of those that end by themselves.

    `removal_id` is the order to delete its messages; left out when they are to stay.
    """

    removed: int
    left_to_expire: list[str]
    removal_id: uuid.UUID | None = None


class Ordered(BaseModel):
    """By whom its messages are to be deleted, and the account's address: for those who watch it being done."""

    label: str = ""
    ordered_by: str = SYSTEM


class Connected(BaseModel):
    """`subscribe`: have this folder's messages announced, or nothing new."""

    model_config = ConfigDict(extra="forbid")

    subscribe: Literal["inbox"] | None = None


class Accepted(BaseModel):
    status: str = "accepted"


def create_router(tenants: TenantService, messages: MessageRemoval, guard: ServiceTokenGuard) -> APIRouter:
    """The routes; every one needs X-Service-Token."""
    router = APIRouter(prefix="/api/internal/tenants", tags=["internal"], dependencies=[Depends(guard)])

    @router.delete("/{tenant_id}", response_model_exclude_none=True)
    async def remove_tenant(
        tenant_id: uuid.UUID, delete_messages: bool = False, ordered: Ordered | None = None
    ) -> TenantRemoved:
        """Subscriptions and waiting events go; messages stay, unless they are to be deleted too: that is ordered here.

        503 while Microsoft is away; then nothing was deleted.
        """
        removal = await tenants.remove(tenant_id)
        told = ordered or Ordered()
        order = await messages.order(tenant_id, told.label, told.ordered_by) if delete_messages else None
        return TenantRemoved(
            removed=len(removal.removed),
            left_to_expire=list(removal.left_to_expire),
            removal_id=order.id if order else None,
        )

    @router.post("/{tenant_id}/connected", status_code=202)
    async def connected(tenant_id: uuid.UUID, wanted: Connected) -> Accepted:
        """What waited for this account is due now; a wanted subscription is made in the background."""
        await tenants.connected(tenant_id, subscribe=wanted.subscribe == "inbox")
        return Accepted()

    @router.post("/{tenant_id}/reconnected", status_code=202)
    async def reconnected(tenant_id: uuid.UUID) -> Accepted:
        """What waited for this account is due now."""
        await tenants.connected(tenant_id, subscribe=False)
        return Accepted()

    return router
