"""Whatever Microsoft answers, a message that was announced is stored, or shown with its reason; it never just goes."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.e2e.conftest import House, Mailbox
from tests.e2e.ground import change_events, drop, fault, hurry, mend, outcomes, refused, rows, send, user_of
from tests.support.ledger import read_books
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]

NOT_OURS = [
    pytest.param({"status": 404, "body": {"error": {"code": "ResourceNotFound", "message": "no"}}}, id="resource"),
    pytest.param({"status": 404, "body": {"error": {"code": "ErrorInvalidUser", "message": "no"}}}, id="user"),
    pytest.param({"status": 404, "headers": {"Content-Type": "text/html"}, "body": "<h1>404</h1>"}, id="html"),
    pytest.param({"status": 404, "body": ""}, id="empty"),
    pytest.param({"status": 404}, id="item"),
    pytest.param({"status": 407, "body": ""}, id="407"),
    pytest.param({"status": 302, "headers": {"Location": "https://login.example/"}, "body": ""}, id="302"),
    pytest.param({"status": 423, "body": ""}, id="423"),
    pytest.param({"status": 500}, id="500"),
    pytest.param({"status": 200, "body": {"error": {"code": "x", "message": "y"}}}, id="200-error"),
    pytest.param({"status": 200, "body": {"id": "another", "subject": "not yours"}}, id="200-other"),
]


@pytest.mark.parametrize("answer", NOT_OURS)
async def test_an_answer_that_proves_nothing_costs_no_message(house: House, answer: dict[str, Any]) -> None:
    """Three looks at it, then it is over; nothing may have been settled or buried meanwhile."""
    mailbox = await house.connected()
    made = await fault(house, f"/v1.0/users/{await user_of(house, mailbox)}/*", **answer)
    await send(house, mailbox, range(2))
    await refused(house, mailbox)
    for _ in range(3):
        forget = "UPDATE api.inbox SET last_error_kind = NULL WHERE tenant_id = $1"
        await change_events(house, mailbox.tenant_id, forget)
        await hurry(house, mailbox)
        await refused(house, mailbox)
    assert await outcomes(house, mailbox) == []
    assert await rows(house, "SELECT id FROM api.dead_letters WHERE tenant_id = $1", mailbox.tenant_id) == []
    await mend(house, made)
    await hurry(house, mailbox)
    await house.stack.wait_stored(mailbox.tenant_id, 2)
    assert await outcomes(house, mailbox) == [("stored", None)] * 2


async def test_a_message_that_is_readable_only_later_is_stored(house: House) -> None:
    mailbox = await house.connected()
    made = await fault(house, f"/v1.0/users/{await user_of(house, mailbox)}/messages/*", status=404)
    await send(house, mailbox, range(1))
    await refused(house, mailbox)
    [row] = await rows(
        house, "SELECT last_error_kind, due_at > clock_timestamp() AS waits FROM api.inbox WHERE tenant_id = $1",
        mailbox.tenant_id,
    )  # fmt: skip
    assert (row["last_error_kind"], row["waits"]) == ("gone", True)
    await mend(house, made)
    await hurry(house, mailbox)
    await house.stack.wait_stored(mailbox.tenant_id, 1)


async def test_what_is_the_messages_own_is_asked_for_in_three_ways_then_shown_as_dead(house: House) -> None:
    mailbox = await house.connected()
    user = await user_of(house, mailbox)
    body = {"error": {"code": "ErrorInvalidAttachmentId", "message": "The attachment id is invalid."}}
    await fault(house, f"/v1.0/users/{user}/messages/*", status=400, body=body, times=3)
    await send(house, mailbox, range(1))

    async def dead() -> list[Any]:
        await hurry(house, mailbox)
        return await rows(
            house, "SELECT reason, attempts FROM api.dead_letters WHERE tenant_id = $1", mailbox.tenant_id
        )

    [letter] = await until(dead, 60, "the dead letter", poll=0.2)
    assert tuple(letter) == ("bad_request", 3)
    log = await house.stack.call(
        "GET", f"{house.stack.sandbox}/_sandbox/requests", params={"path": f"/v1.0/users/{user}/messages/*"}, token=None
    )
    asked = [("$expand" in one["query"], one["path"].endswith("/$value")) for one in log["items"]]
    assert asked == [(True, False), (False, False), (False, True)]


@pytest.mark.parametrize("count", [40, pytest.param(500, marks=pytest.mark.nightly)])
async def test_a_fifth_429_and_a_fifth_503_lose_no_message_and_put_no_mailbox_away(house: House, count: int) -> None:
    mailbox = await house.connected()
    path = f"/v1.0/users/{await user_of(house, mailbox)}/*"
    faults = [
        await fault(house, path, status=429, headers={"Retry-After": "1"}, probability=0.2),
        await fault(house, path, status=503, probability=0.25),
    ]
    longest = 0.0
    await send(house, mailbox, range(count))

    async def all_stored() -> bool:
        nonlocal longest
        [row] = await rows(
            house,
            "SELECT coalesce(extract(epoch FROM max(blocked_until) - clock_timestamp()), 0)::float8 AS away, "
            "(SELECT count(*) FROM api.messages WHERE tenant_id = $1) AS stored FROM api.mailbox_leases "
            "WHERE tenant_id = $1",
            mailbox.tenant_id,
        )
        longest = max(longest, row["away"])
        return bool(row["stored"] == count)

    await until(all_stored, 280, f"{count} stored messages", poll=0.2)
    for made in faults:
        await mend(house, made)
    assert longest < 30
    assert await outcomes(house, mailbox) == [("stored", None)] * count


async def test_a_moved_message_is_in_its_new_folder_and_a_deleted_one_is_deleted(house: House) -> None:
    mailbox = await house.connected(["created", "updated", "deleted"])
    user = await user_of(house, mailbox)
    await send(house, mailbox, range(2))
    moved, deleted = (one["provider_message_id"] for one in await house.stack.wait_stored(mailbox.tenant_id, 2))
    graph = await house.stack.owner_token(mailbox.address)
    url = f"{house.stack.sandbox}/v1.0/users/{user}/messages"
    prefer = {"Prefer": 'IdType="ImmutableId"'}
    body = {"destinationId": "archive"}
    await house.stack.call("POST", f"{url}/{moved}/move", token=graph, json=body, headers=prefer)
    await house.stack.call("DELETE", f"{url}/{deleted}", token=graph, headers=prefer)

    async def told() -> bool:
        return len([one for one in await outcomes(house, mailbox) if one[0] in ("moved", "deleted")]) == 2

    await until(told, 60, "both removals")
    found = {one["provider_message_id"]: one for one in await house.stack.messages(mailbox.tenant_id)}
    assert found[moved]["deleted_at"] is None
    assert found[moved]["folder_id"] != found[deleted]["folder_id"]


async def test_after_four_hours_without_flovify_all_is_recovered_and_none_twice(house: House) -> None:
    """The four hours pass in the sign of life; the processes are really dead, and the notifications really lost."""
    mailbox, count = await house.connected(), 25
    await drop(house, mailbox)
    for name in ("api", "worker"):
        house.stack.processes[name].kill9()
    await rows(house, "UPDATE api.signs_of_life SET at = at - interval '4 hours'")
    await send(house, mailbox, range(count))
    for name in ("api", "worker"):
        house.stack.restart(name)
    await house.stack.wait_stored(mailbox.tenant_id, count)
    books = await read_books(house.stack.database.owner_dsn, mailbox.tenant_id)
    assert (books.messages, books.distinct_messages, books.feed_rows) == (count, count, count)
    assert (books.ledger_messages, books.open_events) == (count, 0)
    url = f"{house.stack.api}/api/coverage/gaps"
    found = await house.stack.call("GET", url, params={"tenant_id": mailbox.tenant_id})
    assert "process_down" in found["items"][0]["reasons"]


async def test_mail_that_came_while_there_was_no_subscription_is_stored_after_the_renewal(house: House) -> None:
    mailbox = await house.connected()
    url = f"{house.stack.sandbox}/_sandbox/subscriptions/{mailbox.subscription_id}/expire"
    await house.stack.call("POST", url, token=None)
    await send(house, mailbox, range(2))
    listed = await house.stack.call(
        "GET", f"{house.stack.api}/api/ms365/subscriptions", params={"tenant_id": mailbox.tenant_id}
    )
    [row] = listed["items"]
    renewed = await house.stack.call("POST", f"{house.stack.api}/api/ms365/subscriptions/{row['id']}/renew")
    assert renewed["subscription_id"] != mailbox.subscription_id
    await house.stack.wait_stored(mailbox.tenant_id, 2)


async def test_personal_accounts_are_asked_for_as_me_and_their_notifications_are_taken(house: House) -> None:
    """Their Graph id is no object id, and their notifications name no tenant."""
    address = f"person-{uuid.uuid4().hex[:8]}@outlook.example"
    body = {"address": address, "display_name": "A person", "personal": True}
    await house.stack.call("POST", f"{house.stack.sandbox}/_sandbox/mailboxes", json=body, token=None)
    tenant_id = await house.stack.connect(address)
    subscription = await house.stack.subscribe(tenant_id)
    mailbox = Mailbox(address, tenant_id, subscription["subscription_id"])
    await send(house, mailbox, range(1))
    await house.stack.wait_stored(tenant_id, 1)


async def test_a_field_in_other_letters_drops_nothing(house: House) -> None:
    mailbox = await house.connected()
    url = f"{house.stack.sandbox}/_sandbox/mailboxes/{mailbox.address}/deliveries"
    alter = {"subscriptionId": mailbox.subscription_id.upper(), "tenantId": ""}
    await house.stack.call("PUT", url, json={"alter": alter, "copies": 3, "reorder": True}, token=None)
    await send(house, mailbox, range(3))
    await house.stack.wait_stored(mailbox.tenant_id, 3)


async def test_a_webhook_that_nobody_reaches_does_not_keep_mail_away(house: House) -> None:
    """As behind NAT: polled, every 40 seconds but for this test, until Microsoft reaches the webhook."""
    address = await house.new_mailbox()
    tenant_id = await house.stack.connect(address)
    target, house.relay.target = house.relay.target, "http://127.0.0.1:9/nobody"
    try:
        made = await house.stack.subscribe(tenant_id)
        assert (made["status"], made["mode"]) == ("failed", "poll")
        mailbox = Mailbox(address, tenant_id, "")
        await send(house, mailbox, range(2))

        async def polled() -> bool:
            await rows(house, "UPDATE api.coverage_gaps SET next_try_at = clock_timestamp() WHERE closed_at IS NULL")
            await rows(house, "SELECT pg_notify('flovify_coverage', '')")
            return len(await house.stack.messages(tenant_id)) == 2

        await until(polled, 30, "the mail, polled", poll=0.5)
    finally:
        house.relay.target = target
    renewed = await house.stack.call("POST", f"{house.stack.api}/api/ms365/subscriptions/{made['id']}/renew")
    assert renewed["mode"] == "push"
