"""Taking readings and showing the last one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from prometheus_client.core import GaugeMetricFamily

from flovify.common.clock import Clock
from flovify.common.db import DATABASE_ERRORS, Pool
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask
from flovify.common.readings.models import Figure, Reading, Values
from flovify.common.readings.store import ReadingStore

TAKE_SECONDS = 10.0
# Well below the ten seconds that a scraper waits.
_READ_SECONDS = 3.0
AGE = Figure("flovify_readings_age_seconds", "Age of the figures that are counted once for all processes.", ("of",))


class Readings:
    """The figures of one schema. One process at a time takes a reading, all of them show it."""

    def __init__(self, store: ReadingStore, clock: Clock, figures: Sequence[Figure]) -> None:
        self._store = store
        self._clock = clock
        self._figures = figures
        self._last: tuple[Reading, float] | None = None

    def task(self, pool: Pool, take: Callable[[], Awaitable[Values]]) -> PeriodicTask:
        """The work of whoever takes the readings: once every ten seconds, however many processes there are."""

        async def run() -> None:
            await self._store.put(await take())

        return PeriodicTask(pool, self._store.schema, "take_readings", TAKE_SECONDS, run)

    async def last(self) -> Reading | None:
        """The last reading. While the database is away it is the last one this process saw, and its age grows."""
        try:
            async with asyncio.timeout(_READ_SECONDS):
                found = await self._store.get()
        except DATABASE_ERRORS as error:
            get_logger().warning("readings_not_seen", of=self._store.schema, error=type(error).__name__)
        else:
            self._last = (found, self._clock.monotonic()) if found else None
        if self._last is None:
            return None
        reading, seen_at = self._last
        return replace(reading, age_seconds=reading.age_seconds + self._clock.monotonic() - seen_at)

    async def families(self) -> list[GaugeMetricFamily]:
        """For the scraper: the figures there are, and how old they are. Nothing before the first reading."""
        reading = await self.last()
        if reading is None:
            return []
        values: Values = {**reading.values, AGE.name: {(self._store.schema,): reading.age_seconds}}
        return [_family(figure, values[figure.name]) for figure in (*self._figures, AGE) if figure.name in values]


def _family(figure: Figure, values: dict[tuple[str, ...], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(figure.name, figure.help, labels=figure.labels)
    for labels, value in values.items():
        family.add_metric(labels, value)
    return family
