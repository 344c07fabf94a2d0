"""Processes forked from the zygote, with the part of subprocess.Popen's interface that the tests use."""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from flovify.cli.up import nursery

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
        self._socket: socket.socket | None = None
        self._told = threading.Condition()
        self._numbers = itertools.count()
        self._forked: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._gone = False

    def fork(self, args: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path) -> Forked:
        """Run `flovify <args>` with only these variables."""
        zygote = self._socket or self._begin()
        arguments, number = [*nursery.FLOVIFY, *args], next(self._numbers)
        wanted = {"id": number, "arguments": arguments, "environment": dict(env), "directory": str(cwd)}
        with log.open("ab") as output:
            socket.send_fds(zygote, [json.dumps(wanted).encode()], [output.fileno()])
        with self._told:
            assert self._told.wait_for(lambda: number in self._forked or self._gone, 60)
            assert number in self._forked, "the zygote has ended"
            return Forked(self, self._forked[number], args)

    def status(self, pid: int, timeout: float | None) -> int | None:
        """How the process ended; None when it has not after `timeout` seconds."""
        with self._told:
            self._told.wait_for(lambda: pid in self._ended, timeout)
            return self._ended.get(pid)

    def _begin(self) -> socket.socket:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.zygote", str(its.fileno())],
                cwd=_ROOT, stdin=subprocess.DEVNULL, pass_fds=[its.fileno()], start_new_session=True,
            )  # fmt: skip
        threading.Thread(target=self._listen, args=(ours,), daemon=True).start()
        atexit.register(_end, ours, process)
        self._socket = ours
        return ours

    def _listen(self, zygote: socket.socket) -> None:
        while message := zygote.recv(nursery.MESSAGE_BYTES):
            said: dict[str, int] = json.loads(message)
            with self._told:
                if "pid" in said:
                    self._ended.pop(said["pid"], None)
                    self._forked[said["id"]] = said["pid"]
                else:
                    self._ended[said["ended"]] = said["status"]
                self._told.notify_all()
        with self._told:
            self._gone = True
            self._told.notify_all()


def _end(zygote: socket.socket, process: subprocess.Popen[bytes]) -> None:
    zygote.shutdown(socket.SHUT_WR)
    process.wait()
    zygote.close()


ZYGOTE = Zygote()
