from __future__ import annotations

import io
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from flovify.cli.up import processes
from flovify.cli.up.backoff import Backoff
from flovify.cli.up.database import with_user
from flovify.cli.up.errors import EXIT_CONFIGURATION, ConfigurationError, UpError
from flovify.cli.up.lock import DataDirLock
from flovify.cli.up.output import Printer, readable
from flovify.cli.up.places import SOCKET_FILE, SOCKET_PATH_LIMIT, _socket_directory
from flovify.cli.up.plan import wants_sandbox
from flovify.cli.up.ports import require_free
from flovify.cli.up.roles import role_statements, scram_verifier
from tests.support.wait import until


def test_backoff_doubles_to_its_limit_and_starts_over_after_a_healthy_life() -> None:
    backoff = Backoff(first=0.5, limit=60, healthy_seconds=60)
    assert [backoff.after(0.1) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    assert backoff.after(59.9) == 60
    assert backoff.after(60.0) == 0.5
    assert backoff.after(0.1) == 1


def test_scram_verifier_is_the_documented_one() -> None:
    # The example of RFC 7677, section 3: user "user", password "pencil".
    salt = bytes.fromhex("5b6d99689d12358eeca04b141236fa81")
    verifier = scram_verifier("pencil", salt)
    assert verifier == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
        "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_no_statement_holds_a_password() -> None:
    sql = role_statements({"flovify_api": "canary"}, superuser=True)
    assert "canary" not in sql
    assert "NOSUPERUSER" in sql
    assert "SUPERUSER" not in role_statements({"flovify_api": "canary"}, superuser=False)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://owner:pw@db:5433/flovify", "postgresql://flovify_api:p%40%2F@db:5433/flovify"),
        ("postgres://db/flovify?sslmode=require", "postgres://flovify_api:p%40%2F@db/flovify?sslmode=require"),
        ("postgresql://o:p@/f?host=/run/pg", "postgresql://flovify_api:p%40%2F@/f?host=/run/pg"),
    ],
)
def test_another_user_in_the_same_url(url: str, expected: str) -> None:
    assert with_user(url, "flovify_api", "p@/") == expected


def test_an_url_of_another_kind_is_refused_without_repeating_it() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        with_user("mysql://u:canary@db/x", "a", "b")
    assert "canary" not in str(refusal.value)


def test_the_sandbox_plays_microsoft_only_while_nobody_else_is_named() -> None:
    assert wants_sandbox({}, allowed=True)
    assert not wants_sandbox({"MICROSOFT_CLIENT_ID": "x"}, allowed=True)
    for settings, allowed in (({"FLOVIFY_ENV": "production"}, True), ({}, False)):
        with pytest.raises(ConfigurationError, match="MICROSOFT_CLIENT_ID is required"):
            wants_sandbox(settings, allowed)


def test_a_taken_port_names_its_variable_and_its_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(
            ConfigurationError, match=rf"FLOVIFY_API_PORT: port {port} is taken by process {os.getpid()}"
        ) as e:
            require_free({"FLOVIFY_API_PORT": port})
    assert e.value.exit_code == EXIT_CONFIGURATION
    require_free({"FLOVIFY_API_PORT": port})


def test_a_second_lock_names_the_first_holder_and_a_released_one_can_be_taken(tmp_path: Path) -> None:
    with DataDirLock(tmp_path), pytest.raises(UpError, match=rf"already running .*process {os.getpid()}"):
        DataDirLock(tmp_path).__enter__()
    with DataDirLock(tmp_path):
        assert (tmp_path / "up.lock").read_text() == f"{os.getpid()}\n"


def test_a_stale_lock_file_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "up.lock").write_text("1\n")
    with DataDirLock(tmp_path):
        assert (tmp_path / "up.lock").read_text() == f"{os.getpid()}\n"


def test_a_socket_path_never_exceeds_what_the_kernel_takes() -> None:
    for length in (10, 60, 80, 85, 90, 100, 3000):
        home = Path("/" + "x" * length)
        assert len(os.fsencode(_socket_directory(home) / SOCKET_FILE)) <= SOCKET_PATH_LIMIT
    short = Path("/data/postgres")
    assert _socket_directory(short) == short / "run"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "600"], env={"FLOVIFY_TEST_MARK": "here"}) as process:
        yield process
        process.kill()


async def test_processes_are_described_by_the_kernel(sleeper: subprocess.Popen[bytes]) -> None:
    assert sleeper.pid in processes.all_pids()
    await until(lambda: processes.command_line(sleeper.pid) == ["sleep", "600"])
    assert processes.executable(sleeper.pid).endswith("/sleep")
    assert processes.environment_value(sleeper.pid, "FLOVIFY_TEST_MARK") == "here"
    assert processes.environment_value(sleeper.pid, "FLOVIFY_TEST") is None
    assert not processes.wait_gone(sleeper.pid, 0.0)
    sleeper.kill()
    assert processes.wait_gone(sleeper.pid, 10.0)
    sleeper.wait()
    assert processes.command_line(sleeper.pid) == []
    assert processes.wait_gone(sleeper.pid, 0.0)


def test_log_events_are_short_lines_on_a_terminal() -> None:
    event = '{"event": "x", "level": "info", "timestamp": "2026-11-23T03:20:48.03Z", "service": "a", "n": 1, "s": "t"}'
    assert readable(event) == "03:20:48 x n=1 s=t"
    assert readable(event.replace("info", "error")) == "03:20:48 ERROR x n=1 s=t"
    for other in ("plain", "{", "[]", "5", '"x"', '{"a": 1}', ""):
        assert readable(other) == other


class Closed(io.StringIO):
    def write(self, _text: str) -> int:
        raise BrokenPipeError


def test_output_is_prefixed_and_survives_a_terminal_that_went_away() -> None:
    out, err = io.StringIO(), io.StringIO()
    printer = Printer(out, err)
    printer.plain("ready: x")
    printer.child_line("api", "hello")
    assert out.getvalue() == "ready: x\n"
    assert err.getvalue() == "api      | hello\n"
    Printer(Closed(), Closed()).plain("lost")
