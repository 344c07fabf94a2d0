"""The figures behind the overview, from PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flovify.api.overview.models import Cause, Stored, SubscriptionFigures, Tried, Unsettled
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.overview")


class OverviewStore:
    """Reads the ledger, the inbox, messages and subscriptions as a whole."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def settled(self, starts: Sequence[datetime], end: datetime) -> dict[int, Stored]:
        """What was stored, by the number of the bucket, from 0."""
        rows = await self._pool.fetch(_QUERIES["settled"], list(starts), end)
        return {
            row["bucket"] - 1: Stored(row["stored"], *(delay.total_seconds() for delay in row["delays"]))
            for row in rows
        }

    async def unsettled(self, starts: Sequence[datetime], end: datetime) -> dict[int, Unsettled]:
        """What is tried again or died, by the number of the bucket, from 0."""
        rows = await self._pool.fetch(_QUERIES["unsettled"], list(starts), end)
        return {row["bucket"] - 1: Unsettled(row["retrying"], row["dead"]) for row in rows}

    async def delay_of_day(self, now: datetime) -> float | None:
        """The 95th percentile of the last day's delays, in seconds."""
        found = await self._pool.fetchval(_QUERIES["delay_of_day"], now)
        return round(found.total_seconds(), 3) if found is not None else None

    async def hours(self, now: datetime) -> list[int]:
        """Messages stored in each of the last 24 hours, the oldest first."""
        found = {row["hour"]: row["count"] for row in await self._pool.fetch(_QUERIES["hours"], now)}
        return [found.get(hour, 0) for hour in range(24)]

    async def dead_by_cause(self, now: datetime) -> list[Cause]:
        """Open dead letters by reason, the most frequent first."""
        return [Cause(**dict(row)) for row in await self._pool.fetch(_QUERIES["dead_by_cause"], now)]

    async def subscriptions(self, now: datetime) -> SubscriptionFigures:
        row = await self._pool.fetchrow(_QUERIES["subscriptions"], now)
        return SubscriptionFigures(row["active"], row["next_expiry"]) if row else SubscriptionFigures(0, None)

    async def tried(self, breakages: Sequence[str]) -> Tried:
        """`breakages` are the audit log's words for what the sandbox can break."""
        row = await self._pool.fetchrow(_QUERIES["steps"], list(breakages))
        return Tried(**dict(row)) if row else Tried(message=False, opened=False, broken=False, replayed=False)
