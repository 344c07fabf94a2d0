from __future__ import annotations

from typing import Any

import pytest

from tests.integration.sandbox_graph.world import SALES, SUPPORT, Graph, Receiver, Sandbox, later, open_receiver
from tests.support.wait import until
from tests.unit.sandbox_graph.fakes import simple_mail

HOUR = 3600


async def plan(sandbox: Sandbox, **settings: Any) -> Any:
    return await sandbox.control("PUT", f"/mailboxes/{SALES}/deliveries", json=settings)


async def deliver(sandbox: Sandbox, *names: str) -> list[str]:
    return [await sandbox.deliver(SALES, simple_mail(name, name)) for name in names]


async def advance(sandbox: Sandbox, seconds: float) -> None:
    await sandbox.control("POST", "/clock", json={"advance_seconds": seconds})


async def settled(sandbox: Sandbox) -> list[dict[str, Any]]:
    """All attempts, once nothing is on its way any more."""

    async def quiet() -> bool:
        return not (await sandbox.control("GET", "/deliveries"))["delivering"]

    await until(quiet, what="the end of all deliveries")
    items: list[dict[str, Any]] = (await sandbox.control("GET", "/deliveries"))["items"]
    return items


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [one["resourceData"]["id"] for one in items]


async def test_dropped_notices_never_go_out_and_the_next_ones_do(
    sandbox: Sandbox, graph: Graph, receiver: Receiver
) -> None:
    await graph.subscribe(receiver.url)
    await plan(sandbox, drop=True)
    await deliver(sandbox, "lost")
    assert await settled(sandbox) == []
    await plan(sandbox)
    [seen] = await deliver(sandbox, "seen")
    await receiver.received(1)
    await settled(sandbox)
    assert ids(receiver.items) == [seen]


async def test_the_older_switch_still_drops_whatever_the_plan_says(
    sandbox: Sandbox, graph: Graph, receiver: Receiver
) -> None:
    await graph.subscribe(receiver.url)
    await sandbox.control("PUT", f"/mailboxes/{SALES}/notifications", json={"dropped": True})
    await plan(sandbox, copies=2)
    await deliver(sandbox, "lost")
    await sandbox.control("PUT", f"/mailboxes/{SALES}/notifications", json={"dropped": False})
    [seen] = await deliver(sandbox, "seen")
    await receiver.received(2)
    await settled(sandbox)
    assert ids(receiver.items) == [seen, seen]


async def test_delayed_notices_wait_for_the_sandboxs_clock(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url, expirationDateTime=later(1000))
    await plan(sandbox, delay_seconds=2 * HOUR)
    [late] = await deliver(sandbox, "late")
    await plan(sandbox)
    [soon] = await deliver(sandbox, "soon")
    await receiver.received(1)
    await advance(sandbox, HOUR)
    assert (await sandbox.control("GET", "/deliveries"))["delivering"] is True
    assert ids(receiver.items) == [soon]
    await advance(sandbox, HOUR)
    await receiver.received(2)
    assert ids(receiver.items) == [soon, late]


async def test_delayed_notices_come_by_themselves_too(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url)
    await plan(sandbox, delay_seconds=0.5)
    delivered_at = (await sandbox.control("POST", "/clock", json={"advance_seconds": 0}))["now"]
    [message_id] = await deliver(sandbox, "by itself")
    await receiver.received(1)
    [attempt] = await settled(sandbox)
    assert ids(receiver.items) == [message_id]
    assert attempt["at"] > delivered_at


async def test_a_delay_survives_a_kill(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url, expirationDateTime=later(1000))
    await plan(sandbox, delay_seconds=HOUR, alter={"tenantId": "early"})
    [first] = await deliver(sandbox, "before")
    sandbox.process.kill9_and_start()
    # The old connection is dead; a GET is asked again on a new one, a POST is not.
    assert (await sandbox.control("GET", "/deliveries"))["delivering"] is True
    [second] = await deliver(sandbox, "after")
    assert receiver.items == []
    await advance(sandbox, HOUR)
    items = await receiver.received(2)
    assert sorted(ids(items)) == sorted([first, second])
    assert {one["tenantId"] for one in items} == {"early"}


