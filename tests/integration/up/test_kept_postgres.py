"""The embedded server under supervision: killed, out of disk, stopped while it starts."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from flovify.cli.up import roles
from flovify.cli.up.kept_postgres import KeptPostgres
from flovify.cli.up.output import Printer
from flovify.cli.up.postgres import EmbeddedPostgres
from tests.support.wait import until

# External storage: PostgreSQL would otherwise compress the ballast away.
_TABLES = (
    "create table ballast (id int, t text); alter table ballast alter t set storage external; "
    "create table after_it (t text)"
)


async def write(dsn: str, table: str) -> bool:
    """Whether a row could be written just now."""
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InternalClientError):
        return False
    try:
        await connection.execute(f"insert into {table} select repeat('x', 100)")
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    else:
        return True
    finally:
        await connection.close(timeout=5)


async def fill(dsn: str, acknowledged: list[int]) -> None:
    """Writes until the disk is full or the server is gone; keeps the numbers that were committed."""
    connection = await asyncpg.connect(dsn)
    try:
        for number in range(100_000):
            await connection.execute("insert into ballast select $1, repeat(md5(random()::text), 3000)", number)
            acknowledged.append(number)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
        return
    finally:
        connection.terminate()


@pytest.fixture
async def kept(data_dir: Path) -> AsyncIterator[tuple[KeptPostgres, EmbeddedPostgres]]:
    server = EmbeddedPostgres(data_dir)
    keeper = KeptPostgres(server, Printer(io.StringIO(), io.StringIO()))
    await keeper.start()
    yield keeper, server
    await keeper.stop()


async def test_a_killed_server_is_back_without_anybody_asking(kept: tuple[KeptPostgres, EmbeddedPostgres]) -> None:
    _, server = kept
    server.query(roles.OWNER, "create table if not exists revived (t text)")
    dsn = server.dsn(roles.OWNER)
    for _ in range(3):
        old = server.pid
        assert old is not None
        os.kill(old, signal.SIGKILL)
        await until(lambda old=old: server.pid != old, 30, "another server")  # type: ignore[misc]
        await until(lambda: write(dsn, "revived"), 30, "a written row")


async def test_stop_ends_it_for_good(kept: tuple[KeptPostgres, EmbeddedPostgres]) -> None:
    keeper, server = kept
    await keeper.stop()
    assert await asyncio.to_thread(server.running_pids) == []


async def test_a_start_that_is_cancelled_leaves_no_server(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    keeper = KeptPostgres(server, Printer(io.StringIO(), io.StringIO()))
    start = asyncio.create_task(keeper.start())
    await until(lambda: server.pid is not None or start.done())
    start.cancel()
    with pytest.raises(asyncio.CancelledError):
        await start
    await keeper.stop()
    assert await asyncio.to_thread(server.running_pids) == []


@pytest.fixture
def small_disk(new_data_dir: Path) -> Iterator[Path]:
    """A file system of 160 MB."""
    new_data_dir.mkdir()
    size = ["-o", "size=160m,mode=711"]
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", *size, "tmpfs", str(new_data_dir)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("may not mount a small file system")
    yield new_data_dir
    subprocess.run(["umount", "--lazy", str(new_data_dir)], check=True)


async def test_a_full_disk_loses_nothing_and_writing_resumes_once_there_is_space(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * (32 * 2**20))
    server = EmbeddedPostgres(small_disk / "data")
    output = io.StringIO()
    keeper = KeptPostgres(server, Printer(io.StringIO(), output))
    await keeper.start()
    try:
        server.query(roles.OWNER, _TABLES)
        dsn, acknowledged = server.dsn(roles.OWNER), list[int]()
        await fill(dsn, acknowledged)
        assert len(acknowledged) < 100_000
        ballast.unlink()
        await until(lambda: write(dsn, "after_it"), 10, "a written row")
        stored = await asyncio.to_thread(server.query, roles.OWNER, "select id from ballast")
        assert set(acknowledged) <= {int(line) for line in stored.splitlines()}
        assert acknowledged
    finally:
        await keeper.stop()
