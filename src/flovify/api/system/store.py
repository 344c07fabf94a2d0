"""The state of the installation in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flovify.api.system.models import GRAPH_FAULT, Check, Depth, GraphTrace, Worker
from flovify.common.db import Pool, Record, load_queries

SILENT_SECONDS = 30.0
# The name under which the intake says whether it takes anything.
INTAKE = "intake"
# And whether there is room on the disk beside the data.
DISK = "disk"
_QUERIES = load_queries("flovify.api.system")


class SystemStore:
    """Signs of life, the queue, checks and periodic tasks."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def beat(self, name: str, clock_at: datetime, version: str, in_flight: int) -> None:
        """A worker is alive."""
        await self._pool.execute(_QUERIES["beat"], name, clock_at, version, in_flight)

    async def leave(self, name: str) -> None:
        """A worker ends in good order."""
        await self._pool.execute(_QUERIES["leave"], name)

    async def workers(self) -> list[Worker]:
        """Those of the last day, the living first."""
        rows = await self._pool.fetch(_QUERIES["workers"], SILENT_SECONDS)
        return [Worker(**dict(row)) for row in rows]

    async def delete_old_workers(self) -> None:
        await self._pool.execute(_QUERIES["delete_old_workers"])

    async def now(self) -> datetime:
        """The database's time."""
        moment: datetime = await self._pool.fetchval(_QUERIES["now"])
        return moment

    async def schema_version(self) -> str:
        return str(await self._pool.fetchval(_QUERIES["schema_version"]))

    async def periodic_tasks(self) -> list[Mapping[str, Any]]:
        return [dict(row) for row in await self._pool.fetch(_QUERIES["periodic_tasks"])]

    async def depth(self) -> Depth:
        return Depth(**dict(_one(await self._pool.fetchrow(_QUERIES["queue"]))))

    async def graph(self) -> GraphTrace:
        return GraphTrace(**dict(_one(await self._pool.fetchrow(_QUERIES["graph"], GRAPH_FAULT))))

    async def note_check(self, name: str, *, ok: bool, detail: str) -> Check:
        """Keep the outcome of a check as the last one of its name."""
        return Check(**dict(_one(await self._pool.fetchrow(_QUERIES["note_check"], name, ok, detail))))

    async def check(self, name: str) -> Check | None:
        row = await self._pool.fetchrow(_QUERIES["check"], name)
        return Check(**dict(row)) if row else None


def _one(row: Record | None) -> Record:
    if row is None:
        raise LookupError("a statement that always gives a row gave none")
    return row
