"""Keeps processes running: start, readiness, restart with backoff of what ended or hangs, orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable

from flovify.cli.up.asking import answers
from flovify.cli.up.backoff import Backoff
from flovify.cli.up.child import Child, ChildSpec
from flovify.cli.up.errors import EXIT_CONFIGURATION, ConfigurationError, StartError
from flovify.cli.up.forked import Nursery
from flovify.cli.up.liveness import Patience, kill_when_silent
from flovify.cli.up.output import Printer

READY_SECONDS = 120.0
DRAIN_SECONDS = 20.0  # the services give themselves 8; a busy machine takes its time to end a process
_POLL_SECONDS = 0.05
_ANSWER_SECONDS = 3.0


class Supervisor:
    """One task a process. A process that keeps dying never delays the others.

    ``nursery`` is where they are forked; it ends with the last. ``make_backoff`` gives every process its own restart
    delays.
    """

    def __init__(
        self,
        nursery: Nursery,
        printer: Printer,
        *,
        drain_seconds: float = DRAIN_SECONDS,
        make_backoff: Callable[[], Backoff] = Backoff,
        patience: Patience = Patience(),
    ) -> None:
        self._nursery = nursery
        self._printer = printer
        self._drain_seconds = drain_seconds
        self._make_backoff = make_backoff
        self._patience = patience
        self._children: dict[str, Child] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._endings: dict[str, int] = {}
        self._last_words: dict[str, str] = {}
        self.restarts: dict[str, int] = {}

    def add(self, spec: ChildSpec) -> None:
        """Starts the process now and again whenever it ends, until `stop`."""
        self._children[spec.name] = Child(spec, self._nursery, self._printer)
        self.restarts[spec.name] = 0
        self._keepers[spec.name] = asyncio.create_task(self._keep(spec))

    def child(self, name: str) -> Child:
        return self._children[name]

    async def _keep(self, spec: ChildSpec) -> None:
        backoff = self._make_backoff()
        while True:
            started = time.monotonic()
            how = await self._live(spec.name)
            delay = backoff.after(time.monotonic() - started)
            self._printer.child_line(spec.name, f"ended ({how}); starts again in {delay:g} s")
            await asyncio.sleep(delay)
            self.restarts[spec.name] += 1
            self._children[spec.name] = Child(spec, self._nursery, self._printer)

    async def _live(self, name: str) -> str:
        """One life of the process; returns how it ended, in words."""
        child = self._children[name]
        try:
            await child.start()
        except OSError as error:
            return f"could not be started: {error.strerror}"
        watch = asyncio.create_task(kill_when_silent(child, self._patience, self._printer))
        try:
            self._endings[name] = await child.wait()
        finally:
            watch.cancel()
        self._last_words[name] = child.last_words()
        return describe(self._endings[name])

    async def wait_ready(self, name: str, seconds: float = READY_SECONDS) -> None:
        """Returns once the process answers 200 at its ready address.

        Raises ConfigurationError at once when it ended with exit status 78 (a setting it cannot use), StartError when
        it is not ready in time; both carry the last line it wrote.
        """
        deadline = time.monotonic() + seconds
        url = self._children[name].spec.ready_url
        while not (self._children[name].alive and (url is None or await answers(url, _ANSWER_SECONDS))):
            if self._endings.get(name) == EXIT_CONFIGURATION:
                raise ConfigurationError(f"{name} cannot start: {self._last_words[name]}")
            if time.monotonic() > deadline:
                words = self._children[name].last_words() or self._last_words.get(name) or "it wrote nothing"
                raise StartError(f"{name} is not ready after {seconds:.0f} s: {words}")
            await asyncio.sleep(_POLL_SECONDS)

    async def stop(self) -> None:
        """Ends all processes one after the other, the last added first; each has `drain_seconds`."""
        for name in reversed(list(self._children)):
            keeper = self._keepers[name]
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            if self._children[name].alive:
                await self._children[name].stop(self._drain_seconds)
        self._nursery.end()

    def kill(self) -> None:
        """Ends all processes at once."""
        for keeper in self._keepers.values():
            keeper.cancel()
        for child in self._children.values():
            child.kill()
        self._nursery.end()


def describe(status: int) -> str:
    """An exit status in words."""
    return f"killed by signal {-status}" if status < 0 else f"exit status {status}"
