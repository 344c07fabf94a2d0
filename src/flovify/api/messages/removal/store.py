"""Deleting an account's rows, some at a time."""

from __future__ import annotations

import uuid

from flovify.api.queue.store import delete_tenant
from flovify.common.db import Pool, load_queries, transact

_QUERIES = load_queries("flovify.api.messages.removal")
BATCH = 1000


class RemovalStore:
    """Each batch is a transaction of its own, so a deletion that is cut short is carried on by the next."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def delete_all(self, tenant_id: uuid.UUID) -> int:
        """Everything of the account but its subscriptions and leases; says how many messages there were.

        The inbox goes first: what waits there would bring messages back.
        """
        await transact(self._pool, lambda connection: delete_tenant(connection, tenant_id))
        deleted = await self._in_batches("delete_messages", tenant_id)
        await self._in_batches("delete_events", tenant_id)
        await self._pool.execute(_QUERIES["delete_attempts"], tenant_id)
        await self._pool.execute(_QUERIES["delete_discarded"], tenant_id)
        return deleted

    async def _in_batches(self, query: str, tenant_id: uuid.UUID) -> int:
        total = 0
        while True:
            row = await self._pool.fetchrow(_QUERIES[query], tenant_id, BATCH)
            if row is None or row["rows"] == 0:
                return total
            total += row["messages"]
