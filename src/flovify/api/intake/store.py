"""The intake's reads and its one write."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

from asyncpg.pool import PoolConnectionProxy

from flovify.api.intake.models import KnownSubscription
from flovify.api.intake_log.errors import NotStored, RowsRefused
from flovify.api.intake_log.fronts import WRITE_SECONDS
from flovify.api.intake_log.models import EventRow
from flovify.api.intake_log.store import ROWS_AT_FAULT, append
from flovify.common.db import DATABASE_ERRORS, Pool, Record, load_queries

_QUERIES = load_queries("flovify.api.intake")
LOOKUP_SECONDS = 1.5


class SubscriptionReader:
    """Reads what the intake must know of subscriptions."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self, row_ids: Sequence[uuid.UUID]) -> list[KnownSubscription]:
        """Those that exist, in any order. Raises NotStored when the database is away."""
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                rows = await self._pool.fetch(_QUERIES["find_subscriptions"], row_ids)
        except DATABASE_ERRORS as error:
            raise NotStored(type(error).__name__) from None
        return [KnownSubscription(**row) for row in rows]

    async def read_all(self, most: int) -> list[KnownSubscription]:
        """What notifications may come for. Raises NotStored when the database is away."""
        try:
            return [KnownSubscription(**row) for row in await self._pool.fetch(_QUERIES["list_subscriptions"], most)]
        except DATABASE_ERRORS as error:
            raise NotStored(type(error).__name__) from None

    async def note_checks(self, check_ids: Sequence[uuid.UUID]) -> None:
        """Tell the connection checks that their notification came. Raises NotStored when the database is away."""
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                await self._pool.execute(_QUERIES["note_checks"], check_ids)
        except DATABASE_ERRORS as error:
            raise NotStored(type(error).__name__) from None


class EventWriter:
    """`Front` of PostgreSQL, over a connection it keeps: getting and returning one costs as much as the write."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: PoolConnectionProxy[Record] | None = None

    async def write(self, rows: Sequence[EventRow]) -> None:
        """Commit all or none.

        Raises RowsRefused when at least one row is at fault, NotStored when the database is away, refuses everybody
        or does not answer in time; then the outcome is unknown and the same events must be offered again.
        """
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                if self._connection is None:
                    self._connection = await self._pool.acquire()
                await append(self._connection, rows)
        except ROWS_AT_FAULT as error:
            raise RowsRefused(type(error).__name__) from None
        except DATABASE_ERRORS as error:
            await self.close()
            raise NotStored(type(error).__name__) from None

    async def close(self) -> None:
        """Give the connection back, broken or not."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
            await self._pool.release(connection)
