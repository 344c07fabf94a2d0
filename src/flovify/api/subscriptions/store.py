"""Subscriptions in PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flovify.api.subscriptions.models import Status, Subscription
from flovify.common.db import Connection, Pool, load_queries, storable

_MAX_ERROR_TEXT = 1000
_QUERIES = load_queries("flovify.api.subscriptions")


@dataclass(frozen=True)
class Target:
    """Where a subscription's notifications go, whose mailbox it watches, and the hash of its secret."""

    notification_url: str
    lifecycle_url: str
    external_user_id: str
    external_tenant_id: str
    client_state_hash: bytes
    client_state_key_id: str


class SubscriptionStore:
    """Rows of api.webhook_subscriptions. Methods with a tenant see no other tenant's rows."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def reserve(
        self,
        row_id: uuid.UUID,
        tenant_id: uuid.UUID,
        provider: str,
        resource: str,
        change_types: tuple[str, ...],
        expires_at: datetime,
        target: Target,
    ) -> Subscription | None:
        """A new row in state creating, or None when this combination has one already."""
        row = await self._pool.fetchrow(
            _QUERIES["reserve"],
            row_id,
            tenant_id,
            provider,
            resource,
            list(change_types),
            expires_at,
            target.client_state_hash,
            target.notification_url,
            target.lifecycle_url,
            target.external_user_id,
            target.external_tenant_id,
            target.client_state_key_id,
        )
        return _model(dict(row)) if row else None

    async def reserve_polled(
        self,
        row_id: uuid.UUID,
        tenant_id: uuid.UUID,
        provider: str,
        resource: str,
        change_types: tuple[str, ...],
        look_at: datetime,
        owner: tuple[str, str],
    ) -> Subscription | None:
        """Write the row of a folder that is polled; None when there is one. `owner`: mailbox and organisation there."""
        row = await self._pool.fetchrow(
            _QUERIES["reserve_polled"], row_id, tenant_id, provider, resource, list(change_types), look_at, *owner
        )
        return _model(dict(row)) if row else None

    async def poll(self, seen: Subscription, look_at: datetime) -> Subscription | None:
        """From now on it is polled; None when the row changed since it was seen."""
        row = await self._pool.fetchrow(_QUERIES["poll"], seen.id, seen.updated_at, look_at)
        return _model(dict(row)) if row else None

    async def take_over(self, seen: Subscription, target: Target, crashed_before: datetime) -> Subscription | None:
        """Put the row into state creating under a new secret; None when it changed since, or is being made."""
        row = await self._pool.fetchrow(
            _QUERIES["take_over"],
            seen.id,
            seen.updated_at,
            target.client_state_hash,
            crashed_before,
            target.notification_url,
            target.lifecycle_url,
            target.external_user_id,
            target.external_tenant_id,
            target.client_state_key_id,
        )
        return _model(dict(row)) if row else None

    async def activate(
        self,
        row_id: uuid.UUID,
        subscription_id: str,
        expires_at: datetime,
        next_renewal_at: datetime,
        renewed_at: datetime | None,
        client_state_hash: bytes,
        validation_ms: int,
    ) -> Subscription | None:
        """Note Graph's answer; None when the row is gone or was taken over meanwhile."""
        row = await self._pool.fetchrow(
            _QUERIES["activate"],
            row_id,
            subscription_id,
            expires_at,
            next_renewal_at,
            renewed_at,
            client_state_hash,
            validation_ms,
        )
        return _model(dict(row)) if row else None

    async def renewed(
        self, row_id: uuid.UUID, subscription_id: str, expires_at: datetime, next_renewal_at: datetime
    ) -> Subscription | None:
        """Note the new expiry; None when the row is gone or belongs to another Graph subscription by now."""
        row = await self._pool.fetchrow(_QUERIES["renewed"], row_id, subscription_id, expires_at, next_renewal_at)
        return _model(dict(row)) if row else None

    async def note_failure(
        self, row_id: uuid.UUID, error: str, next_renewal_at: datetime, status: Status | None = None
    ) -> None:
        """Keep why a try failed; `status` None leaves the state as it is."""
        await self._pool.execute(
            _QUERIES["note_failure"], row_id, status, storable(error, _MAX_ERROR_TEXT), next_renewal_at
        )

    async def lose(self, row_id: uuid.UUID) -> None:
        """Note that the provider has it no more."""
        await self._pool.execute(_QUERIES["lose"], row_id)

    async def get(self, row_id: uuid.UUID, tenant_id: uuid.UUID | None = None) -> Subscription | None:
        row = await self._pool.fetchrow(_QUERIES["get"], row_id, tenant_id)
        return _model(dict(row)) if row else None

    async def get_by_provider_id(self, provider: str, subscription_id: str) -> Subscription | None:
        row = await self._pool.fetchrow(_QUERIES["get_by_provider_id"], provider, subscription_id)
        return _model(dict(row)) if row else None

    async def find(
        self, tenant_id: uuid.UUID, provider: str, resource: str, change_types: tuple[str, ...]
    ) -> Subscription | None:
        row = await self._pool.fetchrow(_QUERIES["find"], tenant_id, provider, resource, list(change_types))
        return _model(dict(row)) if row else None

    async def list_of_tenant(self, tenant_id: uuid.UUID) -> tuple[Subscription, ...]:
        rows = await self._pool.fetch(_QUERIES["list_of_tenant"], tenant_id)
        return tuple(_model(dict(row)) for row in rows)

    async def list_due(
        self, now: datetime, expiring_before: datetime, crashed_before: datetime, limit: int
    ) -> tuple[Subscription, ...]:
        """What should be renewed or made anew now, the soonest to end first."""
        rows = await self._pool.fetch(_QUERIES["list_due"], now, expiring_before, crashed_before, limit)
        return tuple(_model(dict(row)) for row in rows)

    async def end_overdue(self, now: datetime) -> tuple[Subscription, ...]:
        """Those that had passed for active beyond their end; they are failed and due now."""
        rows = await self._pool.fetch(_QUERIES["end_overdue"], now)
        return tuple(_model(dict(row)) for row in rows)

    async def take_unproven(self, limit: int) -> tuple[Subscription, ...]:
        """Active ones that nobody else proves now and whose proof is due, the longest overdue first."""
        rows = await self._pool.fetch(_QUERIES["take_unproven"], limit)
        return tuple(_model(dict(row)) for row in rows)

    async def prove(self, row_id: uuid.UUID, subscription_id: str, by: str, expires_at: datetime | None = None) -> None:
        """Note that the provider has it, and when it ends there."""
        await self._pool.execute(_QUERIES["prove"], row_id, subscription_id, by, expires_at)

    async def hasten(self, tenant_id: uuid.UUID, now: datetime) -> None:
        """Make what waits after a failure due now."""
        await self._pool.execute(_QUERIES["hasten"], tenant_id, now)

    async def tenants(self) -> tuple[uuid.UUID, ...]:
        """All accounts that have a subscription here."""
        return tuple(row["tenant_id"] for row in await self._pool.fetch(_QUERIES["tenants"]))

    async def is_any_being_made(self) -> bool:
        found: bool = await self._pool.fetchval(_QUERIES["is_any_being_made"])
        return found

    async def delete(self, row_id: uuid.UUID) -> None:
        await self._pool.execute(_QUERIES["delete"], row_id)


async def delete_of_tenant(connection: Connection, tenant_id: uuid.UUID) -> None:
    """Remove all rows of a tenant, within the caller's transaction."""
    await connection.execute(_QUERIES["delete_of_tenant"], tenant_id)


def _model(row: Mapping[str, Any]) -> Subscription:
    same = (
        "id tenant_id provider subscription_id resource expires_at created_at updated_at last_renewed_at "
        "next_renewal_at renewal_failures notification_url last_error last_error_at client_state_key_id"
    )
    return Subscription(
        **{name: row[name] for name in same.split()},
        change_types=tuple(row["change_types"] or ()),
        status=Status(row["status"]),
    )
