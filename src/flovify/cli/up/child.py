"""One process of the installation: started with its own variables, its lines passed on, ended in order."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flovify.cli.up.forked import Forked, Nursery
from flovify.cli.up.output import Printer

_LINE_LIMIT = 64 * 1024


@dataclass(frozen=True)
class ChildSpec:
    """What to run. ``environment`` is all the process is given; ``ready_url`` answers 200 once it can work, and
    ``live_url`` as long as the process does anything at all.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    ready_url: str | None = None
    live_url: str | None = None


class Child:
    """A running process. Its output is read until it ends, so it never blocks on a full pipe."""

    def __init__(self, spec: ChildSpec, nursery: Nursery, printer: Printer) -> None:
        self.spec = spec
        self.last_lines: deque[str] = deque(maxlen=20)
        self._nursery = nursery
        self._printer = printer
        self._process: Forked | None = None
        self._pump: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts the process. OSError when the system refuses."""
        self._process = await self._nursery.fork(self.spec.arguments, self.spec.environment)
        self._pump = asyncio.create_task(self._pass_on_lines(self._process.output))

    async def wait(self) -> int:
        """The exit status (negative: the signal) once the process has ended and its last line was passed on."""
        if self._process is None:
            return 0
        status = await self._process.wait()
        if self._pump is not None:
            # A grandchild may hold the pipe open; what it writes later is not waited for.
            await asyncio.wait([self._pump], timeout=1)
        return status

    def last_words(self) -> str:
        """The last line it wrote that says something; empty when there was none."""
        lines = [line for line in self.last_lines if line.strip()]
        return lines[-1].removeprefix("flovify: ") if lines else ""

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def stop(self, drain_seconds: float) -> None:
        """SIGTERM, and SIGKILL for the whole process group after ``drain_seconds``."""
        if not self.alive:
            return
        self._signal(signal.SIGTERM)
        self._signal(signal.SIGCONT)
        try:
            await asyncio.wait_for(self.wait(), drain_seconds)
        except TimeoutError:
            self._printer.child_line(self.spec.name, f"did not end within {drain_seconds:.0f} s: killed")
            self.kill()
            await self.wait()

    def kill(self) -> None:
        """SIGKILL for the process and everything it started."""
        if self.alive:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.signal(number)

    async def _pass_on_lines(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(_LINE_LIMIT):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._pass_on(line)
            if len(rest) > _LINE_LIMIT:
                self._pass_on(rest)
                rest = b""
        if rest:
            self._pass_on(rest)

    def _pass_on(self, line: bytes) -> None:
        text = line.decode(errors="replace").rstrip("\r")
        self.last_lines.append(text)
        self._printer.child_line(self.spec.name, text)
