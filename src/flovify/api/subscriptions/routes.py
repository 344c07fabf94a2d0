"""`/api/ms365/subscriptions`: what Flovify watches at Microsoft."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query, Request, Response

from flovify.api.audit.store import AuditLog
from flovify.api.subscriptions.actions import SubscriptionActions
from flovify.api.subscriptions.schemas import (
    CreateSubscription,
    RenewMany,
    RenewResults,
    StateWord,
    SubscriptionOut,
    SubscriptionPage,
    TimelineItem,
    TimelinePage,
)
from flovify.api.subscriptions.views.models import SubscriptionFilter
from flovify.api.subscriptions.views.service import SubscriptionViews
from flovify.common.audit.models import Outcome
from flovify.common.caller import address_of
from flovify.common.errors import FlovifyError
from flovify.common.jwt import Principal, RequireRole

T = TypeVar("T")


def subscription_filter(
    tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
    status: Annotated[list[StateWord] | None, Query(description="In one of these states only.")] = None,
    expiring_within_hours: Annotated[
        float | None, Query(ge=0, le=24 * 31, description="Ending by then, or ended.")
    ] = None,
    q: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="In the account's names, or the ids.")
    ] = None,
) -> SubscriptionFilter:
    return SubscriptionFilter(tenant_id, tuple(status or ()), expiring_within_hours, q)


def create_router(
    actions: SubscriptionActions,
    views: SubscriptionViews,
    audit: AuditLog,
    *,
    viewer: RequireRole,
    operator: RequireRole,
    administrator: RequireRole,
) -> APIRouter:
    """Looking needs the role viewer, renewing and recreating operator, making and removing administrator."""
    router = APIRouter(prefix="/api/ms365/subscriptions", tags=["subscriptions"])

    async def note(
        request: Request,
        principal: Principal,
        action: str,
        subject: uuid.UUID,
        ended: Outcome = Outcome.SUCCESS,
        **details: object,
    ) -> None:
        action, address = f"subscription.{action}", address_of(request)
        await audit.record(principal, action, "subscription", str(subject), details, ended, address)

    async def tried(request: Request, principal: Principal, action: str, subject: uuid.UUID, work: Awaitable[T]) -> T:
        """What did not work is in the log too."""
        try:
            return await work
        except FlovifyError as error:
            await note(request, principal, action, subject, Outcome.FAILURE, code=error.problem_code)
            raise

    @router.get("", summary="List subscriptions", dependencies=[Depends(viewer)])
    async def list_subscriptions(
        wanted: Annotated[SubscriptionFilter, Depends(subscription_filter)],
        after: Annotated[str | None, Query(max_length=200, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> SubscriptionPage:
        """In the order of making; `next` is null at the end."""
        return await views.page(wanted, after, limit)

    @router.post(
        "",
        summary="Watch a mailbox",
        status_code=201,
        responses={200: {"model": SubscriptionOut, "description": "It is there already."}},
    )
    async def create_subscription(
        wanted: CreateSubscription, response: Response, request: Request, principal: Principal = Depends(administrator)
    ) -> SubscriptionOut:
        """Have Microsoft announce changes in a mailbox or one of its folders.

        Microsoft calls the webhook before it answers. Asking twice for the same gives the one there is, with 200.
        Where Microsoft cannot reach the webhook, the answer has status `failed` and mode `poll`: the folder is polled
        until it can, and `last_error` says what Microsoft answered.
        """
        row, made = await actions.create(wanted.tenant_id, wanted.resource, wanted.change_types)
        response.status_code = 201 if made else 200
        if made:
            await note(request, principal, "created", row.id, tenant_id=str(row.tenant_id), resource=row.resource)
        return await views.get(row.id)

    @router.post("/renew", summary="Renew several now")
    async def renew_subscriptions(
        wanted: RenewMany, request: Request, principal: Principal = Depends(operator)
    ) -> RenewResults:
        """Renew up to a hundred, each with its own result; one failure does not keep the others."""
        results = await actions.renew_many(wanted.ids)
        for one in results.items:
            ended = Outcome.SUCCESS if one.ok else Outcome.FAILURE
            await note(request, principal, "renewed", one.id, ended, outcome=one.outcome, code=one.code)
        return results

    @router.get("/{subscription_id}", summary="Read one subscription", dependencies=[Depends(viewer)])
    async def get_subscription(subscription_id: uuid.UUID) -> SubscriptionOut:
        return await views.get(subscription_id)

    @router.get("/{subscription_id}/timeline", summary="What happened to it", dependencies=[Depends(viewer)])
    async def get_subscription_timeline(subscription_id: uuid.UUID) -> TimelinePage:
        """The last 200 things, the last first; also of a subscription that was removed."""
        entries = await actions.timeline(subscription_id)
        return TimelinePage(items=[TimelineItem.model_validate(entry) for entry in entries])

    @router.post("/{subscription_id}/renew", summary="Renew now")
    async def renew_subscription(
        subscription_id: uuid.UUID, request: Request, principal: Principal = Depends(operator)
    ) -> SubscriptionOut:
        """Move the expiry as far as Microsoft allows; what Microsoft no longer has is made anew under the same id."""
        row = await tried(request, principal, "renewed", subscription_id, actions.renew(subscription_id))
        await note(request, principal, "renewed", row.id, tenant_id=str(row.tenant_id))
        return await views.get(row.id)

    @router.post("/{subscription_id}/recreate", summary="Remove and make anew")
    async def recreate_subscription(
        subscription_id: uuid.UUID, request: Request, principal: Principal = Depends(operator)
    ) -> SubscriptionOut:
        """Remove it at Microsoft and make it anew under the same id; between the two nothing is announced."""
        row = await tried(request, principal, "recreated", subscription_id, actions.recreate(subscription_id))
        await note(request, principal, "recreated", row.id, tenant_id=str(row.tenant_id))
        return await views.get(row.id)

    @router.delete("/{subscription_id}", summary="Stop watching", status_code=204, response_class=Response)
    async def delete_subscription(
        subscription_id: uuid.UUID, request: Request, principal: Principal = Depends(administrator)
    ) -> Response:
        """Remove it at Microsoft and here. Messages stay."""
        removed = await tried(request, principal, "removed", subscription_id, actions.delete(subscription_id))
        await note(request, principal, "removed", subscription_id, removed_at_microsoft=removed)
        return Response(status_code=204)

    return router
