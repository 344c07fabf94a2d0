"""Each message is stored exactly once, whatever is sent twice and whoever is killed."""

from __future__ import annotations

import asyncio
import smtplib
import uuid

import aiohttp
import pytest

from tests.e2e.conftest import House, Mailbox
from tests.support.ledger import Books, read_books
from tests.support.mail import simple_mail
from tests.support.net import free_ports
from tests.support.processes import stop
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

# How many workers are killed, and how many messages flow to each; how many flow to each of three mailboxes.
KILLS = [(4, 20), pytest.param(10, 200, marks=pytest.mark.nightly)]
FLOOD = [30, pytest.param(100, marks=pytest.mark.nightly)]


def send_flood(port: int, address: str, count: int, first: int = 0) -> None:
    """Send `count` different messages, numbered from `first`, to one address over one SMTP connection."""
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for number in range(first, first + count):
            client.sendmail("ada@example.org", [address], simple_mail(number, address, "flood"))


async def settled(house: House, mailbox: Mailbox, count: int, timeout: float = 600) -> Books:
    """Wait until `count` messages are stored and no event of the mailbox is open."""

    async def ask() -> Books | None:
        books = await read_books(house.stack.database.owner_dsn, mailbox.tenant_id)
        return books if books.messages >= count and books.open_events == 0 else None

    return await until(ask, timeout, f"{count} messages stored and no open event", poll=0.1)


def assert_exactly_once(books: Books, count: int) -> None:
    assert books.messages == count
    assert books.distinct_messages == count
    assert books.feed_rows == count
    assert books.ledger_messages == count
    assert books.ledger_rows == count
    assert books.open_events == 0


async def test_the_same_notification_a_hundred_times_at_once_is_one_message(house: House) -> None:
    mailbox = await house.connected()
    await house.stack.send_mail(mailbox.address, raw=simple_mail(1, mailbox.address))
    await house.stack.wait_stored(mailbox.tenant_id, 1)
    item = await until(lambda: house.relay.item_for(mailbox.subscription_id))
    # A change that was never announced: the same item with another etag would be another event.
    body = {"value": [item]}
    async with aiohttp.ClientSession() as session:

        async def post() -> int:
            async with session.post(f"{house.stack.api}/api/ms365/webhook", json=body) as answer:
                return answer.status

        statuses = await asyncio.gather(*(post() for _ in range(100)))
    assert set(statuses) == {202}
    assert_exactly_once(await settled(house, mailbox, 1), 1)


@pytest.mark.parametrize(("kills", "flow"), KILLS)
async def test_a_worker_killed_again_and_again_while_messages_flow_loses_and_doubles_nothing(
    house: House, kills: int, flow: int
) -> None:
    mailbox = await house.connected()
    stack = house.stack
    port = stack.ports["FLOVIFY_SANDBOX_SMTP_PORT"]
    stored = 0
    for kill in range(1, kills + 1):
        goal = stored + 1

        async def more(goal: int = goal) -> int | None:
            books = await read_books(stack.database.owner_dsn, mailbox.tenant_id)
            return books.messages if books.messages >= goal else None

        # Each worker stores something before it is killed in the middle of the next batch.
        flood = asyncio.create_task(asyncio.to_thread(send_flood, port, mailbox.address, flow, kill * flow))
        stored = await until(more, 120, f"progress before kill {kill}")
        stack.processes["worker"].kill9()
        stack.ended.append(stack.processes["worker"])
        stack.start("worker")
        await flood
    assert_exactly_once(await settled(house, mailbox, kills * flow), kills * flow)


@pytest.mark.parametrize("count", FLOOD)
async def test_three_workers_and_two_apis_on_one_database_neither_double_nor_lose(house: House, count: int) -> None:
    stack = house.stack
    mailboxes = [await house.connected(["created", "updated"]) for _ in range(3)]
    worker_ports, api_ports = free_ports(2), free_ports(2)
    more = [
        stack.start("worker", name=f"worker-{port}", env={"FLOVIFY_WORKER_PORT": str(port)}) for port in worker_ports
    ]
    second_api = {"FLOVIFY_API_PORT": str(api_ports[0]), "FLOVIFY_API_INTERNAL_PORT": str(api_ports[1])}
    more.append(stack.start("api", name="api-2", env=second_api))
    try:
        await _double_deliveries(house, mailboxes, api_ports[0], count)
    finally:
        for process in more:
            await asyncio.to_thread(stop, process)


async def _double_deliveries(house: House, mailboxes: list[Mailbox], second_api: int, count: int) -> None:
    """Send mail to all mailboxes, and give the second api everything that the first one has had."""
    port = house.stack.ports["FLOVIFY_SANDBOX_SMTP_PORT"]
    await asyncio.gather(*(asyncio.to_thread(send_flood, port, item.address, count) for item in mailboxes))
    for mailbox in mailboxes:
        await settled(house, mailbox, count)
    url = f"http://localhost:{second_api}/api/ms365/webhook"

    async with aiohttp.ClientSession() as session:
        await until(lambda: _answers(session, url), 40, "the second api")
        await asyncio.gather(*(_delivered(session, url, body) for body in house.relay.bodies))
    for mailbox in mailboxes:
        books = await settled(house, mailbox, count)
        assert (books.messages, books.distinct_messages, books.feed_rows) == (count, count, count)


async def _delivered(session: aiohttp.ClientSession, url: str, body: object) -> None:
    """Deliver as Graph does: what was answered 503 was not stored, and comes again until it is accepted."""

    async def accepted() -> bool:
        async with session.post(url, json=body) as answer:
            assert answer.status in (202, 503)
            return answer.status == 202

    await until(accepted, 60, "the notification to be accepted", poll=1)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.post(url, params={"validationToken": "hello"}) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False


async def test_a_notification_for_nothing_known_is_taken_and_dropped(house: House) -> None:
    item = {"subscriptionId": str(uuid.uuid4()), "clientState": "é", "changeType": "created", "resource": "x"}
    url = f"{house.stack.bff}/api/ms365/webhook"
    async with house.stack.http.post(url, json={"value": [item]}) as answer:
        assert answer.status == 202
