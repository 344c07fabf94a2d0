"""What happens to a tenant's subscriptions and waiting events when its account is disconnected or connected again."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from flovify.api.auth_client import AuthClient
from flovify.api.subscriptions.models import Removal
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import delete_of_tenant
from flovify.common.clock import Clock
from flovify.common.db import Connection, Pool

SettleEvents = Callable[[Connection, uuid.UUID, str], Awaitable[object]]
WakeEvents = Callable[[Connection, uuid.UUID], Awaitable[object]]


class TenantService:
    """Follows auth's word about a tenant. The queue gives the two functions for its waiting events."""

    def __init__(
        self,
        pool: Pool,
        subscriptions: SubscriptionService,
        auth: AuthClient,
        clock: Clock,
        *,
        settle_events: SettleEvents,
        wake_events: WakeEvents,
    ) -> None:
        self._pool = pool
        self._subscriptions = subscriptions
        self._auth = auth
        self._clock = clock
        self._settle_events = settle_events
        self._wake_events = wake_events

    async def remove(self, tenant_id: uuid.UUID) -> Removal:
        """Delete the tenant's subscriptions at Graph, then here, and settle its waiting events; messages stay.

        Safe to repeat: what Graph no longer has counts as removed. Raises GraphAway and AuthUnavailable while one of
        them is away; then nothing is deleted here. What belongs to an account whose sign-in is gone is left to expire.
        """
        removed: list[str] = []
        left: list[str] = []
        for row in await self._subscriptions.store.list_of_tenant(tenant_id):
            done = await self._subscriptions.remove_at_graph(row)
            (removed if done else left).append(row.subscription_id or str(row.id))
        async with self._pool.acquire() as connection, connection.transaction():
            await delete_of_tenant(connection, tenant_id)
            await self._settle_events(connection, tenant_id, "tenant_disconnected")
        self._auth.forget(tenant_id)
        return Removal(tuple(removed), tuple(left))

    async def reconnected(self, tenant_id: uuid.UUID) -> None:
        """Make what waited for the account due now: events, and renewals that failed."""
        self._auth.forget(tenant_id)
        await self._subscriptions.store.hasten(tenant_id, self._clock.now())
        async with self._pool.acquire() as connection, connection.transaction():
            await self._wake_events(connection, tenant_id)
