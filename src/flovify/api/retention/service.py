"""Keeps the tables from growing without end: what is older than was asked for goes, slowly, and is archived first.

Batches are small, and the time between two is several times what the last one took: whoever takes notifications or
reads messages meanwhile does not notice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

from prometheus_client import Counter

from flovify.api.dead_letters.models import Selection
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.retention.models import Keep, Taken, cutoff
from flovify.api.retention.store import RetentionStore
from flovify.common.archive import Archive
from flovify.common.logs import get_logger
from flovify.common.pace import Pause, rest_seconds, wait

EVERY_SECONDS = 3600.0
BATCH = 500
# Emptying one touches the index of its words: a hundred take 0.1 seconds, as 2,000 events do (docs/deploy.md).
MESSAGE_BATCH = 100
# An hour's run ends in time for the next.
RUN_SECONDS = 2400.0
PRUNED = Counter("flovify_retention_pruned_total", "Rows removed because their time was over", ["kind"])


class Retention:
    """One run an hour, by one worker at a time; when that is told to stop, the batch in hand is the last."""

    def __init__(
        self,
        store: RetentionStore,
        dead_letters: DeadLetterService,
        keep: Keep,
        archive: Archive | None,
        *,
        batch: int = BATCH,
        message_batch: int = MESSAGE_BATCH,
        pause: Pause = wait,
    ) -> None:
        self._store = store
        self._dead_letters = dead_letters
        self._keep = keep
        self._archive = archive
        self._batch = batch
        self._message_batch = message_batch
        self._pause = pause

    async def clear_out(self, stop: asyncio.Event) -> None:
        """All kinds. Raises what the database or the archive's disk raises; then nothing is lost."""
        now, ends = await self._store.now(), time.monotonic() + RUN_SECONDS
        if (before := cutoff(now, self._keep.dead_letters)) is not None:
            await self._give_up(before, stop)
            await self._take("discarded", before, ends, stop)
        if (before := cutoff(now, self._keep.events)) is not None:
            await self._store.delete_replays(before)
            await self._take("events", before, ends, stop)
        if (before := cutoff(now, self._keep.messages)) is not None:
            await self._take("messages", before, ends, stop)

    async def _give_up(self, before: datetime, stop: asyncio.Event) -> None:
        """Dead letters that nobody has looked after: discarded, and restorable as long again."""
        why = f"nobody replayed or discarded it within {self._keep.dead_letters} days"
        while not stop.is_set() and (ids := await self._store.old_dead_letters(before, self._batch)):
            given_up = await self._dead_letters.discard(None, Selection(ids=ids), why)
            PRUNED.labels("dead_letters").inc(given_up)
            if not given_up:
                return

    async def _take(self, kind: str, before: datetime, ends: float, stop: asyncio.Event) -> None:
        batch = self._message_batch if kind == "messages" else self._batch
        count, took = 0, batch
        while took == batch and time.monotonic() < ends and not stop.is_set():
            began = time.monotonic()
            took = await self._store.take(kind, before, batch, lambda rows: self._put_away(kind, rows))
            count += took
            PRUNED.labels(kind).inc(took)
            if took == batch:
                await self._pause(stop, rest_seconds(began))
        if count:
            get_logger().info("retention", kind=kind, removed=count, before=before.isoformat())

    def _put_away(self, kind: str, rows: Sequence[Taken]) -> None:
        if self._archive is not None:
            lines = (row.line for row in rows)
            self._archive.write(kind, rows[0].at, (rows[0].id, rows[-1].id), lines)