async def test_copies_come_in_posts_of_their_own(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url)
    answer = await plan(sandbox, copies=3)
    assert answer == {
        "address": SALES, "drop": False, "delay_seconds": 0, "copies": 3, "reorder": False, "alter": {}
    }  # fmt: skip
    mailboxes = (await sandbox.control("GET", "/mailboxes"))["items"]
    assert {one["address"]: one["deliveries"]["copies"] for one in mailboxes} == {SALES: 3, SUPPORT: 1}
    [message_id] = await deliver(sandbox, "thrice")
    await receiver.received(3)
    attempts = await settled(sandbox)
    assert [ids(post["value"]) for post in receiver.posts] == [[message_id]] * 3
    assert [one["items"] for one in attempts] == [1, 1, 1]


@pytest.mark.parametrize("reorder", [False, True])
async def test_gathered_notices_can_come_in_reverse_order(
    sandbox: Sandbox, graph: Graph, receiver: Receiver, *, reorder: bool
) -> None:
    await graph.subscribe(receiver.url, expirationDateTime=later(1000))
    # The delay gathers them: all three are due at one moment, when the clock is moved.
    await plan(sandbox, delay_seconds=HOUR, reorder=reorder)
    messages = await deliver(sandbox, "one", "two", "three")
    await advance(sandbox, HOUR)
    await receiver.received(3)
    assert len(receiver.posts) == 1
    assert ids(receiver.items) == (messages[::-1] if reorder else messages)


async def test_fields_can_be_altered_and_taken_out(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    subscription = (await graph.subscribe(receiver.url)).json
    wrong = {"tenantId": "", "subscriptionId": "ABC", "clientState": "wrong", "resourceData": None, "more": {"a": [1]}}
    await plan(sandbox, alter=wrong)
    await deliver(sandbox, "altered")
    [item] = await receiver.received(1)
    assert {name: item.get(name) for name in wrong} == wrong
    assert "resourceData" not in item
    assert item["changeType"] == "created"
    [attempt] = await settled(sandbox)
    assert attempt["subscription_ids"] == [subscription["id"]]
    assert attempt["body"] == [{**item, "clientState": "***"}]


async def test_lifecycle_notices_and_other_mailboxes_are_left_alone(
    sandbox: Sandbox, graph: Graph, receiver: Receiver
) -> None:
    await plan(sandbox, drop=True, copies=5, alter={"tenantId": ""})
    async with open_receiver() as lifecycle:
        subscription = (await graph.subscribe(receiver.url, lifecycleNotificationUrl=lifecycle.url)).json
        await sandbox.control("POST", f"/subscriptions/{subscription['id']}/missed")
        items = await lifecycle.received(1)
    support = await sandbox.sign_in(SUPPORT)
    await support.subscribe(receiver.url)
    other = await sandbox.deliver(SUPPORT, simple_mail())
    await receiver.received(1)
    await settled(sandbox)
    assert ids(receiver.items) == [other]
    assert [one["lifecycleEvent"] for one in items] == ["missed"]
    assert all(one["tenantId"] for one in [*items, *receiver.items])


async def test_attempts_show_what_was_sent_without_the_secret(
    sandbox: Sandbox, graph: Graph, receiver: Receiver
) -> None:
    await graph.subscribe(receiver.url, clientState="very-secret")
    receiver.statuses = [503]
    await deliver(sandbox, "shown")
    [item] = await receiver.received(1)
    assert item["clientState"] == "very-secret"
    attempts = await settled(sandbox)
    assert [one["status"] for one in attempts] == [503, 202]
    assert [one["body"] for one in attempts] == [[{**item, "clientState": "***"}]] * 2


@pytest.mark.parametrize(
    "body", [{"copies": 0}, {"copies": 11}, {"delay_seconds": -1}, {"alter": []}, {"drop": "yes"}, {"nonsense": 1}]
)
async def test_impossible_plans_are_refused(sandbox: Sandbox, body: dict[str, Any]) -> None:
    url = f"{sandbox.base}/_sandbox/mailboxes/{SALES}/deliveries"
    async with sandbox.http.put(url, json=body) as answer:
        assert answer.status == 422
    async with sandbox.http.put(url.replace("sales", "nobody"), json={}) as answer:
        assert answer.status == 404
