"""The webhook of a real process against what Graph sends, and what it never does."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from yarl import URL

from flovify.common.db import Pool, create_pool
from tests.integration.api_flow.house import (
    KEY,
    OLD_KEY,
    PATH,
    Api,
    Subscribed,
    api_environment,
    running_api,
)
from tests.support.intake_log import carry_all
from tests.support.postgres import Cluster
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class House:
    api: Api
    pool: Pool
    http: aiohttp.ClientSession

    async def post(self, body: Any = None, *, data: Any = None, headers: dict[str, str] | None = None) -> int:
        content = json.dumps(body).encode() if data is None else data
        head = {"Content-Type": "application/json"} | (headers or {})
        async with self.http.post(self.api.webhook, data=content, headers=head) as answer:
            assert len(await answer.read()) <= 200
            return answer.status

    async def send(self, *items: Any) -> int:
        return await self.post({"value": list(items)})

    async def events(self, subscribed: Subscribed) -> list[Any]:
        await carry_all(self.pool)
        return await self.pool.fetch("SELECT * FROM api.inbox WHERE tenant_id = $1 ORDER BY id", subscribed.tenant_id)

    async def count(self, result: str) -> float:
        async with self.http.get(self.api.metrics) as answer:
            text = await answer.text()
        wanted = f'flovify_webhook_notifications_total{{result="{result}"}} '
        return sum(float(line.removeprefix(wanted)) for line in text.splitlines() if line.startswith(wanted))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(cluster: Cluster) -> AsyncIterator[House]:
    async with cluster.fresh(migrated=True) as database:
        pool = await create_pool(database.api_dsn, application_name="test")
        keys = f"{KEY}, {OLD_KEY}"  # as while the one is being replaced by the other
        with running_api(api_environment(database.api_dsn, MS365_CLIENT_STATE=keys)) as api:
            async with aiohttp.ClientSession() as http:
                yield House(api, pool, http)
        pool.terminate()


@pytest_asyncio.fixture(loop_scope="module")
async def known(house: House) -> Subscribed:
    return await Subscribed().insert(house.pool)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_the_validation_token_comes_back_decoded_once_as_plain_text(house: House, method: str) -> None:
    url = URL(f"{house.api.webhook}?validationToken=a%20b%2Bc+d%253A", encoded=True)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    async with house.http.request(method, url, headers=headers) as answer:
        assert answer.status == 200
        assert await answer.read() == b"a b+c d%3A"
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "validationToken=%3Cscript%3Ealert(1)%3C/script%3E",
        "validationToken=",
        "validationToken",
        "validationToken=a&validationToken=b",
        "validationToken=" + "a" * 2049,
        "validationToken=%00",
        "validationToken=%0d%0aSet-Cookie:x=1",
        "validationToken=%ff%fe",
        "validationToken=%c3%a9",
        "&".join("x=1" for _ in range(50)) + "&validationToken=a",
    ],
)
async def test_a_validation_token_that_graph_never_sends_is_refused_and_not_echoed(house: House, query: str) -> None:
    async with house.http.post(URL(f"{house.api.webhook}?{query}", encoded=True)) as answer:
        assert (answer.status, await answer.read()) == (400, b"")
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "TRACE", "PATCH"])
async def test_other_methods_are_refused(house: House, method: str) -> None:
    async with house.http.request(method, house.api.webhook) as answer:
        assert (answer.status, answer.headers["Allow"], await answer.read()) == (405, "POST", b"")


async def test_a_notification_is_stored_before_it_is_acknowledged(house: House, known: Subscribed) -> None:
    assert await house.send(known.item("AAMk-1=")) == 202
    (event,) = await house.events(known)
    assert (event["message_id"], event["change_type"], event["kind"]) == ("AAMk-1=", "created", "change")
    assert event["subscription_row_id"] == known.row_id
    assert event["item"]["resourceData"]["id"] == "AAMk-1="
    assert event["item"]["clientState"] == "***"
    assert known.secret not in str(dict(event))


async def test_the_same_notification_a_hundred_times_at_once_is_one_event(house: House, known: Subscribed) -> None:
    statuses = await asyncio.gather(*(house.send(known.item()) for _ in range(100)))
    assert set(statuses) == {202}
    assert len(await house.events(known)) == 1


async def test_updates_and_the_removal_of_one_message_are_events_of_their_own(house: House, known: Subscribed) -> None:
    items = [
        known.item("m", "created", 'W/"1"'),
        known.item("m", "updated", 'W/"1"'),
        known.item("m", "updated", 'W/"2"'),
        known.item("m", "deleted", 'W/"2"'),
        known.item("m", "deleted", resourceData={"id": "m"}),
        known.item("m", "deleted", resourceData={"id": "m"}),
    ]
    assert await house.send(*items) == 202
    assert len(await house.events(known)) == 5


async def test_an_early_notification_is_taken_before_the_create_call_has_returned(house: House) -> None:
    early = await Subscribed(subscription_id=None).insert(house.pool)
    assert await house.send(early.item(subscriptionId=str(uuid.uuid4()))) == 202
    assert len(await house.events(early)) == 1


async def test_a_changed_secret_is_known_at_once_and_the_one_before_is_still_taken(
    house: House, known: Subscribed
) -> None:
    await house.send(known.item("before"))
    renewed = Subscribed(known.row_id, known.tenant_id, str(uuid.uuid4()))
    await house.pool.execute("DELETE FROM api.webhook_subscriptions WHERE id = $1", known.row_id)
    await renewed.insert(house.pool)
    await house.pool.execute(
        "UPDATE api.webhook_subscriptions SET previous_client_state_hash = $2 WHERE id = $1",
        known.row_id,
        (await _hash_of(known)),
    )
    assert await house.send(renewed.item("after")) == 202
    assert await house.send(known.item("late")) == 202
    assert [event["message_id"] for event in await house.events(known)] == ["before", "after", "late"]


async def _hash_of(subscribed: Subscribed) -> bytes:
    from flovify.api.subscriptions import client_state

    return client_state.digest(subscribed.secret, KEY)


async def test_a_removed_subscription_is_no_longer_taken(house: House, known: Subscribed) -> None:
    await house.send(known.item("before"))
    await house.pool.execute("DELETE FROM api.webhook_subscriptions WHERE id = $1", known.row_id)
    before = await house.count("unknown_subscription")

    async def refused() -> bool:
        await house.send(known.item("after"))
        return await house.count("unknown_subscription") > before

    await until(refused)


@pytest.mark.parametrize("event", ["reauthorizationRequired", "subscriptionRemoved", "missed"])
async def test_lifecycle_notifications_go_the_same_durable_way(house: House, known: Subscribed, event: str) -> None:
    assert await house.send(known.lifecycle(event)) == 202
    (stored,) = await house.events(known)
    assert (stored["kind"], stored["change_type"]) == ("lifecycle", event)


def _other_end(secret: str) -> str:
    return secret[:-1] + ("A" if secret[-1] != "A" else "B")


async def test_what_has_not_the_right_secret_is_acknowledged_dropped_and_counted(
    house: House, known: Subscribed
) -> None:
    wrong: list[tuple[str, Any]] = [
        ("client_state_mismatch", known.item(clientState=_other_end(known.secret))),
        ("client_state_mismatch", known.item(clientState="é")),
        ("client_state_mismatch", known.item(clientState="x" * 256)),
        ("client_state_mismatch", known.item(clientState="a\x00b")),
        ("client_state_mismatch", known.item(clientState=5)),
        ("client_state_mismatch", known.item(clientState={})),
        ("client_state_mismatch", known.item(clientState=["x"])),
        ("client_state_missing", known.item(clientState=None)),
        ("client_state_missing", known.item(clientState=...)),
        ("unknown_subscription", Subscribed().item()),
        ("client_state_mismatch", known.item(clientState=_other_end(known.secret), tenantId="")),
    ]
    for reason, item in wrong:
        before = await house.count(reason)
        assert await house.send(item) == 202, item
        assert await house.count(reason) == before + 1, item
    assert await house.events(known) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"tenantId": ""}, None),
        ({"tenantId": ...}, None),
        ({"tenantId": str(uuid.uuid4())}, "tenantId"),
        ({"subscriptionId": str(uuid.uuid4())}, "subscriptionId"),
        ({"subscriptionId": ""}, "subscriptionId"),
        ({"subscriptionId": None}, "subscriptionId"),
    ],
)
async def test_with_the_right_secret_no_other_field_is_a_reason_to_drop(
    house: House, known: Subscribed, more: dict[str, Any], field: str | None
) -> None:
    assert await house.send(known.item("a", **more), known.item("b", **more)) == 202
    assert sorted(event["message_id"] for event in await house.events(known)) == ["a", "b"]
    if field is None:
        return

    async def noted() -> list[Any]:
        return await house.pool.fetch(
            "SELECT kind, detail, attempts FROM api.subscription_events WHERE subscription_row_id = $1", known.row_id
        )

    (row,) = await until(noted, 10, "the note on the timeline")
    assert (row["kind"], field in row["detail"], row["attempts"]) == ("difference", True, 1)


async def test_an_id_in_other_letters_is_no_difference(house: House, known: Subscribed) -> None:
    assert known.subscription_id is not None
    assert await house.send(known.item("a", subscriptionId=known.subscription_id.upper())) == 202
    assert len(await house.events(known)) == 1


async def test_two_losses_are_two_events_and_a_demand_is_one_for_each_subscription(
    house: House, known: Subscribed
) -> None:
    for _ in range(2):
        await house.send(known.lifecycle("missed"))
        await house.send(known.lifecycle("subscriptionRemoved"))
    again = known.lifecycle("subscriptionRemoved") | {"subscriptionId": str(uuid.uuid4())}
    await house.send(again)
    kinds = sorted(event["change_type"] for event in await house.events(known))
    assert kinds == ["missed", "missed", "subscriptionRemoved", "subscriptionRemoved"]


async def test_one_bad_item_does_not_spoil_the_others(house: House, known: Subscribed) -> None:
    assert await house.send({"clientState": 5}, known.item("good"), {}, known.item(clientState="no")) == 202
    assert [event["message_id"] for event in await house.events(known)] == ["good"]


@pytest.mark.parametrize(
    "more",
    [
        {"changeType": "archived"},
        {"lifecycleEvent": "missed"},
        {"changeType": ...},
        {"changeType": ..., "lifecycleEvent": "newlyInvented"},
        {"resourceData": ...},
        {"resourceData": {"id": 5}},
        {"resourceData": {"id": "a\x00b"}},
        {"resourceData": [1]},
        {"changeType": "a\x00"},
    ],
)
async def test_what_ours_says_but_nobody_understands_is_kept_as_unknown(
    house: House, known: Subscribed, more: dict[str, Any]
) -> None:
    assert await house.send(known.item(**more)) == 202
    assert [event["kind"] for event in await house.events(known)] == ["unknown"]


@pytest.mark.parametrize(
    "more",
    [
        {"resource": "../../admin"},
        {"resource": "https://evil.example/"},
        {"resource": "x" * 10_000},
        {"resource": "a\x00b"},
        {"subscriptionExpirationDateTime": "10000-01-01"},
        {"subscriptionExpirationDateTime": "a\x00"},
        {"unheardOf": {"deep": [[[[{"x": 10**30}]]]]}},
        {"unheardOf": "\U0001f4e7 \u202e"},
    ],
)
async def test_odd_values_in_fields_nobody_needs_do_no_harm(
    house: House, known: Subscribed, more: dict[str, Any]
) -> None:
    assert await house.send(known.item("odd", **more)) == 202
    assert [event["message_id"] for event in await house.events(known)] == ["odd"]


async def test_of_a_key_given_twice_the_last_one_counts(house: House, known: Subscribed) -> None:
    good = json.dumps(known.item())
    body = f'{{"value": [{good[:-1]}, "clientState": "wrong"}}]}}'
    assert await house.post(data=body.encode()) == 202
    assert await house.events(known) == []
    body = f'{{"value": [{{"clientState": "wrong", {good[1:]}]}}'
    assert await house.post(data=body.encode()) == 202
    assert len(await house.events(known)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"value":null}',
        b'{"value":2}',
        b'{"value":[null]}',
        b'{"value":{}}',
        b'{"value":["x"]}',
        '{"value":[]}'.encode("utf-16"),
        b"\xef\xbb\xbf" + b'{"value":[]}',
        b'{"value":[{"x":"\xff"}]}',
        b'{"value":[]}{"value":[]}',
        b'{"value":[{"x":NaN}]}',
        b'{"value":[{"clientState":"\\ud800"}]}',
        b'{"value":' + b"[" * 200_000,
        b'{"x":' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"value":[{"x":' + b'{"a":' * 2000 + b"1" + b"}" * 2000 + b"}]}",
        b'{"value":[' + b"{}," * 1000 + b"{}]}",
        b'{"value":[{"clientState":' + b"1" * 5000 + b"}]}",
        b'{"value":[{"x":' + b"1" * 5000 + b"}]}",
        b'{"value":[{"x":1e200000}]}',
    ],
    ids=range(22),
)
async def test_what_graph_never_sends_is_refused(house: House, body: bytes) -> None:
    assert await house.post(data=body) == 400


async def test_a_thousand_items_are_taken_within_a_second(house: House, known: Subscribed) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await house.send(*({**known.item(f"m{number}"), "resource": ""} for number in range(1000))) == 202
    assert loop.time() - began < 2.5
    assert len(await house.events(known)) == 1000


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/xml",
        "application/json; charset=utf-16",
        "application/jsonp",
        "multipart/form-data",
    ],
)
async def test_another_content_type_is_refused(house: House, content_type: str) -> None:
    assert await house.post(data=b'{"value":[]}', headers={"Content-Type": content_type}) == 415


async def test_a_charset_of_utf_8_is_fine(house: House) -> None:
    for content_type in ("application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'):
        assert await house.post(data=b'{"value":[]}', headers={"Content-Type": content_type}) == 202


async def raw(house: House, *parts: bytes, wait: float = 10) -> bytes:
    """Send bytes as they are and read until the server closes the connection or `wait` seconds are over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.api.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        async with asyncio.timeout(wait):
            return await reader.read(65536)
    finally:
        writer.close()


