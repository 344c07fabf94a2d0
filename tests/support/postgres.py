"""A real PostgreSQL for tests: one server a session, one database a test, copied from a migrated template."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from flovify.cli.up import processes, roles
from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.common import migrations

_numbers = itertools.count(1)
_MEMORY = Path("/dev/shm")  # noqa: S108 (a file system in memory, not a file of ours in a shared folder)
_PREFIX = "flovify-test-"
# What the machine's death would lose is nobody's loss here. Tests of durability make a server of their own.
_HASTE = ("fsync", "full_page_writes", "synchronous_commit")


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """The server of a test session, in memory where there is such a place; nothing of it is left at the end."""
    if _MEMORY.is_dir():
        _remove_left_behind()
    outer = open_folder()
    running = Cluster(outer / "data")
    try:
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(outer)


def open_folder() -> Path:
    """A new folder that every account may pass to, in memory where there is such a place with room for a few clusters.

    One of pytest's own is closed to the account that PostgreSQL gets when the tests run as root.
    """
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > 2**30
    outer = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY if roomy else None))
    outer.chmod(0o711)
    return outer


def _remove_left_behind() -> None:
    """What a killed test session left would fill the memory."""
    for outer in _MEMORY.glob(f"{_PREFIX}*"):
        if Path("/proc", outer.name.removeprefix(_PREFIX).partition("-")[0]).exists():
            continue
        for pid in processes.all_pids():
            where = processes.working_directory(pid)
            if where is not None and where.is_relative_to(outer):
                processes.send(pid, signal.SIGKILL)
        shutil.rmtree(outer, ignore_errors=True)


@dataclass(frozen=True)
class Database:
    """One database with the three roles that matter, as connection strings."""

    name: str
    owner_dsn: str
    auth_dsn: str
    api_dsn: str


class Cluster:
    """The server of a test session."""

    def __init__(self, directory: Path) -> None:
        self.postgres = EmbeddedPostgres(directory)
        self.template = f"template_{os.getpid()}"

    def start(self) -> None:
        """Start the server and make the migrated template."""
        self.postgres.start()
        statements = [f"ALTER SYSTEM SET {name} = off" for name in _HASTE]
        self.postgres.query(roles.SUPER, ";".join([*statements, "SELECT pg_reload_conf()"]), database="postgres")
        asyncio.run(self._make_template())

    def stop(self) -> None:
        self.postgres.destroy()

    def database(self, name: str) -> Database:
        return Database(
            name,
            self.postgres.dsn("flovify_owner", name),
            self.postgres.dsn("flovify_auth", name),
            self.postgres.dsn("flovify_api", name),
        )

    async def create(self, name: str, template: str | None = None) -> Database:
        """A new database; `template` None means an empty one, owned by the owner role."""
        # Where nothing is ever written through to a disk, copying whole files is half of what copying by the log is.
        source = f' TEMPLATE "{template}" STRATEGY file_copy' if template else ""
        await self._as_super(f'CREATE DATABASE "{name}" OWNER flovify_owner{source}')
        return self.database(name)

    async def drop(self, name: str) -> None:
        await self._as_super(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @asynccontextmanager
    async def fresh(self, *, migrated: bool) -> AsyncIterator[Database]:
        """A database for one test, dropped afterwards whoever is still connected."""
        name = f"test_{os.getpid()}_{next(_numbers)}"
        database = await self.create(name, self.template if migrated else None)
        try:
            yield database
        finally:
            await self.drop(name)

    async def _make_template(self) -> None:
        database = await self.create(self.template)
        await migrations.apply(database.owner_dsn)

    async def _as_super(self, statement: str) -> None:
        connection = await asyncpg.connect(self.postgres.dsn("flovify_super", "postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()
