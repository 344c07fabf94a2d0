"""Forward-only SQL migrations: planned, applied once however many try, and refused when altered.

A schema's files are `NNNN_name.sql` in a package. Each file is safe to run twice, can be run by `psql -1 -f`, and ends
by calling `<schema>.record_migration(seq, file_name, version)`. The runner adds what a file cannot know about itself:
its checksum. A row that psql wrote has none, and takes it over at the next `apply`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import asyncpg

from flovify.common.db import Connection, Pool
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger

ADVISORY_LOCK = 0x666C6F76  # "flov": one migration run at a time in a database, whoever starts it
LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10min"
_FILE_NAME = re.compile(r"^(\d{4})_[a-z0-9_]+\.sql$")
_VERSION = re.compile(r"record_migration\(\s*(\d+)\s*,\s*'([^']+)'\s*,\s*'(\d+)\.(\d+)\.(\d+)'\s*\)")


class MigrationError(FlovifyError):
    """Migrations cannot go on; the text says which file and what to do."""

    code = "migration_error"


class SchemaPending(MigrationError):
    """The database is older than this code."""

    code = "schema_pending"


class SchemaTooNew(MigrationError):
    """The database has been moved on by newer code that this one cannot serve."""

    code = "schema_too_new"


@dataclass(frozen=True)
class Schema:
    """A service's schema and the package that holds its files."""

    name: str
    package: str


@dataclass(frozen=True)
class MigrationFile:
    """One file: its number, the registry version it brings, its text and the SHA-256 of its bytes."""

    schema: str
    seq: int
    name: str
    version: str
    sql: str
    checksum: str


@dataclass(frozen=True)
class MigrationState:
    """Where one file stands in one database. `altered` means applied with other content than it has now."""

    file: MigrationFile
    state: Literal["applied", "pending", "altered"]
    applied_at: str | None = None


SCHEMAS = (Schema("auth", "flovify.auth.migrations"), Schema("api", "flovify.api.migrations"))


def load_files(schema: Schema) -> list[MigrationFile]:
    """All files of a schema in order. Raises MigrationError on a gap, a double number or a missing footer."""
    entries = sorted(item.name for item in resources.files(schema.package).iterdir() if _FILE_NAME.match(item.name))
    files = [_load_file(schema, name) for name in entries]
    if [file.seq for file in files] != list(range(1, len(files) + 1)):
        raise MigrationError(f"the migration files of {schema.name} are not numbered 0001, 0002, … without a gap")
    return files


async def status(dsn: str, schemas: Sequence[Schema] = SCHEMAS) -> list[MigrationState]:
    """Every file of every schema with its state, in the order of application."""
    connection = await _connect(dsn)
    try:
        return [state for schema in schemas for state in await _states(connection, schema)]
    finally:
        await connection.close()


async def plan(dsn: str, schemas: Sequence[Schema] = SCHEMAS) -> list[MigrationFile]:
    """The files that `apply` would run. Raises MigrationError when an applied file was altered."""
    return _pending(await status(dsn, schemas))


async def apply(dsn: str, schemas: Sequence[Schema] = SCHEMAS) -> list[MigrationFile]:
    """Bring the schemas up to date and say which files ran.

    Each file runs in a transaction of its own. Several processes may call this at once: one does the work, the others
    wait for it and find nothing left. Raises MigrationError when an applied file was altered or a file fails.
    """
    connection = await _connect(dsn)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        done: list[MigrationFile] = []
        for schema in schemas:
            states = await _states(connection, schema)
            await _adopt_checksums(connection, states)
            for file in _pending(states):
                await _run(connection, file)
                done.append(file)
        return done
    finally:
        await connection.close()


