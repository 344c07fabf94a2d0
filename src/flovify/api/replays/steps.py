"""A replay's steps. Any worker may take the next one; a worker that dies in the middle leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib

from flovify.api.replays.models import ReplayState
from flovify.common.db import DATABASE_ERRORS, Connection, Pool, load_queries
from flovify.common.logs import get_logger

IDLE_SECONDS = 1.0
_QUERIES = load_queries("flovify.api.replays")


async def take_step(pool: Pool) -> bool:
    """Do the step of one replay that is due, in one transaction under the row's lock; False when none is due.

    A step looks what became of those put back, and puts the next ones back: as many as a second allows, since the next
    step is due in a second.
    """
    async with pool.acquire() as connection, connection.transaction():
        due = await connection.fetchrow(_QUERIES["next_due"])
        if due is None:
            return False
        ended = await connection.fetchrow(_QUERIES["look"], due["id"])
        back, skipped = 0, 0
        if due["state"] == ReplayState.RUNNING:
            back, skipped = await _put_back(connection, due["id"], due["per_second"])
        if ended is None:
            raise LookupError("an aggregate without a row")
        over = ended["done"] + ended["failed_again"] + ended["skipped"]
        skipped += ended["skipped"]
        counts = (ended["done"], ended["failed_again"], skipped, back - over)
        await connection.execute(_QUERIES["count_step"], due["id"], *counts)
        if await connection.fetchval(_QUERIES["finish_if_over"], due["id"]) is not None:
            get_logger().info("replay_ended", replay=str(due["id"]))
    return True


async def _put_back(connection: Connection, replay_id: object, count: int) -> tuple[int, int]:
    row = await connection.fetchrow(_QUERIES["put_back"], replay_id, count)
    return (row["waiting"], row["skipped"]) if row is not None else (0, 0)


async def carry_on(pool: Pool, stop: asyncio.Event) -> None:
    """Take steps until `stop` is set; while none is due, look again every second."""
    while not stop.is_set():
        try:
            worked = await take_step(pool)
        except DATABASE_ERRORS as error:
            get_logger().warning("replay_step_failed", error=type(error).__name__)
            worked = False
        if not worked:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await stop.wait()
