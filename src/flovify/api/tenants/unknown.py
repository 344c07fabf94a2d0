"""Accounts that auth no longer has: what is kept of them here is put away, whoever forgot to say so.

A removal is an order that this service finishes by itself. It usually comes by a call of auth's; where that was lost
(`?force=true` while we were away, a crash in between), auth's list says it, and it must say it twice, minutes apart.
"""

from __future__ import annotations

import uuid

from flovify.api.auth_client import AuthClient
from flovify.api.tenants.service import TenantService
from flovify.common.db import Pool, load_queries
from flovify.common.errors import Unavailable
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask

LOOK_SECONDS = 120.0
# An account that is being connected may be told to us before it is in the list we read.
PATIENCE_SECONDS = 100.0
_QUERIES = load_queries("flovify.api.tenants")


class UnknownTenants:
    """Compares with auth's list."""

    def __init__(self, pool: Pool, auth: AuthClient, tenants: TenantService) -> None:
        self._pool = pool
        self._auth = auth
        self._tenants = tenants

    async def sweep(self) -> int:
        """Put away what is kept of accounts that were unknown at an earlier sweep, too; says how many accounts.

        While auth cannot be asked nothing is done.
        """
        try:
            known = await self._auth.list_tenants()
        except Unavailable as error:
            get_logger().info("tenants_not_compared", code=error.problem_code)
            return 0
        ids = [one.id for one in known]
        rows = await self._pool.fetch(_QUERIES["note_unknown"], ids, PATIENCE_SECONDS)
        for row in rows:
            tenant_id: uuid.UUID = row["tenant_id"]
            events = await self._tenants.forget(tenant_id)
            get_logger().warning("unknown_tenant_put_away", tenant=str(tenant_id), events=events)
        return len(rows)


def unknown_tenants_task(pool: Pool, unknown: UnknownTenants) -> PeriodicTask:
    """The periodic work, done by one worker at a time however many there are."""

    async def sweep() -> None:
        await unknown.sweep()

    return PeriodicTask(pool, "api", "unknown_tenants", LOOK_SECONDS, sweep)