async def require_current(pool: Pool, schema: Schema) -> None:
    """Let a service start only on the schema it was written for.

    Raises SchemaPending when files are missing in the database, and SchemaTooNew when the database's registry says
    that code as old as this must not run on it any more.
    """
    files = load_files(schema)
    async with pool.acquire() as connection:
        applied = await _applied(connection, schema.name)
        missing = [file.name for file in files if file.seq not in applied]
        if missing:
            raise SchemaPending(
                f"schema {schema.name} lacks {', '.join(missing)}; run: flovify migrate apply (it is safe to repeat)"
            )
        oldest = await connection.fetchval(
            f"SELECT oldest_code FROM {schema.name}.schema_registry WHERE service = $1",  # noqa: S608 - our own constant
            schema.name,
        )
    newest = files[-1].version
    if oldest is not None and _as_tuple(oldest) > _as_tuple(newest):
        raise SchemaTooNew(
            f"schema {schema.name} needs code that knows version {oldest}; this one knows {newest}: "
            "install a newer Flovify"
        )


def _load_file(schema: Schema, name: str) -> MigrationFile:
    content = resources.files(schema.package).joinpath(name).read_bytes()
    sql = content.decode()
    footer = _VERSION.search(sql)
    if footer is None or footer[2] != name or int(footer[1]) != int(name[:4]):
        raise MigrationError(f"{name} does not end with SELECT {schema.name}.record_migration(<number>, '{name}', …)")
    version = ".".join(footer.group(3, 4, 5))
    return MigrationFile(schema.name, int(name[:4]), name, version, sql, hashlib.sha256(content).hexdigest())


async def _connect(dsn: str) -> Connection:
    connection: Connection = await asyncpg.connect(
        dsn, timeout=10, server_settings={"application_name": "flovify-migrate"}
    )
    return connection


async def _applied(connection: Connection, schema: str) -> dict[int, asyncpg.Record]:
    if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.migration_history") is None:
        return {}
    rows = await connection.fetch(
        f"SELECT file_seq, checksum, applied_at FROM {schema}.migration_history WHERE schema_name = $1",  # noqa: S608
        schema,
    )
    return {row["file_seq"]: row for row in rows}


async def _states(connection: Connection, schema: Schema) -> list[MigrationState]:
    applied = await _applied(connection, schema.name)
    return [_state(file, applied.get(file.seq)) for file in load_files(schema)]


def _state(file: MigrationFile, row: asyncpg.Record | None) -> MigrationState:
    if row is None:
        return MigrationState(file, "pending")
    when = row["applied_at"].isoformat()
    altered = row["checksum"] is not None and row["checksum"] != file.checksum
    return MigrationState(file, "altered" if altered else "applied", when)


def _pending(states: Sequence[MigrationState]) -> list[MigrationFile]:
    altered = [state.file.name for state in states if state.state == "altered"]
    if altered:
        raise MigrationError(
            f"already applied, but changed since: {', '.join(altered)}; restore the file "
            "and put the change in a new one"
        )
    return [state.file for state in states if state.state == "pending"]


async def _adopt_checksums(connection: Connection, states: Sequence[MigrationState]) -> None:
    for state in states:
        if state.state == "applied":
            await connection.execute(
                f"UPDATE {state.file.schema}.migration_history SET checksum = $2 "  # noqa: S608 - our own constant
                "WHERE schema_name = $3 AND file_seq = $1 AND checksum IS NULL",
                state.file.seq,
                state.file.checksum,
                state.file.schema,
            )


async def _run(connection: Connection, file: MigrationFile) -> None:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            await connection.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
            await connection.execute(file.sql)
            updated = await connection.execute(
                f"UPDATE {file.schema}.migration_history SET checksum = $2 WHERE schema_name = $3 AND file_seq = $1",  # noqa: S608
                file.seq,
                file.checksum,
                file.schema,
            )
            if updated != "UPDATE 1":
                raise MigrationError(f"{file.name} did not record itself in {file.schema}.migration_history")
    except asyncpg.PostgresError as error:
        raise MigrationError(f"{file.name} failed and was rolled back ({error.sqlstate}): {error}") from error
    get_logger().info("migration_applied", schema=file.schema, file=file.name, version=file.version)


def _as_tuple(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
