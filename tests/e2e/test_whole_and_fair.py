"""What is stored of a message is whole, no mailbox waits for another's backlog, and a removal leaves nothing behind."""

from __future__ import annotations

import asyncio
import base64
from email.message import EmailMessage
from typing import Any

import pytest

from tests.e2e.conftest import House, Mailbox
from tests.e2e.ground import change_events, fault, mend, rows, send, user_of
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:42@contoso.example
DTSTAMP:20261201T090000Z
DTSTART:20261202T090000Z
DTEND:20261202T100000Z
SUMMARY:Review
ORGANIZER:mailto:ada@example.org
END:VEVENT
END:VCALENDAR
"""


def _mail(address: str, subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "ada@example.org", address, subject
    message["Message-ID"] = f"<{subject.replace(' ', '-')}-{address}>"
    return message


async def test_a_picture_in_the_text_hides_no_text_and_keeps_its_content_id(house: House) -> None:
    mailbox = await house.connected()
    message = _mail(mailbox.address, "pictures")
    message.set_content("plain")
    data = base64.b64encode(bytes(1_100_000)).decode()
    html = f'<p>A</p><img src="data:image/png;base64,{data}"><p>B</p><img src="cid:logo@contoso.example">'
    message.add_alternative(html, subtype="html")
    body = message.get_payload()[1]  # type: ignore[index]
    body.add_related(PICTURE, "image", "png", cid="<logo@contoso.example>", filename="logo.png")  # type: ignore[union-attr]
    inner = _mail(mailbox.address, "attached message")
    inner.set_content("inner")
    message.add_attachment(inner)
    await house.stack.send_mail(mailbox.address, raw=message.as_bytes())
    [stored] = await house.stack.wait_stored(mailbox.tenant_id, 1)
    text = stored["body_text"]
    assert ("A" in text, "B" in text, len(text) < 1000) == (True, True, True)
    found = {item["kind"]: item for item in stored["attachments"]}
    assert found["file"]["content_id"] == "logo@contoso.example"
    assert "item" in found


async def test_an_invitation_says_that_it_is_one(house: House) -> None:
    mailbox = await house.connected()
    message = _mail(mailbox.address, "invitation")
    message.set_content("Please come.")
    message.add_alternative(INVITATION, subtype="calendar", params={"method": "REQUEST"})
    await house.stack.send_mail(mailbox.address, raw=message.as_bytes())
    [stored] = await house.stack.wait_stored(mailbox.tenant_id, 1)
    assert stored["kind"] == "eventMessageRequest"


async def test_fresh_mail_does_not_wait_for_as_many_backlogs_as_there_are_slots(house: House) -> None:
    """Eight mailboxes with hundreds of events each and a slow Microsoft; a ninth gets one message."""
    busy = [await house.connected() for _ in range(8)]
    faults = []
    for mailbox in busy:
        path = f"/v1.0/users/{await user_of(house, mailbox)}/messages/*"
        faults.append(await fault(house, path, delay_ms=400))
        await _backlog(house, mailbox, 200)
    idle = await house.connected()
    await send(house, idle, range(1))
    await house.stack.wait_stored(idle.tenant_id, 1, timeout=30)
    [row] = await rows(
        house,
        "SELECT count(*) AS n FROM api.inbox WHERE tenant_id = ANY ($1::uuid[]) AND last_error_kind IS NULL",
        [mailbox.tenant_id for mailbox in busy],
    )
    assert row["n"] > 8 * 20, "more than a batch of each has not been looked at yet"
    for mailbox in busy:
        await change_events(house, mailbox.tenant_id, "DELETE FROM api.inbox WHERE tenant_id = $1")
    for made in faults:
        await mend(house, made)


async def _backlog(house: House, mailbox: Mailbox, count: int) -> None:
    """Events as the intake writes them, all older than what comes next."""
    await rows(
        house,
        "INSERT INTO api.inbox (id, tenant_id, provider, event_key, subscription_row_id, kind, change_type, "
        "message_id, correlation_id, due_at, item) SELECT gen_random_uuid(), $1, 'ms365', gen_random_uuid()::text, "
        "gen_random_uuid(), 'change', 'created', 'message-' || n, gen_random_uuid(), "
        "clock_timestamp() - interval '1 minute', '{}' FROM generate_series(1, $2) n",
        mailbox.tenant_id,
        count,
    )


async def test_a_forced_removal_while_the_api_is_away_leaves_nothing_active_and_nothing_waiting(house: House) -> None:
    mailbox = await house.connected()
    made = await fault(house, f"/v1.0/users/{await user_of(house, mailbox)}/*", status=503)
    await send(house, mailbox, range(1))

    async def waiting() -> list[Any]:
        return await rows(house, "SELECT id FROM api.inbox WHERE tenant_id = $1", mailbox.tenant_id)

    await until(waiting, 30, "the event")
    house.stack.processes["api"].kill9()
    url = f"{house.stack.auth}/auth/tenants/{mailbox.tenant_id}"
    await house.stack.call("DELETE", url, params={"force": "true"})
    await asyncio.to_thread(house.stack.restart, "api")

    async def put_away() -> bool:
        await rows(house, "UPDATE api.unknown_tenants SET first_seen = first_seen - interval '1 minute'")
        await rows(house, "UPDATE api.periodic_tasks SET due_at = clock_timestamp() WHERE name = 'unknown_tenants'")
        left = await rows(house, "SELECT id FROM api.webhook_subscriptions WHERE tenant_id = $1", mailbox.tenant_id)
        return not left and not await waiting()

    await until(put_away, 60, "nothing left of the account", poll=0.5)
    await mend(house, made)
