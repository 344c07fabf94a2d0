"""Orders to reseal, and the sealed values of an owner."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from flovify.auth.resealing.tables import SealedTable
from flovify.common.db import Connection, Pool, Record, load_queries, transact

T = TypeVar("T")


@dataclass(frozen=True)
class Order:
    """Data keys older than this are to be replaced."""

    id: int
    started_at: datetime


class ResealStore:
    """The only caller of resealing/queries.sql. It never sees a plaintext."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.resealing")

    async def transact(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Do `work` in one transaction, which may be done again from its beginning."""
        return await transact(self._pool, work)

    async def add_order(self) -> Order:
        row = await self._pool.fetchrow(self._sql["add_order"])
        assert row is not None  # noqa: S101 - INSERT … RETURNING
        return Order(**row)

    async def last_order(self) -> Order | None:
        """None when it was finished, or there was none."""
        row = await self._pool.fetchrow(self._sql["last_order"])
        return Order(**row) if row else None

    async def finish_order(self, order_id: int, connection: Connection) -> bool:
        """Whether nobody else had finished it."""
        return await connection.fetchval(self._sql["finish_order"], order_id) is not None

    async def rows(self, table: SealedTable, owner: UUID, connection: Connection) -> list[Record]:
        """An owner's, locked against other writers."""
        return await connection.fetch(self._sql[f"list_{table.name}"], owner)

    async def write(self, table: SealedTable, row: Record, sealed: list[str | None], connection: Connection) -> None:
        """`sealed` in the order of the table's columns."""
        await connection.execute(self._sql[f"write_{table.name}"], row[table.key], *sealed)
