"""An audit log kept for some time only: what is older is archived and removed, and the log says so.

First an entry that names the last one to go is added, and waits for its seal; only then the database lets those before
it go (`prune_audit` in the migrations), and whoever checks the chain knows that they went by permission.
"""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

from flovify.common.archive import Archive
from flovify.common.audit.store import PRUNED
from flovify.common.db import Pool, load_queries
from flovify.common.logs import get_logger

EVERY_SECONDS = 86_400.0
BATCH = 1000


class AuditPruning:
    """Of one log; `days` 0 keeps it for ever. To be run once a day: what is announced goes with the next run."""

    def __init__(self, pool: Pool, log: str, days: int, archive: Archive | None) -> None:
        self._pool = pool
        self._log = log
        self._days = days
        self._archive = archive
        self._sql = load_queries("flovify.common.audit", "pruning.sql")

    async def run(self, stop: asyncio.Event) -> None:
        """Remove what was announced before and is sealed by now, then announce what has become old since."""
        if not self._days:
            return
        if (through := await self._fetch("announced")) is not None:
            while not stop.is_set() and await self._remove(through):
                pass
        before = await self._fetch("now") - timedelta(days=self._days)
        if (newest := await self._fetch("newest_old", before)) is not None and newest > (through or 0):
            details = {"through_id": newest, "before": before.isoformat()}
            await self._pool.execute(self._statement("announce"), PRUNED, json.dumps(details))

    async def _remove(self, through: int) -> bool:
        """One batch, archived before it is gone. Whether there was one."""
        async with self._pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(self._statement("remove"), through, BATCH)
            if not rows:
                return False
            if self._archive is not None:
                lines = [row["line"] for row in rows]
                at: datetime = rows[0]["at"]
                self._archive.write(f"audit-{self._log}", at, (rows[0]["id"], rows[-1]["id"]), lines)
        get_logger().info("audit_pruned", log=self._log, removed=len(rows), through=through)
        return True

    async def _fetch(self, name: str, *values: object) -> Any:
        return await self._pool.fetchval(self._statement(name), *values)

    def _statement(self, name: str) -> str:
        return self._sql[name].replace("{schema}", self._log)
