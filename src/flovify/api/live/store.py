"""The log of changes in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.api.live.models import LiveEvent
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.periodic import PeriodicTask

CHANNEL = "flovify_live"
KEEP_SECONDS = 300.0
_PRUNE_EVERY_SECONDS = 60.0
_QUERIES = load_queries("flovify.api.live")


@dataclass(frozen=True)
class Extent:
    """Which ids the log has: all from `oldest` to `last`, none when `oldest` is greater."""

    oldest: int
    last: int


class LiveStore:
    """Noting changes and reading them in the order in which they became visible."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def pool(self) -> Pool:
        return self._pool

    async def announce(self, kind: str, ref: str | None, connection: Connection | None = None) -> None:
        """Note a change, inside the caller's transaction where a connection is given."""
        await (connection or self._pool).execute(_QUERIES["announce"], kind, ref)

    async def collect(self) -> None:
        """Take what was noted and committed into the log."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_QUERIES["lock"])
            await connection.execute(_QUERIES["collect"])

    async def read(self, after: int, limit: int = 1000) -> list[LiveEvent]:
        """At most `limit` changes behind an id."""
        return [LiveEvent(**row) for row in await self._pool.fetch(_QUERIES["read"], after, limit)]

    async def extent(self) -> Extent:
        """Which part of the log is there."""
        row = await self._pool.fetchrow(_QUERIES["extent"])
        if row is None:
            raise LookupError("a row of two sub-selects")
        return Extent(row["oldest"] if row["oldest"] is not None else row["last"] + 1, row["last"])

    async def prune(self) -> None:
        """Forget what is older than five minutes."""
        await self._pool.execute(_QUERIES["prune_events"], KEEP_SECONDS)
        await self._pool.execute(_QUERIES["prune_outbox"], KEEP_SECONDS)


def pruning_task(pool: Pool) -> PeriodicTask:
    """Keeps the log of changes short."""
    return PeriodicTask(pool, "api", "live_pruning", _PRUNE_EVERY_SECONDS, LiveStore(pool).prune)
