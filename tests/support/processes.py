"""Real processes of the product, started and ended by tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from flovify.cli.services import SERVICES
from tests.support.forked import ZYGOTE, Forked

LOGS = Path(tempfile.gettempdir())  # pytest's own folder once a session has begun, see tests/conftest.py
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "VIRTUAL_ENV")


class Process:
    """One running process; its standard output and error go to one file."""

    def __init__(self, popen: subprocess.Popen[bytes] | Forked, log: Path) -> None:
        self.popen = popen
        self.log = log

    @property
    def pid(self) -> int:
        return self.popen.pid

    def kill9(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        self.popen.kill()
        self.popen.wait(10)

    def terminate(self, timeout: float = 40) -> int:
        """SIGTERM, and wait for the orderly end; returns the exit status."""
        if self.popen.poll() is None:
            self.popen.terminate()
        return self.popen.wait(timeout)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self.popen.poll() is None


def base_environment() -> dict[str, str]:
    """What every child gets: no secrets and no FLOVIFY variables of the developer's shell."""
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def flovify_command(*args: str) -> list[str]:
    return [sys.executable, "-m", "flovify", *args]


@contextmanager
def spawn(
    args: Sequence[str], env: Mapping[str, str], ready_url: str | None = None, timeout: float = 30
) -> Iterator[Process]:
    """Run `flovify <args>` (or any command whose first word has a slash) until the block ends.

    With `ready_url`, returns when it answers 200. Raises AssertionError with the process's output otherwise.
    """
    process = start(args, env)
    try:
        if ready_url:
            wait_ready(process, ready_url, timeout)
        yield process
    finally:
        stop(process)


def start(args: Sequence[str], env: Mapping[str, str]) -> Process:
    """Start without waiting; the caller ends it with `stop`. A service is forked from the zygote."""
    handle, name = tempfile.mkstemp(prefix="flovify-test-", suffix=".log", dir=LOGS)
    log, whole = Path(name), {**base_environment(), **env}
    with os.fdopen(handle, "wb") as sink:
        if any(service.words == tuple(args) for service in SERVICES.values()):
            return Process(ZYGOTE.fork(args, whole, log, Path.cwd()), log)
        command = list(args) if "/" in args[0] else flovify_command(*args)
        popen = subprocess.Popen(
            command, env=whole, stdout=sink, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
        )
        return Process(popen, log)


def stop(process: Process) -> None:
    """End the process: SIGCONT and SIGTERM first, SIGKILL after forty seconds."""
    if process.alive():
        process.signal(signal.SIGCONT)
        try:
            process.terminate()
        except subprocess.TimeoutExpired:
            process.kill9()
            raise AssertionError(f"the process had to be killed:\n{process.output()[-4000:]}") from None


def wait_ready(process: Process, url: str, timeout: float = 30) -> None:
    """Poll `url` until it answers 200, the process ends, or the deadline passes."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while time.monotonic() < deadline:
        if not process.alive():
            raise AssertionError(f"the process ended with {process.popen.returncode}:\n{process.output()[-4000:]}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        pause.wait(0.05)
    raise AssertionError(f"{url} was not ready within {timeout} s:\n{process.output()[-4000:]}")
