"""`flovify up` as a process: ready, kept alive, ended in order, started again after everything was killed."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from flovify.cli.up import lock, processes
from flovify.cli.up.environment import DEFAULT_PORTS
from flovify.cli.up.errors import EXIT_CONFIGURATION
from flovify.cli.up.postgres import EmbeddedPostgres
from tests.support.command import run_command
from tests.support.net import free_ports
from tests.support.processes import Process, start
from tests.support.wait import until

pytestmark = pytest.mark.timeout(600)  # each starts the whole installation, some more than once
NAMES = ("nursery", "sandbox", "auth", "api", "worker", "bff")


def settings(data_dir: Path, **more: str) -> dict[str, str]:
    ports = {name: str(port) for name, port in zip(DEFAULT_PORTS, free_ports(len(DEFAULT_PORTS)), strict=True)}
    return {"FLOVIFY_DATA_DIR": str(data_dir), **ports, **more}


@contextmanager
def up(data_dir: Path, **more: str) -> Iterator[tuple[Process, dict[str, str]]]:
    """`flovify up`; at the end nothing of it is left, whatever the test did."""
    env = settings(data_dir, **more)
    process = start(["up"], env)
    try:
        yield process, env
    finally:
        if process.alive():
            process.terminate(120)
        lock.end_stale_children(data_dir)
        server = EmbeddedPostgres(data_dir)
        server._prepare()
        server._end_predecessor()


def children(data_dir: Path) -> dict[str, int]:
    """The running processes of the installation by name."""
    found = {}
    for pid in processes.all_pids():
        if processes.environment_value(pid, lock.MARKER) == str(data_dir):
            found[processes.last_word(pid)] = pid
    return found


async def ready(process: Process, env: dict[str, str]) -> str:
    url = f"ready: http://localhost:{env['FLOVIFY_PORT']}\n"
    await until(lambda: url in process.output() or not process.alive(), 200, "ready")
    assert url in process.output(), process.output()
    await until(lambda: "there it is" in process.output(), 20, "the hints")
    return process.output()


def get(env: dict[str, str], path: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{env['FLOVIFY_PORT']}{path}", timeout=10) as answer:
        return int(answer.status)


async def test_the_whole_life_of_an_installation(data_dir: Path) -> None:
    with up(data_dir) as (process, env):
        output = await ready(process, env)
        assert set(children(data_dir)) == set(NAMES)
        # Nor does /proc show a secret of any of them.
        assert not any(processes.environment_value(pid, "SERVICE_SECRET") for pid in children(data_dir).values())
        assert get(env, "/bff/health") == get(env, "/bff/auth/health") == get(env, "/bff/api/health") == 200
        assert re.search(rf"http://localhost:{env['FLOVIFY_PORT']}/setup#token=\S+", output)
        assert "sales@contoso.example" in output
        assert_a_second_start_is_refused(data_dir, process)
        assert_a_taken_port_is_one_line_and_exit_78(data_dir, env)

        before = children(data_dir)
        os.kill(before["auth"], signal.SIGKILL)
        await until(lambda: children(data_dir).get("auth") not in {None, before["auth"]}, 30, "another auth")
        assert {name: pid for name, pid in children(data_dir).items() if name != "auth"} == {
            name: pid for name, pid in before.items() if name != "auth"
        }
        await until(lambda: "auth     | ended (killed by signal 9)" in process.output())

        assert process.terminate(120) == 0
        assert children(data_dir) == {}
        assert "everything has ended" in process.output()
        secrets = json.loads((data_dir / "secrets.json").read_text())
        assert not [
            name for name, value in secrets.items() if name != "SANDBOX_CLIENT_ID" and value in process.output()
        ]


def assert_a_second_start_is_refused(data_dir: Path, running: Process) -> None:
    second = start(["up"], settings(data_dir))
    assert second.popen.wait(120) == 1
    assert f"already running in {data_dir} (process {running.pid})" in second.output()
    assert "Traceback" not in second.output()


def assert_a_taken_port_is_one_line_and_exit_78(data_dir: Path, env: dict[str, str]) -> None:
    other = start(["up"], {**env, "FLOVIFY_DATA_DIR": str(data_dir.with_name("other"))})
    assert other.popen.wait(120) == EXIT_CONFIGURATION
    last = other.output().strip().splitlines()[-1]
    assert re.match(r"flovify: FLOVIFY_PORT: port \d+ is taken by process \d+", last)
    assert "Traceback" not in other.output()


async def test_after_kill_9_it_is_ready_again_and_a_second_signal_ends_it_at_once(data_dir: Path) -> None:
    with up(data_dir) as (process, env):
        await ready(process, env)
        everything = [process.pid, *children(data_dir).values(), *database_pids(data_dir)]
        for pid in everything:
            processes.send(pid, signal.SIGKILL)
        process.popen.wait(10)
    with up(data_dir) as (process, env):
        await ready(process, env)
        assert get(env, "/bff/api/health") == 200

        # Now the supervisor alone: what it left behind is ended by the next, so that nothing runs twice.
        old, old_database = children(data_dir), database_pids(data_dir)
        process.kill9()
        again = start(["up"], env)
        try:
            await ready(again, env)
            assert all(processes.wait_gone(pid, 0) for pid in [*old.values(), *old_database])
            assert set(children(data_dir)) == set(NAMES)
            await a_second_signal_ends_it_at_once(again, data_dir)
        finally:
            if again.alive():
                again.kill9()


async def a_second_signal_ends_it_at_once(process: Process, data_dir: Path) -> None:
    for pid in children(data_dir).values():
        os.kill(pid, signal.SIGSTOP)
    process.signal(signal.SIGINT)
    await until(lambda: "ending everything in order" in process.output())
    process.signal(signal.SIGINT)
    assert process.popen.wait(5) == 130
    await until(lambda: children(data_dir) == {}, 5)


def database_pids(data_dir: Path) -> list[int]:
    return [
        pid
        for pid in processes.all_pids()
        if processes.executable(pid).endswith("/postgres")
        and processes.working_directory(pid) == data_dir / "postgres" / "data"
    ]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"FLOVIFY_PORT": "http"}, "FLOVIFY_PORT must be a port"),
        ({"OAUTH_ENCRYPTION_KEY": "canary"}, "OAUTH_ENCRYPTION_KEY must be 32 random bytes"),
        ({"FLOVIFY_ENV": "production"}, "MICROSOFT_CLIENT_ID is required in production"),
        ({"FLOVIFY_DATA_DIR": "/proc/nowhere"}, "FLOVIFY_DATA_DIR"),
    ],
)
def test_a_setting_that_cannot_work_is_one_line(new_data_dir: Path, more: dict[str, str], words: str) -> None:
    done = run_command("up", env={**settings(new_data_dir), **more}, cwd=new_data_dir.parent)
    assert done.status == EXIT_CONFIGURATION
    assert f"flovify: {words}" in done.errors
    assert "Traceback" not in done.errors
    assert "canary" not in done.output + done.errors


def test_a_database_that_is_not_there_is_one_line(new_data_dir: Path) -> None:
    process = start(["up"], settings(new_data_dir, DATABASE_URL="postgresql://u:canary@127.0.0.1:1/d"))
    assert process.popen.wait(120) == 1
    assert "flovify: DATABASE_URL: no connection" in process.output()
    assert "Traceback" not in process.output()
    assert "canary" not in process.output()
