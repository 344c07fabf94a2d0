from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.integration.sandbox_graph.world import SALES, SUPPORT, Graph, Receiver, Sandbox
from tests.support.wait import until
from tests.unit.sandbox_graph.corpus import corpus_files, corpus_parameters
from tests.unit.sandbox_graph.fakes import simple_mail

PREFER = {"Prefer": 'IdType="ImmutableId"'}


async def test_answers_carry_graphs_headers(graph: Graph) -> None:
    answer = await graph.call("GET", "/me", headers={"client-request-id": "my-id-1"})
    assert answer.status == 200
    assert answer.headers["client-request-id"] == "my-id-1"
    assert len(answer.headers["request-id"]) == 36
    assert answer.headers["OData-Version"] == "4.0"
    assert answer.headers["Content-Type"].startswith("application/json;odata.metadata=minimal")


@pytest.mark.parametrize("path", ["", "/", "/nonsense", "/me/%2e%2e/x", "/me/messages/%F0%28", "/users//messages"])
async def test_nothing_is_answered_in_html(graph: Graph, path: str) -> None:
    answer = await graph.call("GET", path)
    assert answer.status in (400, 403, 404), answer.raw
    assert set(answer.json["error"]) == {"code", "message", "innerError"}


async def test_ids_work_encoded_and_plain(sandbox: Sandbox, graph: Graph) -> None:
    message_id = await sandbox.deliver(SALES, simple_mail())
    assert message_id.endswith("=")
    for shown in (message_id, quote(message_id, safe="")):
        answer = await graph.call("GET", f"/me/messages/{shown}", headers=PREFER)
        assert answer.json["id"] == message_id


async def test_next_links_lead_through_the_mailbox(sandbox: Sandbox, graph: Graph) -> None:
    for number in range(12):
        await sandbox.deliver(SUPPORT, simple_mail(str(number), str(number)))
    support = await sandbox.sign_in(SUPPORT)
    seen, path = [], "/me/mailFolders/inbox/messages?$select=id&$top=5&$filter=receivedDateTime ge 2020-01-01T00:00:00Z"
    while path:
        page = (await support.call("GET", path)).json
        seen += [one["id"] for one in page["value"]]
        link = page.get("@odata.nextLink", "")
        assert link.startswith(f"{sandbox.base}/v1.0/") or not link
        path = link.removeprefix(f"{sandbox.base}/v1.0")
    assert len(seen) == len(set(seen)) >= 12


async def batch(graph: Graph, *urls: str) -> list[dict[str, object]]:
    requests = [{"id": str(number), "method": "GET", "url": url} for number, url in enumerate(urls)]
    answer = await graph.call("POST", "/$batch", json={"requests": requests})
    assert answer.status == 200, answer.raw
    return sorted(answer.json["responses"], key=lambda one: int(one["id"]))


async def test_a_batch_fetches_twenty_messages(sandbox: Sandbox, graph: Graph) -> None:
    ids = [await sandbox.deliver(SALES, simple_mail(str(one), str(one))) for one in range(20)]
    answers = await batch(graph, *(f"/me/messages/{one}?$select=subject" for one in ids))
    assert [one["status"] for one in answers] == [200] * 20
    assert [one["body"]["subject"] for one in answers] == [str(one) for one in range(20)]  # type: ignore[index]
    too_many = [{"id": str(one), "method": "GET", "url": "/me"} for one in range(21)]
    refused = await graph.call("POST", "/$batch", json={"requests": too_many})
    assert (refused.status, refused.json["error"]["innerError"]["request-id"]) == (400, refused.headers["request-id"])
    assert (await graph.call("GET", "/$batch")).status == 405


async def test_faults_meet_single_items_of_a_batch(sandbox: Sandbox, graph: Graph) -> None:
    fault = {"method": "GET", "path": "/v1.0/me/messages*", "times": 1, "status": 429, "headers": {"Retry-After": "7"}}
    await sandbox.control("POST", "/faults", json=fault)
    answers = await batch(graph, "/me", "/me/messages?$top=1", "/me/messages?$top=2")
    assert sorted(one["status"] for one in answers) == [200, 200, 429]  # type: ignore[type-var]
    throttled = next(one for one in answers if one["status"] == 429)
    assert throttled["headers"]["Retry-After"] == "7"  # type: ignore[index]
    seen = (await sandbox.control("GET", "/requests", params={"path": "/v1.0/me/messages"}))["items"]
    assert sorted(one["status"] for one in seen) == [200, 429]


async def test_a_fifth_request_at_once_is_throttled(graph: Graph) -> None:
    async def burst() -> list[int]:
        answers = await asyncio.gather(*(graph.call("GET", "/me/messages?$top=1") for _ in range(30)))
        return [one.status for one in answers]

    await until(lambda: _has_both(burst), what="a burst with 429 among its answers")


async def _has_both(burst: object) -> bool:
    statuses = await burst()  # type: ignore[operator]
    assert set(statuses) <= {200, 429}
    return {200, 429} == set(statuses)


@pytest.mark.parametrize("path", corpus_parameters()[:1])
async def test_all_real_mail_comes_out_as_it_went_in(
    sandbox: Sandbox, graph: Graph, receiver: Receiver, path: Path
) -> None:
    files = corpus_files()
    await graph.subscribe(receiver.url)
    ids = {await sandbox.deliver(SALES, one.read_bytes()): one for one in files}
    items = await receiver.received(len(files))
    assert {one["resourceData"]["id"] for one in items} == set(ids)
    for message_id, source in ids.items():
        raw = await graph.call("GET", f"/me/messages/{message_id}/$value")
        assert hashlib.sha256(raw.raw).digest() == hashlib.sha256(source.read_bytes()).digest(), source
        shown = await graph.call("GET", f"/me/messages/{message_id}?$expand=attachments", headers=PREFER)
        assert (shown.status, shown.json["id"]) == (200, message_id)
    listed = await graph.call("GET", "/me/messages?$top=1000")
    assert len(listed.json["value"]) >= len(files)


async def test_mail_and_its_state_survive_a_kill(sandbox: Sandbox, graph: Graph) -> None:
    message_id = await sandbox.deliver(SALES, simple_mail())
    before = (await graph.call("PATCH", f"/me/messages/{message_id}", headers=PREFER, json={"isRead": True})).json
    sandbox.process.kill9_and_start()
    after = (await graph.call("GET", f"/me/messages/{message_id}", headers=PREFER)).json
    assert {name: after[name] for name in before if name != "@odata.context"} == {
        name: value for name, value in before.items() if name != "@odata.context"
    }


async def test_two_thousand_messages_are_announced_once_each(
    sandbox: Sandbox, graph: Graph, receiver: Receiver
) -> None:
    await graph.subscribe(receiver.url)
    ids: list[str] = []
    for start in range(0, 2000, 50):
        mails = [simple_mail(str(one), str(one)) for one in range(start, start + 50)]
        ids += await asyncio.gather(*(sandbox.deliver(SALES, one) for one in mails))
    items = await receiver.received(2000, timeout=60)
    assert len(items) == 2000
    assert {one["resourceData"]["id"] for one in items} == set(ids)
