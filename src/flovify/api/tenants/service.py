"""What happens to a tenant's subscriptions and waiting events when its account is disconnected or connected again."""

from __future__ import annotations

import asyncio
import uuid

from flovify.api.auth_client import AuthClient
from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import forget_coverage, hasten_gaps, open_gaps
from flovify.api.queue.store import settle_tenant, wake_tenant
from flovify.api.subscriptions.models import Removal
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.subscriptions.store import delete_of_tenant
from flovify.api.subscriptions.timeline.store import Happening
from flovify.common.clock import Clock
from flovify.common.db import Connection, Pool, transact
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger

CLOSE_SECONDS = 8.0


class TenantService:
    """Follows auth's word about a tenant."""

    def __init__(self, pool: Pool, subscriptions: SubscriptionService, auth: AuthClient, clock: Clock) -> None:
        self._pool = pool
        self._subscriptions = subscriptions
        self._auth = auth
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def remove(self, tenant_id: uuid.UUID) -> Removal:
        """Delete the tenant's subscriptions at Graph, then here, and settle its waiting events; messages stay.

        Safe to repeat: what Graph no longer has counts as removed. Raises GraphAway and AuthUnavailable while one of
        them is away; then nothing is deleted here. What belongs to an account whose sign-in is gone is left to expire.
        """
        removed: list[str] = []
        left: list[str] = []
        rows = await self._subscriptions.store.list_of_tenant(tenant_id)
        for row in rows:
            done = await self._subscriptions.remove_at_graph(row)
            (removed if done else left).append(row.subscription_id or str(row.id))
        await self.forget(tenant_id)
        return Removal(tuple(removed), tuple(left))

    async def forget(self, tenant_id: uuid.UUID) -> int:
        """Put away what is kept of an account but its messages and dead letters; says how many events were settled.

        What Microsoft still has of it ends by itself within a week.
        """
        rows = await self._subscriptions.store.list_of_tenant(tenant_id)
        settled = await transact(self._pool, lambda connection: _remove(connection, tenant_id))
        await transact(self._pool, lambda connection: forget_coverage(connection, tenant_id))
        self._auth.forget(tenant_id)
        for row in rows:
            await self._subscriptions.timeline.add(
                row.id, tenant_id, Happening.REMOVED, detail="The account was disconnected."
            )
        return settled

    async def connected(self, tenant_id: uuid.UUID, *, subscribe: bool) -> None:
        """Make what waited for the account due now: events, and renewals that failed.

        With `subscribe` the inbox is watched from now on; that goes on after this returns, because Microsoft calls our
        webhook in between. What Microsoft refuses stays as a failed row, which is shown and tried again.
        """
        self._auth.forget(tenant_id)
        await self._subscriptions.store.hasten(tenant_id, self._clock.now())
        await transact(self._pool, lambda connection: wake_tenant(connection, tenant_id))
        await transact(self._pool, lambda connection: _catch_up(connection, tenant_id))
        if subscribe:
            task = asyncio.create_task(self._subscribe(tenant_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Let what is being made be finished; what is cut off is a row that the renewal puts right."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=CLOSE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _subscribe(self, tenant_id: uuid.UUID) -> None:
        logger = get_logger(tenant=str(tenant_id))
        try:
            row, made = await self._subscriptions.create_subscription(tenant_id, keep=True)
        except FlovifyError as error:
            logger.warning("inbox_not_subscribed", code=error.problem_code)
        except Exception as error:  # noqa: BLE001 - nobody waits for this task; the database may be away
            logger.warning("inbox_not_subscribed", error=type(error).__name__)
        else:
            logger.info("inbox_subscribed", subscription=str(row.id), made=made)


async def _catch_up(connection: Connection, tenant_id: uuid.UUID) -> None:
    await open_gaps(connection, Risk.RECONNECTED, tenant_id=tenant_id)
    await hasten_gaps(connection, tenant_id)


async def _remove(connection: Connection, tenant_id: uuid.UUID) -> int:
    settled = await settle_tenant(connection, tenant_id, "tenant_disconnected")
    await delete_of_tenant(connection, tenant_id)
    return settled
