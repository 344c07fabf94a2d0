from __future__ import annotations

import asyncio
import subprocess
from importlib import resources
from pathlib import Path

import asyncpg
import pytest

from flovify.common import migrations
from flovify.common.db import create_pool
from flovify.common.migrations import SCHEMAS, MigrationError, SchemaPending, SchemaTooNew, load_files
from tests.support.command import run_command
from tests.support.postgres import Cluster, Database
from tests.support.processes import base_environment, flovify_command


def schema_dump(cluster: Cluster, database: Database) -> str:
    done = subprocess.run(
        [str(cluster.postgres.bin("pg_dump")), "--schema-only", "--restrict-key=test", database.owner_dsn],
        capture_output=True, text=True, check=True, env=base_environment(),
    )  # fmt: skip
    return done.stdout


async def registry(database: Database) -> dict[str, str]:
    connection = await asyncpg.connect(database.owner_dsn)
    try:
        return {
            schema.name: await connection.fetchval(
                f"SELECT version FROM {schema.name}.schema_registry WHERE service = $1", schema.name
            )
            for schema in SCHEMAS
        }
    finally:
        await connection.close()


async def test_five_at_once_apply_each_file_once(empty_database: Database) -> None:
    results = await asyncio.gather(*(migrations.apply(empty_database.owner_dsn) for _ in range(5)))
    files = [file.name for schema in SCHEMAS for file in load_files(schema)]
    assert sorted(len(done) for done in results) == [0, 0, 0, 0, len(files)]
    assert await migrations.plan(empty_database.owner_dsn) == []
    connection = await asyncpg.connect(empty_database.owner_dsn)
    for schema in SCHEMAS:
        rows = await connection.fetch(f"SELECT file_name FROM {schema.name}.migration_history ORDER BY file_seq")
        assert [row["file_name"] for row in rows] == [file.name for file in load_files(schema)]
    await connection.close()


async def test_every_file_runs_by_psql_and_twice_and_gives_the_same_schema(
    cluster: Cluster, empty_database: Database, database: Database
) -> None:
    for _round in range(2):
        for schema in SCHEMAS:
            folder = resources.files(schema.package)
            for file in load_files(schema):
                done = subprocess.run(
                    [str(cluster.postgres.bin("psql")), "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d",
                     empty_database.owner_dsn, "-f", str(folder.joinpath(file.name))],
                    capture_output=True, text=True, check=False, env=base_environment(),
                )  # fmt: skip
                assert done.returncode == 0, f"{file.name}: {done.stderr}"
    assert schema_dump(cluster, empty_database) == schema_dump(cluster, database)
    assert await registry(empty_database) == await registry(database), "a repeated file must not lower the version"


async def test_the_runner_takes_over_what_psql_applied(cluster: Cluster, empty_database: Database) -> None:
    first = load_files(SCHEMAS[0])[0]
    path = str(resources.files(SCHEMAS[0].package).joinpath(first.name))
    subprocess.run(
        [str(cluster.postgres.bin("psql")), "-X", "-q", "-1", "-d", empty_database.owner_dsn, "-f", path],
        check=True, env=base_environment(), capture_output=True,
    )  # fmt: skip
    done = await migrations.apply(empty_database.owner_dsn)
    assert first.name not in [file.name for file in done if file.schema == SCHEMAS[0].name]
    connection = await asyncpg.connect(empty_database.owner_dsn)
    checksum = await connection.fetchval("SELECT checksum FROM auth.migration_history WHERE file_seq = 1")
    await connection.close()
    assert checksum == first.checksum


async def test_a_file_altered_after_its_application_is_refused(database: Database) -> None:
    connection = await asyncpg.connect(database.owner_dsn)
    await connection.execute("UPDATE api.migration_history SET checksum = 'other' WHERE file_seq = 2")
    await connection.close()
    with pytest.raises(MigrationError, match="0002_webhook_subscriptions.sql"):
        await migrations.apply(database.owner_dsn)


async def test_the_plan_s_files_bring_the_plan_s_versions(database: Database) -> None:
    versions = {file.name: file.version for schema in SCHEMAS for file in load_files(schema)}
    assert versions["0006_tenant_tokens.sql"] == "0.1.3"
    assert versions["0002_webhook_subscriptions.sql"] == "0.1.1"
    assert await registry(database) == {schema.name: load_files(schema)[-1].version for schema in SCHEMAS}


async def test_a_service_refuses_a_pending_schema_with_the_command_that_mends_it(empty_database: Database) -> None:
    pool = await create_pool(empty_database.owner_dsn, application_name="test")
    with pytest.raises(SchemaPending, match="flovify migrate apply"):
        await migrations.require_current(pool, SCHEMAS[0])
    await pool.close()


async def test_a_service_refuses_a_schema_that_needs_newer_code(database: Database) -> None:
    pool = await create_pool(database.owner_dsn, application_name="test")
    await migrations.require_current(pool, SCHEMAS[1])
    await pool.execute("UPDATE api.schema_registry SET oldest_code = '99.0.0'")
    with pytest.raises(SchemaTooNew, match="newer Flovify"):
        await migrations.require_current(pool, SCHEMAS[1])
    await pool.close()


def test_the_commands_say_what_is_to_do_and_what_was_done(empty_database: Database, tmp_path: Path) -> None:
    env = {"DATABASE_URL": empty_database.owner_dsn}

    def flovify(*args: str, expect: int = 0) -> str:
        done = run_command("migrate", *args, env=env, cwd=tmp_path)
        assert done.status == expect, done.errors
        return done.output + done.errors

    assert "0006_tenant_tokens.sql" in as_process("migrate", "plan", env=env)
    assert "pending" in as_process("migrate", "status", env=env)
    assert "0002_webhook_subscriptions.sql" in as_process("migrate", "apply", env=env)
    assert "nothing to do" in flovify("apply")
    assert "pending" not in flovify("status", "--json")
    env["DATABASE_URL"] = ""
    assert "DATABASE_URL is required" in flovify("plan", expect=78)
    env["DATABASE_URL"] = "postgresql://nobody:SECRETPASSWORD@127.0.0.1:1/none"
    text = flovify("plan", expect=1)
    assert "check that it runs" in text
    assert "SECRETPASSWORD" not in text


def as_process(*args: str, env: dict[str, str]) -> str:
    done = subprocess.run(
        flovify_command(*args), env={**base_environment(), **env}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
