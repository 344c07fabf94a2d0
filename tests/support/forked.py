"""Processes forked from the zygote, with the part of subprocess.Popen's interface that the tests use."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

_ROOT = Path(__file__).parents[2]


class Forked:
    """One process. Its parent is the zygote, which tells how it ended."""

    def __init__(self, zygote: Zygote, pid: int, args: Sequence[str]) -> None:
        self._zygote = zygote
        self.pid = pid
        self.args = args

    @property
    def returncode(self) -> int | None:
        return self.poll()

    def poll(self) -> int | None:
        return self._zygote.status(self.pid, 0)

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        status = self._zygote.status(self.pid, timeout)
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return status

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Zygote:
    """The zygote of this test process, begun with the first process that is wanted of it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._told = threading.Condition()
        self._forked: list[int] = []
        self._ended: dict[int, int] = {}

    def fork(self, args: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> Forked:
        """Run `flovify <args>` with only these variables."""
        zygote = self._process or self._begin()
        assert zygote.stdin is not None
        line = json.dumps({"args": [*args], "env": dict(env), "log": str(log), "cwd": str(cwd)}).encode()
        with self._told:
            zygote.stdin.write(line + b"\n")
            zygote.stdin.flush()
            assert self._told.wait_for(lambda: self._forked or zygote.poll() is not None, 60)
            assert self._forked, "the zygote has ended"
            return Forked(self, self._forked.pop(), args)

    def status(self, pid: int, timeout: float | None) -> int | None:
        """How the process ended; None when it has not after `timeout` seconds."""
        with self._told:
            self._told.wait_for(lambda: pid in self._ended, timeout)
            return self._ended.get(pid)

    def _begin(self) -> subprocess.Popen[bytes]:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote"],
            cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()
        atexit.register(self._process.communicate)
        return self._process

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said: dict[str, int] = json.loads(line)
            with self._told:
                if "pid" in said:
                    self._forked.append(said["pid"])
                else:
                    self._ended[said["ended"]] = said["status"]
                self._told.notify_all()
        with self._told:
            self._told.notify_all()


ZYGOTE = Zygote()