def head(*lines: str) -> bytes:
    return "\r\n".join([f"POST {PATH} HTTP/1.1", "Host: localhost", *lines, "", ""]).encode()


async def test_a_length_above_the_cap_is_refused_before_the_body_is_read(house: House) -> None:
    for length in (2**20 + 1, 10 * 2**30):
        answer = await raw(house, head("Content-Type: application/json", f"Content-Length: {length}"))
        assert answer.startswith(b"HTTP/1.1 413 "), answer
        assert b"connection: close" in answer.lower()


async def test_a_chunked_body_above_the_cap_is_refused_at_the_cap(house: House) -> None:
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    start = head("Content-Type: application/json", "Transfer-Encoding: chunked")
    answer = await raw(house, start, *([chunk] * 17))
    assert answer.startswith(b"HTTP/1.1 413 "), answer


async def test_a_body_that_trickles_is_given_up_after_two_seconds(house: House) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    answer = await raw(house, head("Content-Type: application/json", "Content-Length: 100"), b"{")
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert 1.5 < loop.time() - began < 5


async def test_a_secret_under_either_key_is_taken_while_the_keys_change(house: House) -> None:
    new = await Subscribed().insert(house.pool)
    old = await Subscribed().insert(house.pool, OLD_KEY)
    gone = await Subscribed().insert(house.pool, "an-even-older-key-0123456789")
    everybody = [item.tenant_id for item in (old, new, gone)]
    assert await house.send(*(item.item() for item in (old, new, gone))) == 202
    await carry_all(house.pool)
    rows = await house.pool.fetch("SELECT tenant_id FROM api.inbox WHERE tenant_id = ANY ($1)", everybody)
    assert {row["tenant_id"] for row in rows} == {old.tenant_id, new.tenant_id}


async def test_the_events_of_a_request_have_its_correlation_id(house: House, known: Subscribed) -> None:
    wanted = str(uuid.uuid4())
    body = {"value": [known.item("one"), known.item("two")]}
    assert await house.post(body, headers={"X-Correlation-Id": wanted}) == 202
    assert await house.send(known.item("three")) == 202
    assert await house.post({"value": [known.item("four")]}, headers={"X-Correlation-Id": "a-trace-of-somebody"}) == 202
    events = await house.events(known)
    assert [str(row["correlation_id"]) for row in events[:2]] == [wanted, wanted]
    assert len({row["correlation_id"] for row in events}) == 3
    assert not {row["correlation_id"] for row in events} & {row["id"] for row in events}
    told = [json.loads(line) for line in house.api.process.output().splitlines() if "notifications_stored" in line]
    (line,) = [one for one in told if wanted in one["correlation_ids"]]
    assert (line["events"], line["requests"]) == (2, 1)
