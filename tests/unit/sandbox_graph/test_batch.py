from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flovify.sandbox.graph.batch import run_batch
from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from tests.unit.sandbox_graph.fakes import SALES, Bench, simple_mail


def item(name: str, url: str = "/me", **more: Any) -> dict[str, Any]:
    return {"id": name, "method": "GET", "url": url, **more}


async def run(bench: Bench, *items: dict[str, Any]) -> dict[str, dict[str, Any]]:
    answer = await run_batch(bench.request("POST", "/$batch", {"requests": list(items)}), bench.service.answer)
    assert answer.status == 200
    return {one["id"]: one for one in answer.body["responses"]}


async def test_items_are_answered_each_by_itself() -> None:
    bench = Bench()
    message = bench.mail.deliver(SALES, simple_mail())
    immutable = {"Prefer": 'IdType="ImmutableId"'}
    answers = await run(
        bench,
        item("a", f"/me/messages/{message.regular_id}?$select=subject", headers=immutable),
        item("b", "me/messages/none"),
        item("c", "/nonsense"),
        item("d", f"/me/messages/{message.regular_id}/$value"),
        item("e", f"/me/messages/{message.regular_id}", method="PATCH", body={"isRead": True},
             headers={"Content-Type": "application/json"}),
    )  # fmt: skip
    assert [answers[name]["status"] for name in "abcde"] == [200, 404, 400, 200, 200]
    assert (answers["a"]["body"]["id"], answers["a"]["body"]["subject"]) == (message.immutable_id, "Order 17")
    assert answers["b"]["body"]["error"]["code"] == "ErrorItemNotFound"
    assert isinstance(answers["d"]["body"], str)
    assert message.is_read


async def test_a_batch_alone_stays_within_its_four_slots() -> None:
    bench = Bench()
    bench.mail.deliver(SALES, simple_mail())
    answers = await run(bench, *(item(str(one), "/me/messages") for one in range(20)))
    assert {one["status"] for one in answers.values()} == {200}


async def test_two_batches_for_one_mailbox_throttle_each_other_item_by_item() -> None:
    bench = Bench()
    batches = await asyncio.gather(
        *(run(bench, *(item(str(one), "/me/messages") for one in range(20))) for _ in range(2))
    )
    throttled = [one for batch in batches for one in batch.values() if one["status"] == 429]
    assert throttled
    assert len(throttled) < 40
    assert all(float(one["headers"]["Retry-After"]) >= 1 for one in throttled)
    assert throttled[0]["body"] == {
        "error": {"code": "ApplicationThrottled", "message": "Application is over its MailboxConcurrency limit."}
    }


async def test_dependants_wait_and_fail_with_what_they_depend_on() -> None:
    order: list[str] = []

    async def answer(request: GraphRequest) -> GraphResponse:
        await asyncio.sleep(0)
        order.append(request.path)
        return GraphResponse(404 if request.path == "/bad" else 204)

    outer = Bench().request("POST", "/$batch", {"requests": [
        item("1", "/one"), item("2", "/two", dependsOn=["1"]), item("3", "/bad"), item("4", "/never", dependsOn=["3"]),
        item("5", "/never", dependsOn=["4"]), item("6", "/six", dependsOn=["2", "1"]),
    ]})  # fmt: skip
    answered = await run_batch(outer, answer)
    statuses = {one["id"]: one["status"] for one in answered.body["responses"]}
    assert statuses == {"1": 204, "2": 204, "3": 404, "4": 424, "5": 424, "6": 204}
    assert order.index("/one") < order.index("/two") < order.index("/six")
    assert "/never" not in order


async def test_four_run_at_a_time() -> None:
    running = most = 0

    async def answer(_request: GraphRequest) -> GraphResponse:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        return GraphResponse(204)

    outer = Bench().request("POST", "/$batch", {"requests": [item(str(one)) for one in range(20)]})
    await run_batch(outer, answer)
    assert most == 4


@pytest.mark.parametrize(
    "requests",
    [
        None,
        [],
        "text",
        [1],
        [item(str(one)) for one in range(21)],
        [item("A"), item("a")],
        [item("")],
        [{"method": "GET", "url": "/me"}],
        [{"id": 1, "method": "GET", "url": "/me"}],
        [item("1", "https://graph.microsoft.com/v1.0/me")],
        [item("1", "//graph.microsoft.com/me")],
        [item("1", "")],
        [item("1", method="TRACE")],
        [item("1", "/$batch", method="POST")],
        [item("1", dependsOn=["2"]), item("2")],
        [item("1", dependsOn=["1"])],
        [item("1", dependsOn="1")],
        [item("1", method="PATCH", body={"isRead": True})],
        [item("1", headers={"a": 1})],
    ],
)
async def test_a_batch_that_cannot_be_read_is_refused_as_a_whole(requests: Any) -> None:
    bench = Bench()
    with pytest.raises(GraphError) as refused:
        await run_batch(bench.request("POST", "/$batch", {"requests": requests}), bench.service.answer)
    assert refused.value.status == 400
