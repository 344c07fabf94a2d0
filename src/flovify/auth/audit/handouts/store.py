"""What the counts of hand-outs say."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flovify.auth.audit.handouts.rules import ONE_TENANT_FLOOR, TENANTS_MORE, Kind, Minute, Usual
from flovify.common.db import Pool, Record, load_queries

ALL_ACCOUNTS = "all accounts"


class HandoutStore:
    """The only caller of handouts/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.audit.handouts")

    async def last_minute(self) -> datetime:
        """The beginning of the last full minute."""
        found: datetime = await self._pool.fetchval(self._sql["last_minute"])
        return found

    async def minutes(self, minute: datetime) -> list[Minute]:
        """What is worth a look in it; the day before is read only for that."""
        asked = await self._pool.fetch(self._sql["most_asked_for"], minute, ONE_TENANT_FLOOR)
        ones = [await self._one(minute, row["tenant_id"], row["count"]) for row in asked]
        accounts = await self._pool.fetchval(self._sql["accounts_in"], minute)
        if accounts <= TENANTS_MORE:
            return ones
        usual = _usual(await self._pool.fetchrow(self._sql["usual_accounts"], minute))
        return [Minute(Kind.TENANTS, ALL_ACCOUNTS, accounts, usual), *ones]

    async def alarmed_lately(self, action: str, subject: str, seconds: float) -> bool:
        """Whether there is such an entry already."""
        found: bool = await self._pool.fetchval(self._sql["alarmed_lately"], action, subject, seconds)
        return found

    async def _one(self, minute: datetime, tenant_id: UUID, count: int) -> Minute:
        usual = _usual(await self._pool.fetchrow(self._sql["usual_of_one"], minute, tenant_id))
        return Minute(Kind.ONE_TENANT, str(tenant_id), count, usual)


def _usual(row: Record | None) -> Usual | None:
    """None where there was nothing in the day before."""
    return Usual(row["median"], row["reach"]) if row is not None and row["reach"] is not None else None
