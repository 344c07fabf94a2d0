"""The embedded PostgreSQL under supervision: a server that ends is started again until it stays."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time

from flovify.cli.up.backoff import Backoff
from flovify.cli.up.errors import ConfigurationError, PostgresError
from flovify.cli.up.output import Printer
from flovify.cli.up.postgres import EmbeddedPostgres

_NAME = "postgres"
# After a full disk it must write again within ten seconds of the space being there.
_RESTART_LIMIT_SECONDS = 4.0


class KeptPostgres:
    """`start`, then it stays up until `stop`. The blocking calls run in threads; the loop is never held."""

    def __init__(self, postgres: EmbeddedPostgres, printer: Printer) -> None:
        self._postgres = postgres
        self._printer = printer
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Raises PostgresError or ConfigurationError when the first start fails."""
        await self._start_in_thread()
        self._keeper = asyncio.create_task(self._keep())

    async def _start_in_thread(self) -> None:
        work = asyncio.create_task(asyncio.to_thread(self._postgres.start))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            # The thread cannot be cancelled: it is asked to give up, and its server must not outlive us unnoticed.
            self._postgres.interrupt()
            with contextlib.suppress(PostgresError, ConfigurationError):
                await work
            raise

    async def _keep(self) -> None:
        backoff = Backoff(first=0.2, limit=_RESTART_LIMIT_SECONDS, healthy_seconds=30.0)
        while True:
            started = time.monotonic()
            await self._ended()
            problem = "it ended"
            while problem:
                delay = backoff.after(time.monotonic() - started)
                self._printer.child_line(_NAME, f"{problem}; starts again in {delay:g} s")
                await asyncio.sleep(delay)
                started = time.monotonic()
                problem = await self._try_start()
            self._printer.child_line(_NAME, "runs again")

    async def _try_start(self) -> str:
        """Empty when it runs, else why not."""
        try:
            await self._start_in_thread()
        except (PostgresError, ConfigurationError, OSError) as error:
            return str(error)
        return ""

    async def _ended(self) -> None:
        """Waits, without polling, until the server process is gone."""
        pid = self._postgres.pid
        if pid is None:
            return
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return
        gone = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(descriptor, gone.set)
        try:
            await gone.wait()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)

    async def stop(self) -> None:
        """Fast shutdown; returns when no process of the cluster is left."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        await asyncio.to_thread(self._postgres.stop)

    def kill(self) -> None:
        """Asks for a fast shutdown and does not wait for it."""
        if self._keeper is not None:
            self._keeper.cancel()
        self._postgres.interrupt()
        self._postgres.ask_to_stop()
