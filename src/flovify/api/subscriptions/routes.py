"""`/api/ms365/subscriptions`: what Flovify watches at Microsoft."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from flovify.api.subscriptions.schemas import (
    CreateSubscription,
    SubscriptionOut,
    SubscriptionPage,
    decode_cursor,
    encode_cursor,
    subscription_out,
)
from flovify.api.subscriptions.service import SubscriptionService
from flovify.common.jwt import RequireRole


def create_router(
    service: SubscriptionService, *, viewer: RequireRole, operator: RequireRole, administrator: RequireRole
) -> APIRouter:
    """Looking needs the role viewer, renewing operator, making and removing administrator."""
    router = APIRouter(prefix="/api/ms365/subscriptions", tags=["subscriptions"])

    @router.get("", summary="List subscriptions", dependencies=[Depends(viewer)])
    async def list_subscriptions(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        after: Annotated[str | None, Query(max_length=200, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> SubscriptionPage:
        """In the order of making; `next` is null at the end."""
        place = decode_cursor(after) if after is not None else None
        rows = await service.store.list(tenant_id, place, limit + 1)
        page = rows[:limit]
        return SubscriptionPage(
            items=[subscription_out(row) for row in page],
            next=encode_cursor(page[-1]) if len(rows) > limit else None,
        )

    @router.post(
        "",
        summary="Watch a mailbox",
        status_code=201,
        responses={200: {"model": SubscriptionOut, "description": "It is there already."}},
        dependencies=[Depends(administrator)],
    )
    async def create_subscription(wanted: CreateSubscription, response: Response) -> SubscriptionOut:
        """Have Microsoft announce changes in a mailbox or one of its folders.

        Microsoft calls the webhook before it answers. Asking twice for the same gives the one there is, with 200.
        `webhook_validation_failed` (409) says which address Microsoft could not reach and how to check it.
        """
        row, made = await service.create_subscription(wanted.tenant_id, wanted.resource, wanted.change_types)
        response.status_code = 201 if made else 200
        return subscription_out(row)

    @router.get("/{subscription_id}", summary="Read one subscription", dependencies=[Depends(viewer)])
    async def get_subscription(subscription_id: uuid.UUID) -> SubscriptionOut:
        return subscription_out(await service.get(subscription_id))

    @router.post("/{subscription_id}/renew", summary="Renew now", dependencies=[Depends(operator)])
    async def renew_subscription(subscription_id: uuid.UUID) -> SubscriptionOut:
        """Move the expiry as far as Microsoft allows; what Microsoft no longer has is made anew under the same id."""
        return subscription_out(await service.renew_subscription(subscription_id))

    @router.delete(
        "/{subscription_id}",
        summary="Stop watching",
        status_code=204,
        response_class=Response,
        dependencies=[Depends(administrator)],
    )
    async def delete_subscription(subscription_id: uuid.UUID) -> Response:
        """Remove it at Microsoft and here. Messages stay."""
        await service.delete_subscription(subscription_id)
        return Response(status_code=204)

    return router
