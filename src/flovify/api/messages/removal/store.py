"""Orders to delete an account's mail in PostgreSQL, and deleting it, some at a time."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from flovify.api.messages.removal.models import RemovalRow
from flovify.api.queue.store import delete_tenant
from flovify.common.db import Connection, Pool, Record, load_queries, storable, transact

_QUERIES = load_queries("flovify.api.messages.removal")
BATCH = 1000
MAX_LABEL = 320
# In this order, so that the messages are gone first.
_KINDS = ("delete_messages", "delete_events", "delete_attempts", "delete_discarded")
Finished = Callable[[Connection, RemovalRow], Awaitable[None]]


async def order_removal(connection: Connection, tenant_id: uuid.UUID, label: str, ordered_by: str) -> RemovalRow:
    """Order it within the caller's transaction: everything of the account but its subscriptions and leases is to go.

    Its inbox is emptied first and at once: what waits there would bring messages back. An open order is given back.
    """
    await delete_tenant(connection, tenant_id)
    row = await connection.fetchrow(_QUERIES["order"], tenant_id, storable(label, MAX_LABEL), ordered_by)
    if row is None:
        raise LookupError("an upsert without a row")
    return _removal(row)


class RemovalStore:
    """Each step is a transaction of its own under the order's lock, so any worker goes on where another died."""

    def __init__(self, pool: Pool, *, batch: int = BATCH) -> None:
        self._pool = pool
        self._batch = batch

    async def order(self, tenant_id: uuid.UUID, label: str, ordered_by: str) -> RemovalRow:
        """The same in a transaction of its own."""
        return await transact(self._pool, lambda connection: order_removal(connection, tenant_id, label, ordered_by))

    async def list(self) -> tuple[RemovalRow, ...]:
        """Open ones and those finished within the last day, the newest first."""
        return tuple(_removal(row) for row in await self._pool.fetch(_QUERIES["list"]))

    async def open(self) -> tuple[uuid.UUID, ...]:
        """Those that are not finished, the oldest first."""
        return tuple(row["id"] for row in await self._pool.fetch(_QUERIES["open"]))

    async def take_step(self, order_id: uuid.UUID, finished: Finished) -> bool:
        """Delete and count one batch; True while there may be more.

        When nothing is left the order is finished, and `finished` is called in the same transaction.
        """
        return await transact(self._pool, lambda connection: self._step(connection, order_id, finished))

    async def _step(self, connection: Connection, order_id: uuid.UUID, finished: Finished) -> bool:
        found = await connection.fetchrow(_QUERIES["lock"], order_id)
        if found is None:
            return False
        order = _removal(found)
        if order.total is None:
            # By itself, so that it is seen at once.
            await connection.execute(_QUERIES["count_total"], order.id, order.tenant_id, order.through)
            return True
        for kind in _KINDS:
            gone = await connection.fetchrow(_QUERIES[kind], order.tenant_id, order.through, self._batch)
            if gone is not None and gone["rows"]:
                await connection.execute(_QUERIES["progress"], order.id, gone["messages"])
                return True
        await connection.execute(_QUERIES["finish"], order.id)
        await finished(connection, order)
        return False

    async def fail(self, order_id: uuid.UUID, error: str) -> None:
        """Keep what went wrong; it is tried again."""
        await self._pool.execute(_QUERIES["fail"], order_id, error)

    async def delete_old(self) -> None:
        """Orders that were finished a month ago."""
        await self._pool.execute(_QUERIES["delete_old"])


def _removal(row: Record) -> RemovalRow:
    return RemovalRow(**row)
