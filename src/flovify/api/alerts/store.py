"""What is wrong, since when, and who was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from flovify.api.alerts.models import Due
from flovify.api.alerts.rules import BY_NAME
from flovify.common.db import Connection, Pool, load_queries, transact

REMINDER_SECONDS = 86_400.0
_QUERIES = load_queries("flovify.api.alerts")


class AlertStore:
    """The only caller of alerts/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def note(self, judged: Mapping[str, str], now: datetime) -> None:
        """Keep what `rules.judge` found, in one transaction. What it does not name stays as it is."""

        async def work(connection: Connection) -> None:
            over = [name for name, says in judged.items() if not says]
            await connection.execute(_QUERIES["never_began"], over, list(BY_NAME))
            await connection.execute(_QUERIES["ended"], over, list(BY_NAME), now)
            for name, says in judged.items():
                if says:
                    await connection.execute(_QUERIES["holds"], name, now, says, BY_NAME[name].for_seconds)
            await connection.execute(_QUERIES["forget"], now)

        await transact(self._pool, work)

    async def due(self, way: str, now: datetime) -> list[Due]:
        """What a receiver is to be told now, the oldest first."""
        return [Due(**dict(row)) for row in await self._pool.fetch(_QUERIES["due"], way, now, REMINDER_SECONDS)]

    async def took(self, way: str, told: Sequence[Due], now: datetime) -> None:
        """The receiver has these words."""
        ids, ends = [one.id for one in told], [one.state == "ended" for one in told]
        await self._pool.execute(_QUERIES["took"], way, now, ids, ends)
