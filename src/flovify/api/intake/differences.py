"""What a genuine notification says otherwise than its subscription's row: told, never a reason to drop it.

The secret is the proof. The other fields are repetitions of what the row knows, and Microsoft writes some of them
differently: no tenant for a personal account, an id in other letters.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator

from flovify.api.intake.metrics import DIFFERENCES
from flovify.api.intake.models import KnownSubscription
from flovify.api.intake.parse import Item, text
from flovify.api.subscriptions.timeline.store import Happening, Timeline
from flovify.common.db import DATABASE_ERRORS
from flovify.common.logs import get_logger

# The same difference comes with every notification of a subscription; one note an hour is enough to see it.
NOTE_SECONDS = 3600.0
_MAX_NOTED = 10_000
_MAX_SHOWN = 100


class Differences:
    """Counts differences, and notes them on the subscription's timeline. `stop` waits for notes under way."""

    def __init__(self, timeline: Timeline, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._timeline = timeline
        self._monotonic = monotonic
        self._noted: dict[tuple[uuid.UUID, str], float] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, item: Item, known: KnownSubscription) -> None:
        """Look at an item that was taken. Nobody waits for what is written of it."""
        for name, given in differences(item, known):
            DIFFERENCES.labels(name).inc()
            now = self._monotonic()
            if now - self._noted.get((known.id, name), -NOTE_SECONDS) < NOTE_SECONDS:
                continue
            if len(self._noted) >= _MAX_NOTED:
                self._noted.clear()
            self._noted[known.id, name] = now
            task = asyncio.create_task(self._write(known, f"Its notifications say {name} {given}."))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        await asyncio.gather(*self._tasks)

    async def _write(self, known: KnownSubscription, detail: str) -> None:
        try:
            await self._timeline.add(known.id, known.tenant_id, Happening.DIFFERENCE, "noticed", detail)
        except DATABASE_ERRORS as error:
            get_logger().warning("difference_not_noted", subscription=str(known.id), error=type(error).__name__)


def differences(item: Item, known: KnownSubscription) -> Iterator[tuple[str, str]]:
    """(field, what it says, in words) for each field that is another than the row's; letters' case does not count."""
    given_id = text(item.notification.subscription_id)
    if known.subscription_id is not None and (given_id or "").lower() != known.subscription_id.lower():
        yield "subscriptionId", _shown(given_id)
    tenant = text(item.notification.tenant_id)
    if tenant and known.external_tenant_id and tenant.lower() != known.external_tenant_id.lower():
        yield "tenantId", _shown(tenant)


def _shown(value: str | None) -> str:
    return "nothing" if value is None else value[:_MAX_SHOWN]
