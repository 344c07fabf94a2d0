"""Whatever a crash leaves behind, the next start either answers `select 1` or says why it cannot."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from flovify.cli.up import processes, roles
from flovify.cli.up.account import choose_account
from flovify.cli.up.errors import PostgresError
from flovify.cli.up.places import find_places
from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.cli.up.secrets import load_or_create
from tests.support.postgres import open_folder
from tests.support.wait import until


def answers(server: EmbeddedPostgres) -> bool:
    return server.query(roles.OWNER, "select 1") == "1"


def kill9(server: EmbeddedPostgres) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.wait()


def reached(acknowledged: list[int], goal: int) -> bool:
    return bool(acknowledged) and acknowledged[-1] >= goal


async def insert_until_dead(dsn: str, acknowledged: list[int], first: int) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        for number in range(first, first + 1_000_000):
            await connection.execute("insert into ledger values ($1)", number)
            acknowledged.append(number)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError):
        return


async def test_killed_under_load_again_and_again_loses_no_acknowledged_row(postgres: EmbeddedPostgres) -> None:
    postgres.query(roles.OWNER, "create table ledger (id int primary key)")
    acknowledged: list[int] = []
    server = postgres
    for round_number in range(5):
        first = round_number * 1_000_000
        load = asyncio.create_task(insert_until_dead(server.dsn(roles.OWNER), acknowledged, first))
        await until(functools.partial(reached, acknowledged, first + 20), 30, "20 inserts")
        kill9(server)
        server = await asyncio.to_thread(EmbeddedPostgres(postgres.data_dir).start)
        await load
        assert answers(server)
    stored = {int(line) for line in server.query(roles.OWNER, "select id from ledger").splitlines()}
    assert len(acknowledged) > 100
    assert set(acknowledged) <= stored
    server.stop()


def test_a_server_left_running_is_replaced(postgres: EmbeddedPostgres) -> None:
    old = postgres.pid
    lines: list[str] = []
    server = EmbeddedPostgres(postgres.data_dir, report=lines.append).start()
    assert server.pid != old
    assert answers(server)
    assert old is not None
    assert processes.wait_gone(old, 0)
    assert any("left behind" in line for line in lines)
    server.stop()


@pytest.mark.parametrize("content", ["", "12", "not a number\n", "99999999\n/nowhere\n", "\0\0\0"])
def test_a_damaged_pid_file_is_no_obstacle(postgres: EmbeddedPostgres, content: str) -> None:
    kill9(postgres)
    (postgres.places.data / "postmaster.pid").write_text(content)
    server = EmbeddedPostgres(postgres.data_dir).start()
    assert answers(server)
    server.stop()


def test_a_pid_file_that_names_a_foreign_process_harms_nobody(postgres: EmbeddedPostgres) -> None:
    kill9(postgres)
    with subprocess.Popen(["sleep", "600"]) as foreign:
        file = postgres.places.data / "postmaster.pid"
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(foreign.pid), *lines[1:]]) + "\n")
        lock = postgres.places.socket / ".s.PGSQL.5432.lock"
        lock.write_text("\n".join([str(foreign.pid), *lock.read_text().splitlines()[1:]]) + "\n")
        server = EmbeddedPostgres(postgres.data_dir).start()
        assert answers(server)
        assert foreign.poll() is None
        server.stop()
        assert foreign.poll() is None
        foreign.kill()


@pytest.fixture(scope="module")
def neighbour() -> Iterator[EmbeddedPostgres]:
    """Another installation, whose first start died with the machine: initdb left half a cluster and its password."""
    outer = open_folder()
    data_dir = outer / "data"
    load_or_create(data_dir)
    find_places(data_dir, choose_account()[0])
    half = data_dir / "postgres" / "data.initdb"
    half.mkdir()
    (half / "PG_VERSION").write_text("")
    half.with_name("initdb-password").write_text("old")
    server = EmbeddedPostgres(data_dir).start()
    yield server
    server.stop()
    shutil.rmtree(outer)


def test_a_first_start_that_died_in_the_middle_is_made_good_by_the_next(neighbour: EmbeddedPostgres) -> None:
    assert answers(neighbour)
    assert {path.name for path in neighbour.places.home.iterdir()} == {"data", "run", "postgres.log"}


def test_another_installation_is_left_alone(postgres: EmbeddedPostgres, neighbour: EmbeddedPostgres) -> None:
    pid = neighbour.pid
    kill9(postgres)
    EmbeddedPostgres(postgres.data_dir).start().stop()
    assert answers(neighbour)
    assert neighbour.pid == pid


def test_a_server_that_cannot_start_is_an_error_with_the_reason(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    local = postgres.places.data / "local.conf"
    local.write_text("shared_buffers = 'nonsense'\n")
    local.chmod(0o644)
    with pytest.raises(PostgresError, match="did not start: .*FATAL"):
        postgres.start()
    local.unlink()
    assert answers(postgres.start())


def hold_recovery(server: EmbeddedPostgres, seconds: float, held: list[int]) -> None:
    """Stops the process that replays the log for a while: a log too long for any test."""
    pause = threading.Event()
    while not held and not pause.wait(0.001):
        held += [pid for pid in children(server) if "startup" in " ".join(processes.command_line(pid))]
    os.kill(held[0], signal.SIGSTOP)
    pause.wait(seconds)
    os.kill(held[0], signal.SIGCONT)


def children(server: EmbeddedPostgres) -> list[int]:
    """What the postmaster has started; to look through all processes of the machine would take too long here."""
    try:
        return [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]
    except OSError:
        return []


def test_a_recovery_longer_than_the_patience_is_waited_for(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flovify.cli.up.postgres.START_SECONDS", 2.0)
    monkeypatch.setattr("flovify.cli.up.postgres.REPORT_SECONDS", 1.0)
    # Enough of a log that the process is there when it is looked for.
    postgres.query(roles.OWNER, "create table replayed as select generate_series(1, 300000)")
    kill9(postgres)
    held: list[int] = []
    lines: list[str] = []
    server = EmbeddedPostgres(postgres.data_dir, report=lines.append)
    holder = threading.Thread(target=hold_recovery, args=(server, 4.0, held), daemon=True)
    holder.start()
    started = time.monotonic()
    server.start()
    assert time.monotonic() - started > 4
    assert held
    assert answers(server)
    assert any("still starting" in line for line in lines)
    server.stop()


def test_interrupt_ends_a_start_and_leaves_no_process(data_dir: Path) -> None:
    server = EmbeddedPostgres(data_dir)
    server.interrupt()
    failed = threading.Event()

    def start() -> None:
        try:
            server.start()
        except PostgresError:
            failed.set()

    thread = threading.Thread(target=start)
    thread.start()
    thread.join(30)
    assert failed.is_set()
    assert server.running_pids() == []
