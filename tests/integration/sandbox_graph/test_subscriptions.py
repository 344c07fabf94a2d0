from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.integration.sandbox_graph.world import (
    SALES,
    SUPPORT,
    Graph,
    Receiver,
    Sandbox,
    SandboxProcess,
    later,
    open_receiver,
)
from tests.support.net import free_port
from tests.support.wait import until
from tests.unit.sandbox_graph.fakes import simple_mail


async def test_the_handshake_is_a_post_with_an_encoded_token(graph: Graph, receiver: Receiver) -> None:
    answer = await graph.subscribe(receiver.url, lifecycleNotificationUrl=receiver.url)
    assert answer.status == 201, answer.json
    assert len(receiver.validations) == 2
    pattern = (
        r"/hook\?tenant=a%20b&validationToken=Validation%3a\+Testing\+client\+application\+reachability"
        r"\+for\+subscription\+Request-Id%3a\+[0-9a-f-]{36}"
    )
    assert all(re.fullmatch(pattern, one) for one in receiver.validations)
    assert answer.json["clientState"] == "state-1"
    assert answer.json["resource"] == "me/mailFolders('inbox')/messages"
    assert answer.json["@odata.context"].endswith("/v1.0/$metadata#subscriptions/$entity")


async def _html_escaped(request: web.Request) -> web.Response:
    return web.Response(text=request.query["validationToken"].replace(":", "&#58;"))


async def _still_encoded(request: web.Request) -> web.Response:
    return web.Response(text=request.raw_path.partition("validationToken=")[2])


async def _as_json(request: web.Request) -> web.Response:
    return web.json_response(request.query["validationToken"])


async def _accepted(request: web.Request) -> web.Response:
    return web.Response(status=202, text=request.query["validationToken"])


