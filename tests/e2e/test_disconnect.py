"""The end of a connection, and its interruption: nothing is left at Microsoft, and nothing is lost meanwhile."""

from __future__ import annotations

from typing import Any

import asyncpg
import pytest

from tests.e2e.conftest import House, Mailbox
from tests.support.mail import simple_mail
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def test_disconnecting_removes_the_subscription_at_microsoft_and_every_secret(house: House) -> None:
    mailbox = await house.connected()
    await house.stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    await house.stack.wait_stored(mailbox.tenant_id, 1)
    removed = await house.stack.call("DELETE", f"{house.stack.auth}/auth/tenants/{mailbox.tenant_id}")
    assert removed == {"removed": 1, "left_to_expire": []}
    assert await _rows(house, "SELECT count(*) FROM auth.tenants WHERE id = $1", mailbox) == 0
    assert await _rows(house, "SELECT count(*) FROM auth.tenant_tokens WHERE tenant_id = $1", mailbox) == 0
    assert await _rows(house, "SELECT count(*) FROM auth.data_keys WHERE owner_id = $1", mailbox) == 0
    assert await _rows(house, "SELECT count(*) FROM api.webhook_subscriptions WHERE tenant_id = $1", mailbox) == 0
    # Microsoft has nothing left to send: a new letter is delivered to the mailbox and announced to nobody.
    sent_before = await _announced(house, mailbox)
    await house.stack.send_mail(mailbox.address, raw=simple_mail(2, mailbox.address))
    assert await _announced(house, mailbox) == sent_before
    # Mail that was stored stays.
    assert len(await house.stack.messages(mailbox.tenant_id)) == 1


async def test_a_worker_deletes_the_mail_when_that_was_ordered_with_the_disconnection(house: House) -> None:
    mailbox = await house.connected()
    await house.stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    await house.stack.wait_stored(mailbox.tenant_id, 1)
    url = f"{house.stack.auth}/auth/tenants/{mailbox.tenant_id}?delete_messages=true"
    removed = await house.stack.call("DELETE", url)

    async def finished() -> dict[str, Any] | None:
        listed = (await house.stack.call("GET", f"{house.stack.api}/api/removals"))["items"]
        return next((one for one in listed if one["id"] == removed["removal_id"] and one["finished_at"]), None)

    order = await until(finished, 60, "the mail is deleted")
    assert (order["label"], order["total"], order["deleted"]) == (mailbox.address, 1, 1)
    assert await house.stack.messages(mailbox.tenant_id) == []


async def test_mail_that_comes_while_consent_is_withdrawn_is_stored_after_reconnecting(house: House) -> None:
    mailbox = await house.connected()
    await house.stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    await house.stack.wait_stored(mailbox.tenant_id, 1)
    revoke = f"{house.stack.sandbox}/_sandbox/grants/{mailbox.address}/revoke"
    await house.stack.call("POST", revoke, token=None)
    house.stack.restart("worker")  # what it remembers of the token is gone, as after ten minutes
    await house.stack.send_mail(mailbox.address, raw=simple_mail(2, mailbox.address))

    async def flagged() -> bool:
        tenant = await house.stack.call("GET", f"{house.stack.auth}/auth/tenants/{mailbox.tenant_id}")
        return bool(tenant["status"] == "reconnect_required" and tenant["status_reason"])

    await until(flagged, 60, "the account is marked")
    assert await _rows(house, "SELECT count(*) FROM api.inbox WHERE tenant_id = $1", mailbox) == 1
    assert await house.stack.connect(mailbox.address) == mailbox.tenant_id
    found = await house.stack.wait_stored(mailbox.tenant_id, 2)
    assert len(found) == 2
    assert await _rows(house, "SELECT count(*) FROM api.inbox WHERE tenant_id = $1", mailbox) == 0


async def _announced(house: House, mailbox: Mailbox) -> int:
    """How often the sandbox has called us for this subscription, once it has nothing left to deliver."""

    async def settled() -> list[object] | None:
        answer = await house.stack.call("GET", f"{house.stack.sandbox}/_sandbox/deliveries", token=None)
        return None if answer["delivering"] else list(answer["items"])

    return sum(mailbox.subscription_id in str(delivery) for delivery in await until(settled, 60, "all delivered"))


async def _rows(house: House, statement: str, mailbox: Mailbox) -> int:
    connection = await asyncpg.connect(house.stack.database.owner_dsn)
    try:
        return int(await connection.fetchval(statement, mailbox.tenant_id))
    finally:
        await connection.close()
