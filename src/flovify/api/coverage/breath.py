"""Whether somebody takes notifications: a sign of life now and then, and a gap for every folder after a silence.

Microsoft tries for four hours to deliver a notification, and drops those for an endpoint that answers slowly or not at
all (graph/change-notifications-delivery-webhooks, 2026-04-22); what was dropped is announced never again.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import open_gaps
from flovify.common.db import DATABASE_ERRORS, Connection, Pool, load_queries, transact
from flovify.common.logs import get_logger

BREATH_SECONDS = 15.0
SILENCE = timedelta(minutes=5)
_INTAKE = "intake"
NOTIFICATION = "notification"
_QUERIES = load_queries("flovify.api.coverage")


class Breath:
    """The intake's sign of life, given by every api process for all of them together."""

    def __init__(self, pool: Pool, heard_at: Callable[[], datetime | None] = lambda: None) -> None:
        """`heard_at` says when this process stored its last genuine notification."""
        self._pool = pool
        self._heard_at = heard_at
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def breathe(self) -> int:
        """Give a sign of life; after a silence every folder has a gap. Says how many folders that were."""

        async def work(connection: Connection) -> int:
            if (heard := self._heard_at()) is not None:
                await connection.execute(_QUERIES["hear"], NOTIFICATION, heard)
            before: datetime | None = await connection.fetchval(_QUERIES["last_breath"], _INTAKE)
            now: datetime = await connection.fetchval(_QUERIES["breathe"], _INTAKE)
            if before is None or now - before < SILENCE:
                return 0
            get_logger().warning("intake_was_silent", since=before.isoformat())
            return await open_gaps(connection, Risk.PROCESS_DOWN, since=before)

        return await transact(self._pool, work)

    async def _run(self) -> None:
        while True:
            try:
                await self.breathe()
            except DATABASE_ERRORS as error:
                get_logger().warning("no_sign_of_life_given", error=type(error).__name__)
            await asyncio.sleep(BREATH_SECONDS * random.uniform(0.75, 1.25))  # noqa: S311
