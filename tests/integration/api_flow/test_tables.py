"""What lets the tests of a module share a database: emptied, it is as it was when just migrated."""

from __future__ import annotations

import pytest

from flovify.common.db import Connection
from tests.integration.api_flow.workbench import Bench
from tests.support.postgres import Cluster
from tests.support.tables import KEPT, Tables, empty, shared_tables

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def rows(owner: Connection) -> dict[str, int]:
    """How many rows each table of the schema has."""
    names = await owner.fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'api'")
    return {row["name"]: await owner.fetchval(f"SELECT count(*) FROM api.{row['name']}") for row in names}


async def test_a_fresh_migration_fills_only_what_is_kept(cluster: Cluster) -> None:
    async with shared_tables(cluster, max_size=1) as fresh:
        assert {name for name, count in (await rows(fresh.owner)).items() if count} == set(KEPT)


async def test_nothing_that_was_written_is_left(tables: Tables) -> None:
    await empty(tables.owner)
    before = await rows(tables.owner)
    bench = Bench(tables.pool)
    for _ in range(2):
        bench.graph.add("a")
        await bench.announce("a")
        await bench.announce("b")
        await bench.work_once()
        await tables.owner.execute("INSERT INTO api.periodic_tasks (name) VALUES ('of a test')")
        assert await tables.owner.fetchval("SELECT min(seq) FROM api.message_feed") == 1
        assert (await rows(tables.owner)) != before
        await empty(tables.owner)
        assert (await rows(tables.owner)) == before
