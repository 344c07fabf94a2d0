"""The client against a small server that answers as Graph may, well and badly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from flovify.api.graph.client import GraphClient
from flovify.api.providers import errors
from flovify.api.providers.models import Fetched, FetchFailure
from flovify.common.http import create_session

USER = "11111111-1111-4111-8111-111111111111"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Graph:
    """Answers every request with `handler` and keeps what came."""

    def __init__(self) -> None:
        self.handler: Handler = self._nothing
        self.seen: list[web.Request] = []
        self.running = self.most_at_once = 0
        self.url = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(request)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            return await self.handler(request)
        finally:
            self.running -= 1

    async def _nothing(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response({})


def answering(status: int = 200, body: object = None, **headers: str) -> Handler:
    async def handler(_request: web.Request) -> web.StreamResponse:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(body, status=status, headers=names)

    return handler


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    fake = Graph()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{anything:.*}", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    fake.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield fake
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with create_session() as made:
        yield made


@pytest.fixture
def client(session: aiohttp.ClientSession, graph: Graph) -> GraphClient:
    return GraphClient(session, graph.url)


async def test_message_is_asked_for_with_all_that_is_needed(client: GraphClient, graph: Graph) -> None:
    graph.handler = answering(body={"id": "m"})
    assert await client.fetch_message("tok", USER, "AAMk=-_") == {"id": "m"}
    [request] = graph.seen
    assert request.raw_path.startswith(f"/v1.0/users/{USER}/messages/AAMk=-_?")
    assert request.headers["Prefer"] == 'IdType="ImmutableId"'
    assert request.headers["Authorization"] == "Bearer tok"
    assert "internetMessageHeaders" in request.query["$select"]
    assert "body" in request.query["$select"].split(",")
    fields = "id,name,contentType,size,isInline,microsoft.graph.fileAttachment/contentId"
    assert request.query["$expand"] == f"attachments($select={fields})"


@pytest.mark.parametrize(
    ("message_id", "path"),
    [
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("../../me", "..%2F..%2Fme"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("http://evil.example/", "http%3A%2F%2Fevil.example%2F"),
        ("é\x00\ud800", "%C3%A9%00%3F"),
        ("a b%2f", "a%20b%252f"),
    ],
)
async def test_hostile_id_stays_one_path_segment(client: GraphClient, graph: Graph, message_id: str, path: str) -> None:
    graph.handler = answering(body={"id": "m"})
    await client.fetch_message("tok", USER, message_id)
    assert graph.seen[0].raw_path.partition("?")[0] == f"/v1.0/users/{USER}/messages/{path}"


async def test_batch_outcomes_are_matched_by_id(client: GraphClient, graph: Graph) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["requests"]
        assert [item["headers"] for item in asked] == [{"Prefer": 'IdType="ImmutableId"'}] * 4
        responses = [
            {"id": "3", "status": 429, "headers": {"Retry-After": "2.128"}, "body": {"error": {"code": "x"}}},
            {"id": "1", "status": 200, "body": {"id": "a"}},
            {"id": "2", "status": 404, "body": {"error": {"code": "ErrorItemNotFound", "message": "gone"}}},
        ]
        return web.json_response({"responses": responses})

    graph.handler = handler
    found = await client.get_messages("tok", USER, ["a", "b", "c", "d"])
    assert found["a"] == Fetched({"id": "a"})
    kinds = {key: type(item.error) for key, item in found.items() if isinstance(item, FetchFailure)}
    assert kinds == {"b": errors.ItemNotFound, "c": errors.ProviderThrottled, "d": errors.ProviderUnavailable}
    throttled = found["c"]
    assert isinstance(throttled, FetchFailure)
    assert throttled.error.retry_after == 2.128


async def test_batch_sample_is_read(client: GraphClient, graph: Graph, graph_reference: Any) -> None:
    sample = json.loads((graph_reference / "payloads" / "batch-response-some-throttled.json").read_text())
    graph.handler = answering(body=sample)
    (message_id,) = {item["body"]["id"] for item in sample["responses"] if item["status"] == 200}
    found = await client.get_messages("tok", USER, [message_id, "b", "c"])
    assert [type(item).__name__ for item in found.values()] == ["Fetched", "FetchFailure", "FetchFailure"]


NO_MESSAGES: list[Any] = [{"error": {"code": "ErrorInternalServerError"}}, {"id": "other"}, {"id": None}, {}]


@pytest.mark.parametrize("body", NO_MESSAGES)
async def test_an_answer_of_200_that_is_not_the_message_is_none(client: GraphClient, graph: Graph, body: Any) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if not request.path.endswith("$batch"):
            return web.json_response(body)
        asked = (await request.json())["requests"]
        return web.json_response({"responses": [{"id": item["id"], "status": 200, "body": body} for item in asked]})

    graph.handler = handler
    for message_ids in (["a"], ["a", "b"]):
        for result in (await client.get_messages("tok", USER, message_ids)).values():
            assert isinstance(result, FetchFailure)
            assert isinstance(result.error, errors.ProviderUnavailable)
            assert result.error.code == "not_the_message"


async def test_45_messages_are_three_batches_of_20_at_most(client: GraphClient, graph: Graph) -> None:
    sizes: list[int] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["requests"]
        sizes.append(len(asked))
        return web.json_response({"responses": [{"id": item["id"], "status": 200, "body": {}} for item in asked]})

    graph.handler = handler
    found = await client.get_messages("tok", USER, [f"m{number}" for number in range(45)] * 2)
    assert sizes == [20, 20, 5]
    assert len(found) == 45


async def test_batch_too_long_to_hold_is_fetched_piece_by_piece(client: GraphClient, graph: Graph) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("$batch"):
            return web.Response(body=b" " * (21 * 2**20))
        if request.path.endswith("/huge"):
            return web.Response(body=b" " * (21 * 2**20))
        return web.json_response({"id": request.path.rpartition("/")[2]})

    graph.handler = handler
    found = await client.get_messages("tok", USER, ["a", "huge", "b"])
    assert found["a"] == Fetched({"id": "a"})
    huge = found["huge"]
    assert isinstance(huge, FetchFailure)
    assert isinstance(huge.error, errors.ProviderTooLarge)


@pytest.mark.parametrize("status", [401, 403, 404, 410, 429, 500, 503])
async def test_whole_batch_refused_raises(client: GraphClient, graph: Graph, status: int) -> None:
    graph.handler = answering(status, {"error": {"code": "c", "message": "m"}})
    with pytest.raises(errors.ProviderError) as caught:
        await client.get_messages("tok", USER, ["a", "b"])
    assert caught.value.status == status


async def test_single_message_gone_is_a_failure_of_its_own(client: GraphClient, graph: Graph) -> None:
    graph.handler = answering(404, {"error": {"code": "ErrorItemNotFound"}})
    found = await client.get_messages("tok", USER, ["a"])
    assert isinstance(found["a"], FetchFailure)


async def test_at_most_four_requests_at_once_for_one_mailbox(client: GraphClient, graph: Graph) -> None:
    async def slow(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(0.02)
        return web.json_response({"id": "m"})

    graph.handler = slow
    await asyncio.gather(*(client.fetch_message("tok", USER, str(number)) for number in range(20)))
    assert graph.most_at_once == 4
    graph.most_at_once = 0
    await asyncio.gather(*(client.fetch_message("tok", f"{USER}{number % 2}", "m") for number in range(20)))
    assert 4 < graph.most_at_once <= 8


async def test_redirect_is_not_followed(client: GraphClient, graph: Graph) -> None:
    graph.handler = answering(302, None, Location=f"{graph.url}/elsewhere")
    with pytest.raises(errors.ProviderError):
        await client.fetch_message("tok", USER, "m")
    assert len(graph.seen) == 1


async def test_trickled_answer_ends_at_the_deadline(session: aiohttp.ClientSession, graph: Graph) -> None:
    async def trickle(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" ")
            await asyncio.sleep(0.1)
        return response

    graph.handler = trickle
    client = GraphClient(session, graph.url, deadline_seconds=0.3)
    started = asyncio.get_running_loop().time()
    with pytest.raises(errors.ProviderUnavailable):
        await client.fetch_message("tok", USER, "m")
    assert asyncio.get_running_loop().time() - started < 6


async def test_page_of_html_with_200_is_no_answer(client: GraphClient, graph: Graph) -> None:
    async def page(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>sign in to the network</html>", content_type="text/html")

    graph.handler = page
    with pytest.raises(errors.ProviderUnavailable):
        await client.fetch_message("tok", USER, "m")


async def test_lone_surrogates_and_bad_utf8_are_let_through(client: GraphClient, graph: Graph) -> None:
    async def odd(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b'{"id": "m", "subject": "\\ud800 \xff"}', content_type="application/json")

    graph.handler = odd
    assert await client.fetch_message("tok", USER, "m") == {"id": "m", "subject": "\ud800 \ufffd"}


async def test_network_away_is_unavailable(session: aiohttp.ClientSession) -> None:
    client = GraphClient(session, "http://127.0.0.1:9")
    with pytest.raises(errors.ProviderUnavailable):
        await client.fetch_message("tok", USER, "m")
    with pytest.raises(errors.ProviderUnavailable):
        await client.get_mime("tok", USER, "m")


async def test_list_follows_its_own_links_only(client: GraphClient, graph: Graph) -> None:
    item = {"id": "s", "resource": "r", "expirationDateTime": "2026-03-01T00:00:00Z"}

    async def paged(request: web.Request) -> web.StreamResponse:
        if "skip" in request.query_string:
            return web.json_response({"value": [item], "@odata.nextLink": "http://evil.example/v1.0/subscriptions"})
        return web.json_response({"value": [item], "@odata.nextLink": f"{graph.url}/v1.0/subscriptions?$skip=1"})

    graph.handler = paged
    with pytest.raises(errors.ProviderBadRequest) as caught:
        await client.list_subscriptions("tok")
    assert caught.value.code == "foreign_link"
    assert [request.query_string for request in graph.seen] == ["", "$skip=1"]


async def test_list_without_an_end_is_given_up(client: GraphClient, graph: Graph) -> None:
    graph.handler = answering(body={"value": [], "@odata.nextLink": f"{graph.url}/v1.0/subscriptions?$skip=1"})
    with pytest.raises(errors.ProviderUnavailable):
        await client.list_subscriptions("tok")


async def test_expiry_is_asked_for_with_a_zone_and_taken_from_the_answer(client: GraphClient, graph: Graph) -> None:
    async def renewing(request: web.Request) -> web.StreamResponse:
        assert (await request.json())["expirationDateTime"] == "2026-03-01T12:00:00.0000000Z"
        return web.json_response({"id": "s", "expirationDateTime": "2026-02-27T17:30:00.1234567+05:30"})

    graph.handler = renewing
    renewed = await client.renew_subscription("tok", "s", datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert renewed.expires_at == datetime(2026, 2, 27, 12, 0, 0, 123456, tzinfo=UTC)


async def test_answer_that_is_no_subscription_is_unavailable(client: GraphClient, graph: Graph) -> None:
    bodies: list[object] = [[], {}, {"id": "s"}, {"id": 5, "expirationDateTime": "2026-03-01T00:00:00Z"}, "x"]
    for body in bodies:
        graph.handler = answering(body=body)
        with pytest.raises(errors.ProviderUnavailable):
            await client.create_subscription("tok", {})


async def test_claims_of_a_challenge_reach_the_caller(client: GraphClient, graph: Graph) -> None:
    graph.handler = answering(401, {}, WWW_Authenticate='Bearer claims="abc"')
    with pytest.raises(errors.ProviderUnauthorized) as caught:
        await client.fetch_message("tok", USER, "m")
    assert caught.value.claims == "abc"


async def test_download_gives_back_its_slot_when_nobody_reads_it(client: GraphClient, graph: Graph) -> None:
    async def source(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 100_000)

    graph.handler = source
    for _ in range(8):
        async with client.open_mime("tok", USER, "m") as download:
            assert download.content_length == 100_000
    assert await client.get_mime("tok", USER, "m") == b"x" * 100_000


async def test_source_longer_than_wanted_is_refused(client: GraphClient, graph: Graph) -> None:
    async def source(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"x" * 1000)

    graph.handler = source
    with pytest.raises(errors.ProviderTooLarge):
        await client.get_mime("tok", USER, "m", max_bytes=999)


async def test_token_stays_out_of_errors(client: GraphClient, graph: Graph) -> None:
    graph.handler = answering(500, {"error": {"message": "boom"}})
    with pytest.raises(errors.ProviderError) as caught:
        await client.fetch_message("canary-token", USER, "m")
    assert "canary-token" not in f"{caught.value!r} {caught.value.describe()}"
