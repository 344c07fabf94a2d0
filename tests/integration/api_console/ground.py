"""Rows as the services would have written them, for what would take hours to happen."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flovify.api.queue.models import new_event_id
from flovify.common.db import Pool
from tests.integration.api_graph.fake_auth import FakeAuth, Tenant


def tenant(auth: FakeAuth, email: str = "", **shown: Any) -> uuid.UUID:
    """An account that auth knows; `shown` replaces what its list says."""
    tenant_id = uuid.uuid4()
    token_type = shown.pop("token_type", "delegated")
    made = Tenant(email=email or f"{tenant_id.hex[:8]}@contoso.example", token_type=token_type, shown=shown)
    made.object_id = str(uuid.uuid4())
    auth.tenants[tenant_id] = made
    return tenant_id


async def subscription(pool: Pool, tenant_id: uuid.UUID, **columns: Any) -> uuid.UUID:
    """An active subscription that ends in six days, unless `columns` say otherwise."""
    now = datetime.now(UTC)
    row: dict[str, Any] = {
        "id": uuid.uuid4(),
        "tenant_id": tenant_id,
        "provider": "ms365",
        "subscription_id": str(uuid.uuid4()),
        "resource": f"users/{uuid.uuid4()}/mailFolders('inbox')/messages",
        "change_types": ["created"],
        "expires_at": now + timedelta(days=6),
        "next_renewal_at": now + timedelta(days=5),
        "status": "active",
        "validation_ms": 120,
        **columns,
    }
    names = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO api.webhook_subscriptions ({names}) VALUES ({places})", *row.values())
    found: uuid.UUID = row["id"]
    return found


async def message(
    pool: Pool, tenant_id: uuid.UUID, stored_at: datetime | None = None, subject: str = "Hello"
) -> uuid.UUID:
    """A stored message."""
    moment = stored_at or datetime.now(UTC)
    found: uuid.UUID = await pool.fetchval(
        "INSERT INTO api.messages (tenant_id, provider, provider_message_id, subject, received_at, stored_at, "
        "content_at) VALUES ($1, 'ms365', $2, $3, $4, $4, $4) RETURNING id",
        tenant_id,
        uuid.uuid4().hex,
        subject,
        moment,
    )
    return found


async def event(pool: Pool, tenant_id: uuid.UUID, row_id: uuid.UUID | None = None, **columns: Any) -> uuid.UUID:
    """An event in the inbox, waiting unless `columns` say otherwise."""
    event_id = new_event_id()
    row: dict[str, Any] = {
        "id": event_id,
        "tenant_id": tenant_id,
        "provider": "ms365",
        "event_key": uuid.uuid4().hex,
        "subscription_row_id": row_id or uuid.uuid4(),
        "kind": "change",
        "change_type": "created",
        "message_id": uuid.uuid4().hex,
        "correlation_id": event_id,
        "item": {"changeType": "created"},
        **columns,
    }
    names = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO api.inbox ({names}) VALUES ({places})", *row.values())
    return event_id


async def dead_letter(pool: Pool, tenant_id: uuid.UUID, reason: str = "bad_request", **columns: Any) -> uuid.UUID:
    """An event that died just now."""
    died: dict[str, Any] = {
        "state": "dead",
        "reason": reason,
        "died_at": datetime.now(UTC),
        "last_error": "400 ErrorInvalidRequest",
    }
    return await event(pool, tenant_id, **(died | columns))


async def settled(pool: Pool, tenant_id: uuid.UUID, row_id: uuid.UUID | None = None, **columns: Any) -> uuid.UUID:
    """An event in the ledger, stored unless `columns` say otherwise."""
    event_id = new_event_id()
    row: dict[str, Any] = {
        "id": event_id,
        "tenant_id": tenant_id,
        "provider": "ms365",
        "event_key": uuid.uuid4().hex,
        "subscription_row_id": row_id or uuid.uuid4(),
        "message_id": uuid.uuid4().hex,
        "correlation_id": event_id,
        "change_type": "created",
        **columns,
    }
    names = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await pool.execute(f"INSERT INTO api.webhook_events ({names}) VALUES ({places})", *row.values())
    return event_id


async def blocked(pool: Pool, tenant_id: uuid.UUID, reason: str, seconds: float = 60, failures: int = 1) -> None:
    """A mailbox that waits."""
    await pool.execute(
        "INSERT INTO api.mailbox_leases (tenant_id, blocked_until, block_reason, failures) "
        "VALUES ($1, clock_timestamp() + make_interval(secs => $2), $3, $4)",
        tenant_id,
        float(seconds),
        reason,
        failures,
    )
