"""The supervisor over tiny programs: readiness, restart, drain, and what its own death leaves."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from flovify import __version__
from flovify.cli.up import processes
from flovify.cli.up.backoff import Backoff
from flovify.cli.up.child import ChildSpec
from flovify.cli.up.errors import ConfigurationError, StartError
from flovify.cli.up.forked import Nursery
from flovify.cli.up.liveness import Patience
from flovify.cli.up.output import Printer
from flovify.cli.up.supervisor import Supervisor
from tests.support.net import free_port
from tests.support.wait import until

SERVER = """
import http.server, signal, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
        print("asked", self.path, flush=True)
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
def drain(*_):
    print("drained", sys.argv[2], flush=True)
    threading.Thread(target=server.shutdown).start()
signal.signal(signal.SIGTERM, drain)
print("listening", flush=True)
server.serve_forever()
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("stubborn", flush=True)
while True: signal.pause()
"""


def spec(name: str, program: str, *arguments: str, ready_url: str | None = None, **env: str) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-c", program, *arguments], {"PATH": os.environ["PATH"], **env}, ready_url)


def server(name: str) -> ChildSpec:
    port = free_port()
    return spec(name, SERVER, str(port), name, ready_url=f"http://127.0.0.1:{port}/")


class Captured:
    def __init__(self) -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.printer = Printer(self.out, self.err)

    @property
    def lines(self) -> list[str]:
        return self.err.getvalue().splitlines()


@pytest.fixture
def captured() -> Captured:
    return Captured()


@pytest.fixture
async def supervisor(captured: Captured) -> AsyncIterator[Supervisor]:
    running = Supervisor(Nursery({}, ()), captured.printer, drain_seconds=5, make_backoff=lambda: Backoff(0.1, 0.4, 60))
    yield running
    await running.stop()


async def test_ready_when_the_process_answers_and_again_after_it_was_killed(supervisor: Supervisor) -> None:
    supervisor.add(server("one"))
    await supervisor.wait_ready("one", 20)
    first = supervisor.child("one").pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await until(lambda: supervisor.restarts["one"] == 1)
    await supervisor.wait_ready("one", 20)
    assert supervisor.child("one").pid != first


async def test_a_crash_loop_backs_off_and_the_others_keep_working(supervisor: Supervisor, captured: Captured) -> None:
    supervisor.add(server("good"))
    supervisor.add(spec("bad", "raise SystemExit(3)"))
    await supervisor.wait_ready("good", 20)
    good = supervisor.child("good").pid
    await until(lambda: supervisor.restarts["bad"] >= 4, 30)
    delays = [line.rsplit(" ", 2)[1] for line in captured.lines if "exit status 3" in line]
    assert delays[:4] == ["0.1", "0.2", "0.4", "0.4"]
    assert supervisor.child("good").pid == good
    await supervisor.wait_ready("good", 5)


async def test_a_program_that_is_not_there_is_tried_again_too(supervisor: Supervisor, captured: Captured) -> None:
    supervisor.add(ChildSpec("none", ["/nowhere/at-all"], {}))
    await until(lambda: supervisor.restarts["none"] >= 2)
    assert any("could not be started" in line for line in captured.lines)


async def test_a_setting_the_process_refuses_ends_the_start_with_its_own_words(supervisor: Supervisor) -> None:
    supervisor.add(
        spec("auth", "import sys; print('flovify: KEY must be good'); sys.exit(78)", ready_url="http://127.0.0.1:9/")
    )
    with pytest.raises(ConfigurationError, match="auth cannot start: KEY must be good"):
        await supervisor.wait_ready("auth", 20)


async def test_not_ready_in_time_is_an_error_with_the_last_line(supervisor: Supervisor) -> None:
    program = "import signal; print('waiting for something', flush=True); signal.pause()"
    supervisor.add(spec("slow", program, ready_url=f"http://127.0.0.1:{free_port()}/"))
    await until(lambda: supervisor.child("slow").last_words() != "")
    with pytest.raises(StartError, match="slow is not ready after 1 s: waiting for something"):
        await supervisor.wait_ready("slow", 1)


async def test_stop_drains_the_last_started_first(supervisor: Supervisor, captured: Captured) -> None:
    names = ["first", "second", "third"]
    for name in names:
        supervisor.add(server(name))
    for name in names:
        await supervisor.wait_ready(name, 20)
    await supervisor.stop()
    drained = [line.split()[-1] for line in captured.lines if "drained" in line]
    assert drained == ["third", "second", "first"]
    assert not any(supervisor.child(name).alive for name in names)


async def test_a_process_that_ignores_the_signal_is_killed_after_its_time(captured: Captured) -> None:
    supervisor = Supervisor(Nursery({}, ()), captured.printer, drain_seconds=0.5)
    supervisor.add(spec("stubborn", STUBBORN))
    await until(lambda: supervisor.child("stubborn").last_words() == "stubborn")
    started = time.monotonic()
    await supervisor.stop()
    assert time.monotonic() - started < 5
    assert not supervisor.child("stubborn").alive
    assert any("did not end within" in line for line in captured.lines)


async def test_kill_ends_everything_at_once(captured: Captured) -> None:
    supervisor = Supervisor(Nursery({}, ()), captured.printer)
    supervisor.add(spec("stubborn", STUBBORN))
    await until(lambda: supervisor.child("stubborn").last_words() == "stubborn")
    pid = supervisor.child("stubborn").pid
    assert pid is not None
    supervisor.kill()
    assert processes.wait_gone(pid, 2)
    await supervisor.stop()


async def test_lines_of_any_length_arrive_whole_and_prefixed(supervisor: Supervisor, captured: Captured) -> None:
    program = "import os, signal; os.write(1, b'a' * 50000 + b'\\nb\\xff\\n' + b'c'); signal.pause()"
    supervisor.add(spec("long", program))
    await until(lambda: len(captured.lines) >= 2)
    assert captured.lines[:2] == ["long     | " + "a" * 50000, "long     | b\ufffd"]


async def test_a_process_gets_its_own_variables_and_nothing_else(
    supervisor: Supervisor, captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_SECRET", "of the supervisor")
    supervisor.add(spec("env", "import os, signal; print(sorted(os.environ), flush=True); signal.pause()", OWN="1"))
    await until(lambda: captured.lines)
    assert "'OWN'" in captured.lines[0]
    assert "SERVICE_SECRET" not in captured.lines[0]


async def test_with_the_nursery_all_end_and_are_started_again_from_another(captured: Captured) -> None:
    nursery = Nursery({}, ())
    backoff = Backoff(first=0.05)
    supervisor = Supervisor(nursery, captured.printer, drain_seconds=0.5, make_backoff=lambda: backoff)
    supervisor.add(server("one"))
    supervisor.add(spec("stubborn", STUBBORN))
    await supervisor.wait_ready("one", 20)
    await until(lambda: supervisor.child("stubborn").last_words() == "stubborn")
    before = [supervisor.child(name).pid for name in ("one", "stubborn")]
    assert nursery._process is not None
    nursery._process.kill()
    await until(lambda: list(supervisor.restarts.values()) == [1, 1], what="both started again")
    assert all(processes.wait_gone(pid, 5) for pid in before if pid)
    await supervisor.wait_ready("one", 20)
    await supervisor.stop()


async def test_our_own_command_runs_in_the_forked_process_itself(captured: Captured) -> None:
    modules = ("flovify.cli.main", "flovify.cli.app")
    supervisor = Supervisor(Nursery({"PATH": os.environ["PATH"]}, modules), captured.printer)
    supervisor.add(ChildSpec("ours", [sys.executable, "-m", "flovify", "--version"], {}))
    await until(lambda: any("ended (exit status 0)" in line for line in captured.lines))
    assert f"ours     | flovify {__version__}" in captured.lines
    supervisor.add(ChildSpec("wrong", [sys.executable, "-m", "flovify", "no-such-command"], {}))
    await until(lambda: any("wrong    | ended (exit status 2)" in line for line in captured.lines))
    await supervisor.stop()


SUPERVISE = """
import asyncio, os, sys
from flovify.cli.up.child import ChildSpec
from flovify.cli.up.forked import Nursery
from flovify.cli.up.liveness import Patience
from flovify.cli.up.output import Printer
from flovify.cli.up.supervisor import Supervisor
async def main():
    supervisor = Supervisor(Nursery({}, ()), Printer())
    program = "import signal; signal.signal(signal.SIGTERM, signal.%s); print('up', flush=True)"
    program += "\\nwhile True: signal.pause()"
    environment = {"PATH": os.environ["PATH"], "FLOVIFY_UP_DATA_DIR": sys.argv[1]}
    for name, action in (("gentle", "SIG_DFL"), ("stubborn", "SIG_IGN")):
        supervisor.add(ChildSpec(name, [sys.executable, "-c", program % action], environment))
    while not all(supervisor.child(name).last_words() == "up" for name in ("gentle", "stubborn")):
        await asyncio.sleep(0.01)
    print(supervisor.child("gentle").pid, supervisor.child("stubborn").pid, flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_children_of_a_killed_supervisor_end_or_are_ended_by_the_next(tmp_path: Path) -> None:
    from flovify.cli.up.lock import end_stale_children

    supervisor = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SUPERVISE,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert supervisor.stdout is not None
    gentle, stubborn = map(int, (await asyncio.wait_for(supervisor.stdout.readline(), 30)).split())
    supervisor.kill()
    await supervisor.wait()
    assert processes.wait_gone(gentle, 5)
    assert not processes.wait_gone(stubborn, 0)
    assert await asyncio.to_thread(end_stale_children, tmp_path / "another", 0.2) == 0
    assert await asyncio.to_thread(end_stale_children, tmp_path, 0.2) == 1
    assert processes.wait_gone(stubborn, 0)


async def test_a_process_that_hangs_is_killed_and_started_again_and_one_that_is_only_slow_is_not(
    captured: Captured,
) -> None:
    supervisor = Supervisor(
        Nursery({}, ()),
        captured.printer,
        make_backoff=lambda: Backoff(first=0.05),
        patience=Patience(every_seconds=0.1, misses=3),
    )
    watched = replace(server("watched"), live_url=server("unused").ready_url)
    hanging = server("hanging")
    for one in (watched, replace(hanging, live_url=f"{hanging.ready_url}live")):
        supervisor.add(one)
        await supervisor.wait_ready(one.name)
    try:
        first = supervisor.child("hanging").pid
        assert first is not None
        await until(lambda: any("asked /live" in line for line in captured.lines), what="the first look")
        os.kill(first, signal.SIGSTOP)
        await until(lambda: supervisor.restarts["hanging"] == 1, 10, "the restart")
        await supervisor.wait_ready("hanging")
        assert supervisor.child("hanging").pid != first
        assert any("times in a row: killed" in line for line in captured.lines)
        # It has never answered at its address of life: it may still be starting.
        assert supervisor.restarts["watched"] == 0
    finally:
        await supervisor.stop()
