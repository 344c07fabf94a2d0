"""What people do with subscriptions, one or many at a time."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

from flovify.api.subscriptions.models import Subscription
from flovify.api.subscriptions.schemas import RenewResult, RenewResults
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.timeline.store import TimelineEntry
from flovify.common.errors import FlovifyError, NotFound

# As many as the periodic renewal has under way: Microsoft counts writes by application (graph/throttling-limits).
_AT_ONCE = 4


class SubscriptionActions:
    """Thin over `SubscriptionService`, which has the rules."""

    def __init__(self, service: SubscriptionService) -> None:
        self._service = service

    async def create(
        self, tenant_id: uuid.UUID, resource: str, change_types: Sequence[str]
    ) -> tuple[Subscription, bool]:
        """See `SubscriptionService.create_subscription`."""
        return await self._service.create_subscription(tenant_id, resource, change_types)

    async def renew(self, row_id: uuid.UUID) -> Subscription:
        """See `SubscriptionService.renew_subscription`."""
        return await self._service.renew_subscription(row_id)

    async def recreate(self, row_id: uuid.UUID) -> Subscription:
        """See `SubscriptionService.recreate_subscription`."""
        return await self._service.recreate_subscription(row_id)

    async def delete(self, row_id: uuid.UUID) -> bool:
        """See `SubscriptionService.delete_subscription`."""
        return await self._service.delete_subscription(row_id)

    async def renew_many(self, row_ids: Sequence[uuid.UUID]) -> RenewResults:
        """Each once, in the given order, a few at a time; a failure is part of the answer."""
        gate = asyncio.Semaphore(_AT_ONCE)
        results = await asyncio.gather(*(self._renew_one(row_id, gate) for row_id in dict.fromkeys(row_ids)))
        return RenewResults(items=list(results))

    async def timeline(self, row_id: uuid.UUID) -> tuple[TimelineEntry, ...]:
        """Raises NotFound for an id that no subscription has or had."""
        entries = await self._service.timeline.list(row_id)
        if not entries and await self._service.store.get(row_id) is None:
            raise NotFound("There is, and was, no subscription with this id.")
        return entries

    async def _renew_one(self, row_id: uuid.UUID, gate: asyncio.Semaphore) -> RenewResult:
        async with gate:
            try:
                before = await self._service.get(row_id)
                row = await self._service.renew_subscription(row_id)
            except FlovifyError as error:
                return RenewResult(
                    id=row_id,
                    ok=False,
                    outcome="failed",
                    expires_at=None,
                    code=error.problem_code,
                    detail=error.detail,
                )
        same = row.subscription_id == before.subscription_id
        outcome = "renewed" if same else "recreated"
        return RenewResult.model_validate(
            {
                "id": row_id,
                "ok": True,
                "outcome": outcome,
                "expires_at": row.expires_at,
                "code": None,
                "detail": None,
            }
        )
