"""The supervisor's side of the nursery: processes that are forked there, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import json
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from flovify.cli.up import nursery

_ANSWER_SECONDS = 60.0


class Forked:
    """One process; `output` is what it writes."""

    def __init__(self, pid: int, output: asyncio.StreamReader) -> None:
        self.pid = pid
        self.output = output
        self.returncode: int | None = None
        self._end = asyncio.Event()

    async def wait(self) -> int:
        """The exit status (negative: the signal) once it has ended."""
        await self._end.wait()
        return self.returncode or 0

    def note_end(self, status: int) -> None:
        self.returncode = status
        self._end.set()

    def signal(self, number: signal.Signals) -> None:
        """To the process and everything it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)


class Nursery:
    """The process that has loaded what all services need; begun anew when it has ended.

    `environment` is what it loads with, and what others see of the processes in /proc: nothing secret.
    """

    def __init__(self, environment: Mapping[str, str], modules: Sequence[str] = nursery.PRELOADED) -> None:
        self._environment, self._modules = environment, modules
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._numbers = itertools.count()
        self._awaited: dict[int, tuple[asyncio.Future[Forked], asyncio.StreamReader]] = {}
        self._running: dict[int, Forked] = {}

    def begin(self) -> None:
        """Let it load. Only from the main thread (`parent.die_with`), in the event loop that is to use it."""
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with its:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                nursery.command(its.fileno(), self._modules),
                env={**self._environment, **nursery.VARIABLES},
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
                start_new_session=True,  # Ctrl-C reaches only the supervisor, which then ends the processes in order
            )
        self._socket = ours
        asyncio.get_running_loop().add_reader(ours, self._listen, ours)

    async def fork(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Forked:
        """Start a process with only these variables, in this working directory. OSError when that cannot be."""
        if self._socket is None:
            self.begin()
        reading, writing = os.pipe()
        number, answer = next(self._numbers), asyncio.get_running_loop().create_future()
        try:
            output = await _reader(reading)
            self._send(number, arguments, environment, writing)
            self._awaited[number] = (answer, output)
            return await asyncio.wait_for(answer, _ANSWER_SECONDS)
        except TimeoutError:
            raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT)) from None
        finally:
            os.close(writing)

    def _send(self, number: int, arguments: Sequence[str], environment: Mapping[str, str], output: int) -> None:
        request = {
            "id": number,
            "arguments": [*arguments],
            "environment": {**environment},
            "directory": str(Path.cwd()),
        }
        if self._socket is None:
            raise OSError(errno.EPIPE, os.strerror(errno.EPIPE))
        socket.send_fds(self._socket, [json.dumps(request).encode()], [output])

    def _listen(self, ours: socket.socket) -> None:
        try:
            message = ours.recv(nursery.MESSAGE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._has_ended(ours)
            return
        said: dict[str, int] = json.loads(message)
        if "ended" in said:
            self._running.pop(said["ended"]).note_end(said["status"])
            return
        answer, output = self._awaited.pop(said["id"])
        forked = self._running[said["pid"]] = Forked(said["pid"], output)
        if answer.done():  # nobody waits for it any more
            forked.signal(signal.SIGKILL)
        else:
            answer.set_result(forked)

    def _has_ended(self, ours: socket.socket) -> None:
        """Nobody would tell how its processes end: they end now. The next that is wanted begins another."""
        asyncio.get_running_loop().remove_reader(ours)
        ours.close()
        self._socket = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        for answer, _ in self._awaited.values():
            if not answer.done():
                answer.set_exception(OSError(errno.ECHILD, "the nursery has ended"))
        for forked in self._running.values():
            forked.signal(signal.SIGKILL)
            forked.note_end(-signal.SIGKILL)
        self._awaited.clear()
        self._running.clear()

    def end(self) -> None:
        """End it, and with it whatever of its processes still runs."""
        if self._socket is not None:
            self._has_ended(self._socket)


async def _reader(descriptor: int) -> asyncio.StreamReader:
    """Raises nothing: a pipe of ours can be read."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader
