"""What the end-to-end tests do to a mailbox, to Microsoft's stand-in and to the database."""

from __future__ import annotations

from typing import Any

import asyncpg

from tests.e2e.conftest import House, Mailbox
from tests.support.mail import simple_mail
from tests.support.wait import until


async def fault(house: House, path: str, **what: Any) -> str:
    body = {"method": "GET", "path": path, **what}
    made = await house.stack.call("POST", f"{house.stack.sandbox}/_sandbox/faults", json=body, token=None)
    return str(made["id"])


async def mend(house: House, fault_id: str) -> None:
    url = f"{house.stack.sandbox}/_sandbox/faults"
    await house.stack.call("DELETE", url, params={"id": fault_id}, token=None)


async def user_of(house: House, mailbox: Mailbox) -> str:
    tenant = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants/{mailbox.tenant_id}")
    return str(tenant["external_account_id"])


async def send(house: House, mailbox: Mailbox, numbers: range) -> None:
    for number in numbers:
        await house.stack.send_mail(mailbox.address, raw=simple_mail(number, mailbox.address))


async def rows(house: House, statement: str, *values: object) -> list[Any]:
    connection = await asyncpg.connect(house.stack.database.owner_dsn)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()


async def change_events(house: House, tenant_id: object, statement: str) -> None:
    """A statement over a mailbox's events ($1), its lease first as in every transaction of the product.

    Else a worker that settles some of them at this moment locks them in another order, and one of the two is ended.
    """
    connection = await asyncpg.connect(house.stack.database.owner_dsn)
    try:
        async with connection.transaction():
            await connection.execute("SELECT FROM api.mailbox_leases WHERE tenant_id = $1 FOR UPDATE", tenant_id)
            await connection.execute(statement, tenant_id)
    finally:
        await connection.close()


async def hurry(house: House, mailbox: Mailbox) -> None:
    """Let nothing of the mailbox wait any longer: the waits themselves are not what is looked at here."""
    await rows(house, "UPDATE api.mailbox_leases SET blocked_until = NULL WHERE tenant_id = $1", mailbox.tenant_id)
    await change_events(
        house, mailbox.tenant_id, "UPDATE api.inbox SET due_at = clock_timestamp() WHERE tenant_id = $1"
    )
    await rows(house, "SELECT pg_notify('flovify_inbox', '')")


async def refused(house: House, mailbox: Mailbox) -> None:
    """Wait until an event of the mailbox has met the fault; after a failure only one goes ahead."""

    async def met() -> list[Any]:
        return await rows(
            house, "SELECT id FROM api.inbox WHERE tenant_id = $1 AND last_error_kind IS NOT NULL", mailbox.tenant_id
        )

    await until(met, 30, "a refused event", poll=0.1)


async def outcomes(house: House, mailbox: Mailbox) -> list[tuple[str, str | None]]:
    found = await rows(
        house, "SELECT outcome, reason FROM api.webhook_events WHERE tenant_id = $1 ORDER BY id", mailbox.tenant_id
    )
    return [tuple(row) for row in found]


async def drop(house: House, mailbox: Mailbox) -> None:
    """Microsoft gives up delivering: whatever changes in the mailbox is announced to nobody from now on."""
    url = f"{house.stack.sandbox}/_sandbox/mailboxes/{mailbox.address}/deliveries"
    await house.stack.call("PUT", url, json={"drop": True}, token=None)
