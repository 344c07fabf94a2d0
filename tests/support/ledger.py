"""What must hold in the database when everything has been processed."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True)
class Books:
    """Counts for one mailbox, read in one snapshot."""

    messages: int
    distinct_messages: int
    feed_rows: int
    ledger_rows: int
    ledger_messages: int
    open_events: int
    held_leases: int


async def read_books(dsn: str, tenant_id: str) -> Books:
    """Count with the owner's connection; see Books."""
    connection = await asyncpg.connect(dsn)
    try:
        row = await connection.fetchrow(
            """
            SELECT (SELECT count(*) FROM api.messages WHERE tenant_id = $1) AS messages,
                   (SELECT count(DISTINCT provider_message_id) FROM api.messages
                     WHERE tenant_id = $1) AS distinct_messages,
                   (SELECT count(*) FROM api.message_feed WHERE tenant_id = $1) AS feed_rows,
                   (SELECT count(*) FROM api.webhook_events WHERE tenant_id = $1) AS ledger_rows,
                   (SELECT count(DISTINCT message_id) FROM api.webhook_events WHERE tenant_id = $1) AS ledger_messages,
                   (SELECT count(*) FROM api.inbox WHERE tenant_id = $1 AND state = 'waiting') AS open_events,
                   (SELECT count(*) FROM api.mailbox_leases
                     WHERE tenant_id = $1 AND lease_until > clock_timestamp()) AS held_leases
            """,
            tenant_id,
        )
    finally:
        await connection.close()
    assert row is not None
    return Books(**row)
