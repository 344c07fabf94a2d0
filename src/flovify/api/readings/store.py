"""Counting the api's figures: each from an index or a small table, for every ten seconds."""

from __future__ import annotations

from flovify.api.coverage.store import CoverageStore
from flovify.api.intake_log.errors import EngineAway
from flovify.api.intake_log.models import LogDepth
from flovify.api.intake_log.protocol import Back
from flovify.api.intake_log.store import PostgresIntakeLog
from flovify.api.queue.store import PostgresQueue
from flovify.api.readings import figures
from flovify.api.system.store import SILENT_SECONDS
from flovify.common.db import Pool, load_queries
from flovify.common.logs import get_logger
from flovify.common.readings.models import Figure, Values

_QUERIES = load_queries("flovify.api.readings")


class FigureReader:
    """Counts; who calls it, and how often, is others' business."""

    def __init__(self, pool: Pool, log: Back | None = None) -> None:
        """`log` is PostgreSQL's unless another one stands before it."""
        self._pool = pool
        self._queue = PostgresQueue(pool)
        self._log = log or PostgresIntakeLog(pool)
        self._coverage = CoverageStore(pool)

    async def take(self) -> Values:
        """All figures of this moment."""
        found = await self._singles()
        values: Values = {figure.name: {(): value} for figure, value in found.items() if value is not None}
        return values | await self._subscriptions()

    async def _singles(self) -> dict[Figure, float | None]:
        depth, log = await self._queue.depth(), await self._logged()
        gaps, oldest_gap = await self._coverage.count_open()
        return {
            figures.WAITING: depth.waiting + (log.events if log else 0),
            figures.LOGGED: log.events if log else None,
            figures.DEAD: depth.dead,
            figures.OLDEST: max(depth.oldest_seconds, log.oldest_seconds if log else 0.0),
            figures.OLDEST_SERVED: max(depth.oldest_served_seconds, log.oldest_seconds if log else 0.0),
            figures.BLOCKED: await self._pool.fetchval(_QUERIES["blocked"]),
            figures.GAPS: gaps,
            figures.OLDEST_GAP: oldest_gap,
            figures.SILENCE: await self._pool.fetchval(_QUERIES["silence"]) or 0.0,
            figures.WORKERS: await self._pool.fetchval(_QUERIES["workers"], SILENT_SECONDS),
        }

    async def _logged(self) -> LogDepth | None:
        """None while its engine is away: what waits there is not known, and the other figures are."""
        try:
            return await self._log.depth()
        except EngineAway as error:
            get_logger().warning("intake_log_not_counted", error=error.detail)
            return None

    async def _subscriptions(self) -> Values:
        rows = {row["status"]: row for row in await self._pool.fetch(_QUERIES["subscriptions"])}
        values: Values = {
            figures.SUBSCRIPTIONS.name: {
                (status,): rows[status]["count"] if status in rows else 0 for status in figures.STATUSES
            },
            figures.FAILING.name: {(): sum(row["failing"] for row in rows.values())},
        }
        if "active" in rows:
            values[figures.SOONEST.name] = {(): rows["active"]["soonest_seconds"]}
        return values