async def _redirected(request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": str(request.url)})


@pytest.mark.parametrize(
    ("validate", "message"),
    [
        (_html_escaped, "Response must exactly match"),
        (_still_encoded, "Response must exactly match"),
        (_as_json, "Response must exactly match"),
        (_accepted, "must respond with 200 OK"),
        (_redirected, "must respond with 200 OK"),
    ],
)
async def test_a_wrong_echo_creates_nothing(graph: Graph, receiver: Receiver, validate: Any, message: str) -> None:
    receiver.validate = validate
    answer = await graph.subscribe(receiver.url)
    assert (answer.status, answer.json["error"]["code"]) == (400, "ValidationError")
    assert message in answer.json["error"]["message"]
    listed = await graph.call("GET", "/subscriptions")
    assert listed.json["value"] == []


async def test_an_endpoint_that_is_away_creates_nothing(graph: Graph) -> None:
    answer = await graph.subscribe(f"http://localhost:{free_port()}/hook")
    assert (answer.status, answer.json["error"]["code"]) == (400, "ValidationError")


async def test_a_slow_endpoint_is_given_ten_seconds(graph: Graph, receiver: Receiver) -> None:
    never = asyncio.Event()

    async def wait(_request: web.Request) -> web.Response:
        await never.wait()
        return web.Response()

    receiver.validate = wait
    started = asyncio.get_running_loop().time()
    answer = await graph.subscribe(receiver.url)
    never.set()
    assert answer.json["error"]["message"] == "Subscription validation request timed out."
    assert 9.5 < asyncio.get_running_loop().time() - started < 14


async def test_plain_http_is_refused_unless_allowed(tmp_path: Path, receiver: Receiver) -> None:
    strict = SandboxProcess(tmp_path, allow_http=False)
    strict.start()
    try:
        async with aiohttp.ClientSession() as http:
            answer = await (await Sandbox(strict, http).sign_in(SALES)).subscribe(receiver.url)
    finally:
        strict.stop()
    assert answer.status == 400
    assert receiver.validations == []


async def test_the_same_combination_again_is_a_conflict_that_names_the_first(graph: Graph, receiver: Receiver) -> None:
    first = await graph.subscribe(receiver.url)
    second = await graph.subscribe(receiver.url, changeType="deleted,updated,created")
    assert second.status == 409
    expected = f"Subscription Id {first.json['id']} already exists for the requested combination"
    assert second.json["error"]["message"] == expected
    other = await graph.subscribe(receiver.url, changeType="created")
    assert other.status == 201


async def test_get_renew_reauthorize_list_and_delete(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    path = f"/subscriptions/{(await graph.subscribe(receiver.url)).json['id']}"
    assert (await graph.call("GET", path)).status == 200
    renewed = await graph.call("PATCH", path, json={"expirationDateTime": later(5000)})
    assert renewed.status == 200
    assert renewed.json["expirationDateTime"][:16] == later(5000)[:16]
    too_far = await graph.call("PATCH", path, json={"expirationDateTime": later(10_090)})
    assert (too_far.status, "10080 minutes" in too_far.json["error"]["message"]) == (400, True)
    assert (await graph.call("POST", f"{path}/reauthorize")).status == 204
    listed = (await graph.call("GET", "/subscriptions")).json["value"]
    assert [one["clientState"] for one in listed] == [None]
    stranger = await sandbox.sign_in(SUPPORT)
    assert (await stranger.call("GET", path)).status == 404
    assert (await stranger.call("GET", "/subscriptions")).json["value"] == []
    assert (await graph.call("DELETE", path)).status == 204
    assert (await graph.call("DELETE", path)).status == 404


async def test_an_expired_subscription_is_gone(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    answer = await graph.subscribe(receiver.url, expirationDateTime=later(1))
    assert answer.json["expirationDateTime"][:16] >= later(44)[:16]
    await sandbox.control("POST", "/clock", json={"advance_seconds": 46 * 60})
    graph = await sandbox.sign_in(SALES)
    assert (await graph.call("GET", f"/subscriptions/{answer.json['id']}")).status == 404
    await sandbox.deliver(SALES, simple_mail())
    assert (await graph.subscribe(receiver.url, expirationDateTime=later(46 + 60))).status == 201
    await sandbox.deliver(SALES, simple_mail())
    items = await receiver.received(1)
    assert len(items) == 1


async def test_every_change_is_announced_as_it_happened(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    subscription = (await graph.subscribe(receiver.url)).json
    message_id = await sandbox.deliver(SALES, simple_mail())
    await receiver.received(1)
    path, prefer = f"/me/messages/{message_id}", {"Prefer": 'IdType="ImmutableId"'}
    read = await graph.call("PATCH", path, headers=prefer, json={"isRead": True})
    assert read.json["isRead"] is True
    await receiver.received(2)
    assert (await graph.call("POST", f"{path}/move", headers=prefer, json={"destinationId": "archive"})).status == 201
    await receiver.received(3)
    assert (await graph.call("POST", f"{path}/move", headers=prefer, json={"destinationId": "inbox"})).status == 201
    await receiver.received(4)
    assert (await graph.call("DELETE", path, headers=prefer)).status == 204
    items = await receiver.received(5)
    assert [one["changeType"] for one in items] == ["created", "updated", "deleted", "created", "deleted"]
    assert {one["resourceData"]["id"] for one in items} == {message_id}
    assert len({one["resourceData"]["@odata.etag"] for one in items}) == 5
    me = (await graph.call("GET", "/me")).json
    first = items[0]
    assert first["subscriptionId"] == subscription["id"]
    assert first["clientState"] == "state-1"
    assert first["resource"] == f"Users/{me['id']}/Messages/{message_id}" == first["resourceData"]["@odata.id"]
    assert first["resourceData"]["@odata.type"] == "#Microsoft.Graph.Message"
    assert set(first) == {
        "subscriptionId", "subscriptionExpirationDateTime", "changeType", "resource", "resourceData", "clientState",
        "tenantId",
    }  # fmt: skip


async def test_without_the_preference_notices_carry_regular_ids(
    sandbox: Sandbox, graph: Graph, receiver: Receiver
) -> None:
    assert (await graph.subscribe(receiver.url, immutable=False, resource="me/messages")).status == 201
    immutable_id = await sandbox.deliver(SALES, simple_mail())
    items = await receiver.received(1)
    assert items[0]["resourceData"]["id"] != immutable_id
    assert (await graph.call("GET", f"/me/messages/{items[0]['resourceData']['id']}")).status == 200


async def test_many_changes_come_in_few_posts(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url)
    support = await sandbox.sign_in(SUPPORT)
    await support.subscribe(receiver.url)
    await asyncio.gather(
        *(sandbox.deliver((SALES, SUPPORT)[one % 2], simple_mail(str(one), str(one))) for one in range(200))
    )
    items = await receiver.received(200)
    assert len({one["resourceData"]["id"] for one in items}) == 200
    assert len(receiver.posts) < 100
    assert any(len({one["subscriptionId"] for one in post["value"]}) == 2 for post in receiver.posts)


async def test_refused_notices_come_again(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url)
    receiver.statuses = [503, 429]
    message_id = await sandbox.deliver(SALES, simple_mail())
    items = await receiver.received(1)
    assert [one["resourceData"]["id"] for one in items] == [message_id]
    attempts = (await sandbox.control("GET", "/deliveries"))["items"]
    assert [(one["status"], one["attempt"]) for one in attempts] == [(503, 1), (429, 2), (202, 3)]


async def test_what_was_not_delivered_survives_a_kill(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    subscription = (await graph.subscribe(receiver.url)).json
    receiver.statuses = [500] * 3
    message_id = await sandbox.deliver(SALES, simple_mail())
    await until(lambda: len(receiver.statuses) < 3, what="a first attempt")
    receiver.statuses = [500] * 3
    sandbox.process.kill9_and_start()
    items = await receiver.received(1)
    assert [(one["resourceData"]["id"], one["subscriptionId"]) for one in items] == [(message_id, subscription["id"])]
    assert (await graph.call("GET", f"/me/messages/{message_id}")).json["subject"] == "Order 17"
    assert (await graph.call("GET", f"/subscriptions/{subscription['id']}")).status == 200


async def test_after_four_hours_it_is_given_up(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    await graph.subscribe(receiver.url, expirationDateTime=later(1000))
    receiver.statuses = [500] * 1000
    await sandbox.deliver(SALES, simple_mail())
    await until(lambda: len(receiver.statuses) < 1000, what="a first attempt")
    await sandbox.control("POST", "/clock", json={"advance_seconds": 4 * 3600 + 1})

    async def settled() -> bool:
        return not (await sandbox.control("GET", "/deliveries"))["delivering"]

    await until(settled, what="the end of all attempts")
    assert receiver.posts == []


async def test_lifecycle_notices_go_to_their_own_url(sandbox: Sandbox, graph: Graph, receiver: Receiver) -> None:
    async with open_receiver() as lifecycle:
        subscription = (await graph.subscribe(receiver.url, lifecycleNotificationUrl=lifecycle.url)).json
        for event in ("missed", "reauthorize", "removed"):
            await sandbox.control("POST", f"/subscriptions/{subscription['id']}/{event}")
        items = await lifecycle.received(3)
    assert {one["lifecycleEvent"] for one in items} == {"missed", "reauthorizationRequired", "subscriptionRemoved"}
    assert all("changeType" not in one and one["clientState"] == "state-1" for one in items)
    assert (await graph.call("GET", f"/subscriptions/{subscription['id']}")).status == 404
    assert receiver.posts == []
