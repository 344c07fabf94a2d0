"""What the operator's scripts may ask of subscriptions, with the service credential."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from flovify.api.subscriptions.schemas import SubscriptionOut
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.views.service import SubscriptionViews
from flovify.common.service_tokens import ServiceTokenGuard


class RenewSubscription(BaseModel):
    """By our own id or by Graph's."""

    subscription_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def create_router(service: SubscriptionService, views: SubscriptionViews, guard: ServiceTokenGuard) -> APIRouter:
    """POST /api/internal/renew-subscription."""
    router = APIRouter(prefix="/api/internal", tags=["internal"], dependencies=[Depends(guard)])

    @router.post("/renew-subscription")
    async def renew_subscription(wanted: RenewSubscription) -> SubscriptionOut:
        row = await service.get_by_any_id(wanted.subscription_id)
        return await views.get((await service.renew_subscription(row.id)).id)

    return router
