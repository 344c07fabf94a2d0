"""`/api/internal/*`: what auth and the operator's scripts may ask, with the service credential."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from flovify.api.subscriptions.schemas import SubscriptionOut, subscription_out
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.tenants import TenantService
from flovify.common.service_tokens import ServiceTokenGuard


class RenewSubscription(BaseModel):
    """By our own id or by Graph's."""

    subscription_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class TenantRemoved(BaseModel):
    """How many subscriptions were removed at Microsoft, and the Graph ids of those that end by themselves."""

    removed: int
    left_to_expire: list[str]


class Accepted(BaseModel):
    status: str = "accepted"


def create_router(service: SubscriptionService, tenants: TenantService, guard: ServiceTokenGuard) -> APIRouter:
    """The routes; every one needs X-Service-Token."""
    router = APIRouter(prefix="/api/internal", tags=["internal"], dependencies=[Depends(guard)])

    @router.post("/renew-subscription")
    async def renew_subscription(wanted: RenewSubscription) -> SubscriptionOut:
        row = await service.get_by_any_id(wanted.subscription_id)
        return subscription_out(await service.renew_subscription(row.id))

    @router.delete("/tenants/{tenant_id}")
    async def remove_tenant(tenant_id: uuid.UUID) -> TenantRemoved:
        """Subscriptions and waiting events go, messages stay. 503 while Microsoft is away; then nothing was deleted."""
        removal = await tenants.remove(tenant_id)
        return TenantRemoved(removed=len(removal.removed), left_to_expire=list(removal.left_to_expire))

    @router.post("/tenants/{tenant_id}/reconnected", status_code=202)
    async def reconnected(tenant_id: uuid.UUID) -> Accepted:
        """What waited for this account is due now."""
        await tenants.reconnected(tenant_id)
        return Accepted()

    return router
