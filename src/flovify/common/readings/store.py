"""The last reading in PostgreSQL. auth and api have tables of the same shape, each in its own schema."""

from __future__ import annotations

from flovify.common.db import Pool, load_queries
from flovify.common.readings.models import Reading, Values, from_json, to_json

_QUERIES = load_queries("flovify.common.readings")
_NAME = "figures"


class ReadingStore:
    """The only caller of common/readings/queries.sql. `schema` is auth or api."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self.schema = schema
        self._pool = pool
        self._sql = {name: text.format(schema=schema) for name, text in _QUERIES.items()}

    async def put(self, values: Values) -> None:
        """Keep this as the last reading, taken now."""
        await self._pool.execute(self._sql["put"], _NAME, to_json(values))

    async def get(self) -> Reading | None:
        """The last one; None before the first."""
        row = await self._pool.fetchrow(self._sql["get"], _NAME)
        return Reading(from_json(row["figures"]), row["age_seconds"]) if row else None
