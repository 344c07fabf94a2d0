"""One migrated database for many tests: emptied before each, in a fraction of the time that a new one takes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from flovify.common.db import Connection, Pool, create_pool
from tests.support.postgres import Cluster, Database

# What the migrations write themselves, and no test changes; a test watches that there is nothing else.
KEPT = ("migration_history", "schema_registry", "schema_registry_history")
# Emptying an empty table costs as much as emptying a full one, so those are left out.
_EMPTY = f"""
DO $$
DECLARE
    name text;
    filled boolean;
BEGIN
    SET LOCAL lock_timeout = '10s';
    FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                 WHERE schemaname = 'api' AND tablename NOT IN ({", ".join(f"'{name}'" for name in KEPT)})
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO filled;
        IF filled THEN
            EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', name);
        END IF;
    END LOOP;
END
$$
"""


@dataclass(frozen=True)
class Tables:
    """A migrated database, the owner's connection to it and the api role's pool."""

    database: Database
    owner: asyncpg.Connection[asyncpg.Record]
    pool: Pool


@asynccontextmanager
async def shared_tables(cluster: Cluster, max_size: int) -> AsyncIterator[Tables]:
    """For the tests of a module, which call `empty` one by one. A connection that one of them keeps is an error."""
    async with cluster.fresh(migrated=True) as database:
        owner = await asyncpg.connect(database.owner_dsn)
        pool = await create_pool(database.api_dsn, application_name="test", max_size=max_size)
        yield Tables(database, owner, pool)
        await asyncio.wait_for(pool.close(), 20)
        await owner.close()


async def empty(connection: Connection) -> None:
    """Bring schema `api` back to what a fresh migration leaves: no rows but its own, sequences of filled tables at 1.

    `connection` is the owner's. Waits for open transactions, ten seconds at most (asyncpg.LockNotAvailableError).
    """
    await connection.execute(_EMPTY)
