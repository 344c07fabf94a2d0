"""The timeline of subscriptions in PostgreSQL."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flovify.common.db import Pool, load_queries, storable

LIFECYCLE = ("reauthorizationRequired", "subscriptionRemoved", "missed")
KEPT_DAYS = 180
_LIMIT = 200
_MAX_DETAIL = 1000
_QUERIES = load_queries("flovify.api.subscriptions.timeline")


class Happening(StrEnum):
    """What we did or noticed ourselves.

    `LOST`: Microsoft said at a renewal that it has the subscription no more. `DIFFERENCE`: its notifications say
    something otherwise than we know it. `POLLED`: from then on the folder is polled. `CAUGHT_UP`: what may have been
    missed was looked for.
    """

    CREATED = "created"
    CREATED_FAILED = "created_failed"
    RENEWED = "renewed"
    RECREATED = "recreated"
    RENEWAL_FAILED = "renewal_failed"
    LOST = "subscriptionRemoved"
    REMOVED = "removed"
    EXPIRED = "expired"
    POLLED = "polled"
    DIFFERENCE = "difference"
    CAUGHT_UP = "caught_up"


@dataclass(frozen=True)
class TimelineEntry:
    """One thing that happened; `attempts` counts repetitions of the same failure, `at` is the last of them."""

    at: datetime
    kind: str
    outcome: str
    detail: str
    attempts: int


class Timeline:
    """Rows of api.subscription_events, with the lifecycle notifications of the ledger."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(
        self, row_id: uuid.UUID, tenant_id: uuid.UUID, kind: Happening, outcome: str = "ok", detail: str = ""
    ) -> None:
        """Note what happened; a failure like the last one is counted there."""
        text = storable(detail, _MAX_DETAIL)
        async with self._pool.acquire() as connection:
            repeats = outcome != "ok" and await connection.fetchval(
                _QUERIES["repeat"], row_id, kind.value, outcome, text
            )
            if not repeats:
                await connection.execute(_QUERIES["add"], row_id, tenant_id, kind.value, outcome, text)

    async def list(self, row_id: uuid.UUID) -> tuple[TimelineEntry, ...]:
        """The last 200 things that happened to a subscription, the last first, also of one that is gone."""
        rows = await self._pool.fetch(_QUERIES["list"], row_id, _LIMIT, list(LIFECYCLE))
        return tuple(TimelineEntry(**row) for row in rows)

    async def delete_old(self) -> None:
        await self._pool.execute(_QUERIES["delete_old"], KEPT_DAYS)
