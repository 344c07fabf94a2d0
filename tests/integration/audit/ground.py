"""Both audit logs over one migrated database, with entries as the services write them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg

from flovify.api.audit.store import AuditLog as ApiLog
from flovify.auth.audit.store import AuditLog as AuthLog
from flovify.common.audit.chain import LogKeys
from flovify.common.audit.check import check
from flovify.common.audit.findings import Report
from flovify.common.audit.store import SealStore
from flovify.common.db import Connection, Pool, create_pool
from tests.support.postgres import Cluster, Database

LOGS = ("auth", "api")
AUDIT_KEY = "audit-canary-of-these-tests-8Qw3"
OTHER_KEY = "another-audit-canary-5Lk9"


@dataclass
class Ground:
    """The owner's connection and each service's own pool."""

    database: Database
    owner: asyncpg.Connection[asyncpg.Record]
    pools: dict[str, Pool]

    async def empty(self) -> None:
        for log in LOGS:
            await self.owner.execute(
                f"TRUNCATE {log}.audit_log, {log}.audit_seals, {log}.audit_unsealed RESTART IDENTITY"
            )
        await self.owner.execute("TRUNCATE auth.token_handouts")

    async def record(self, log: str, action: str, connection: Connection | None = None, **details: object) -> None:
        """One entry, written by the service's own code."""
        if log == "auth":
            await AuthLog(self.pools[log]).record("ada@example.com", action, "s", details, connection)
        else:
            await ApiLog(self.pools[log]).record(None, action, "thing", "s", details, connection=connection)

    async def fill(self, log: str, count: int) -> None:
        """So many entries with their seals."""
        for number in range(1, count + 1):
            await self.record(log, f"thing.done{number}", number=number)
        await self.seal(log)

    def store(self, log: str) -> SealStore:
        return SealStore(self.pools[log], log)

    async def seal(self, log: str, secret: str = AUDIT_KEY) -> None:
        while await self.store(log).seal_batch(keys(log, secret).first, 7):
            pass

    async def check(self, log: str, *secrets: str) -> Report:
        return await check(self.store(log), keys(log, *(secrets or (AUDIT_KEY,))))

    def environment(self, **changes: str) -> dict[str, str]:
        """For `flovify audit verify`."""
        return {
            "AUTH_DATABASE_URL": self.database.auth_dsn,
            "API_DATABASE_URL": self.database.api_dsn,
            "AUDIT_KEY": AUDIT_KEY,
            **changes,
        }


def keys(log: str, *secrets: str) -> LogKeys:
    return LogKeys(secrets, log)


@asynccontextmanager
async def prepared(cluster: Cluster) -> AsyncIterator[Ground]:
    async with cluster.fresh(migrated=True) as database, AsyncExitStack() as stack:
        owner = await asyncpg.connect(database.owner_dsn)
        stack.push_async_callback(owner.close)
        pools = {}
        for log, dsn in (("auth", database.auth_dsn), ("api", database.api_dsn)):
            pools[log] = await create_pool(dsn, application_name="test", max_size=12)
            stack.push_async_callback(pools[log].close)
        yield Ground(database, owner, pools)
