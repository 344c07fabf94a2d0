"""The api's figures of accounts, from PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flovify.api.accounts.models import Figures
from flovify.api.accounts.schemas import LastMessage
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.accounts")
_COUNTS = (
    "subscriptions",
    "active",
    "polled",
    "expired",
    "failing",
    "waiting",
    "retrying",
    "dead_letters",
    "dead_recent",
    "failures",
)
_AS_THEY_ARE = (
    "subscription_error",
    "gap_error",
    "next_expiry",
    "last_renewed_at",
    "last_died_at",
    "last_error",
    "blocked_until",
    "block_reason",
    "last_message_at",
    "last_notification_at",
    "missed_at",
)


class FigureStore:
    """Reads subscriptions, queue, ledger and messages by account."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def figures(self, tenant_ids: Iterable[uuid.UUID], now: datetime) -> dict[uuid.UUID, Figures]:
        """The figures of each of these accounts."""
        rows = await self._pool.fetch(_QUERIES["figures"], list(tenant_ids), now)
        return {row["tenant_id"]: _figures(dict(row)) for row in rows}

    async def last_messages(self, tenant_id: uuid.UUID) -> list[LastMessage]:
        """The five messages stored last."""
        rows = await self._pool.fetch(_QUERIES["last_messages"], tenant_id)
        return [LastMessage(**dict(row)) for row in rows]


def _figures(row: Mapping[str, Any]) -> Figures:
    values: dict[str, Any] = {name: row[name] or 0 for name in _COUNTS}
    values |= {name: row[name] for name in _AS_THEY_ARE}
    return Figures(**values, messages_24h=_by_hour(row["hours"] or (), row["counts"] or ()))


def _by_hour(hours: Sequence[int], counts: Sequence[int]) -> tuple[int, ...]:
    found = dict(zip(hours, counts, strict=True))
    return tuple(found.get(hour, 0) for hour in range(24))
