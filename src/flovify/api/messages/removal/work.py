"""Carrying out the orders to delete an account's mail: in one worker at a time, a batch of each in turn."""

from __future__ import annotations

import asyncio
import time
import uuid

from flovify.api.audit.store import AuditLog
from flovify.api.messages.removal.models import RemovalRow
from flovify.api.messages.removal.store import RemovalStore
from flovify.common.db import DATABASE_ERRORS, Connection, Pool
from flovify.common.logs import get_logger
from flovify.common.pace import Pause, rest_seconds, wait
from flovify.common.periodic import LongTask

# A new order is found by the next look of the periodic task.
EVERY_SECONDS = 2.0
# What failed is tried again in the next run.
RUN_SECONDS = 60.0


class RemovalWork:
    """What a worker that is killed in the middle of a batch has not counted it has not deleted either."""

    def __init__(self, pool: Pool, store: RemovalStore, audit: AuditLog, *, pause: Pause = wait) -> None:
        self._pool = pool
        self._store = store
        self._audit = audit
        self._pause = pause

    def task(self) -> LongTask:
        return LongTask(self._pool, "api", "removals", EVERY_SECONDS, self.carry_out)

    async def carry_out(self, stop: asyncio.Event) -> None:
        """All open orders, and those that come meanwhile, for about a minute. Raises what the database raises.

        With `stop` the batch in hand is finished and the rest left to another worker.
        """
        await self._store.delete_old()
        ends, failed = time.monotonic() + RUN_SECONDS, set[uuid.UUID]()
        while open_orders := [one for one in await self._store.open() if one not in failed]:
            for order_id in open_orders:
                if stop.is_set() or time.monotonic() > ends:
                    return
                began = time.monotonic()
                if not await self._take_step(order_id):
                    failed.add(order_id)
                await self._pause(stop, rest_seconds(began))

    async def _take_step(self, order_id: uuid.UUID) -> bool:
        """False when it failed."""
        try:
            await self._store.take_step(order_id, self._note_end)
        except DATABASE_ERRORS as error:
            get_logger().warning("removal_step_failed", order=str(order_id), error=type(error).__name__)
            await self._store.fail(order_id, type(error).__name__)
            return False
        return True

    async def _note_end(self, connection: Connection, order: RemovalRow) -> None:
        await self._audit.record(
            None,
            "messages.deleted",
            "account",
            str(order.tenant_id),
            {"messages": order.deleted},
            connection=connection,
            ordered_by=order.ordered_by,
        )
        get_logger().info("removal_finished", order=str(order.id), messages=order.deleted)
