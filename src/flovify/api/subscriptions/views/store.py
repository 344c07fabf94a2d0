"""Subscriptions as they are shown, from PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flovify.api.subscriptions.views.models import Lifecycle, SubscriptionView
from flovify.common.db import Pool, load_queries

_QUERIES = load_queries("flovify.api.subscriptions.views")


class SubscriptionViewStore:
    """Reads api.webhook_subscriptions with the ledger's word on them."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def list(self, tenant_id: uuid.UUID | None = None) -> tuple[SubscriptionView, ...]:
        """All, or all of a tenant, in the order of making."""
        rows = await self._pool.fetch(_QUERIES["list"], tenant_id, None)
        return tuple(_view(dict(row)) for row in rows)

    async def get(self, row_id: uuid.UUID) -> SubscriptionView | None:
        row = await self._pool.fetchrow(_QUERIES["list"], None, row_id)
        return _view(dict(row)) if row else None

    async def last_notifications(self, views: Sequence[SubscriptionView]) -> dict[uuid.UUID, datetime | None]:
        """When each of these last announced something."""
        ids, tenants = [view.id for view in views], [view.tenant_id for view in views]
        rows = await self._pool.fetch(_QUERIES["last_notifications"], ids, tenants)
        return {row["id"]: row["at"] for row in rows}


def _view(row: Mapping[str, Any]) -> SubscriptionView:
    values = {name: row[name] for name in SubscriptionView.__dataclass_fields__ if name in row}
    at = row["lifecycle_at"]
    lifecycle = Lifecycle(at, row["lifecycle_kind"] or "", row["lifecycle_outcome"]) if at else None
    return SubscriptionView(**values | {"change_types": tuple(row["change_types"] or ()), "last_lifecycle": lifecycle})
