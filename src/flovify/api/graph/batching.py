"""JSON batches of GETs (concepts/json-batching, 2025-02-21): 20 at most, answers in any order, matched by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flovify.api.graph.errors import from_response
from flovify.api.providers.errors import ProviderUnavailable
from flovify.api.providers.models import Fetched, FetchFailure, FetchResult, JsonObject

MAX_ITEMS = 20


def request(urls: Sequence[str]) -> JsonObject:
    """The body for GETs of `urls`, paths relative to the version. Items carry the Prefer header themselves."""
    headers = {"Prefer": 'IdType="ImmutableId"'}
    return {
        "requests": [
            {"id": str(number), "method": "GET", "url": url, "headers": headers} for number, url in enumerate(urls, 1)
        ]
    }


def results(answer: Any, message_ids: Sequence[str]) -> list[FetchResult]:
    """The outcome of each message in the order asked. An item Graph left out counts as unavailable, not as gone."""
    responses = answer.get("responses") if isinstance(answer, dict) else None
    by_id = {str(item.get("id")): item for item in responses or [] if isinstance(item, dict)}
    return [_result(by_id.get(str(number)), message_id) for number, message_id in enumerate(message_ids, 1)]


def the_message(body: JsonObject, message_id: str) -> FetchResult:
    """A body that came with status 200: it is the message only if it names itself so (with immutable ids always)."""
    if body.get("id") == message_id:
        return Fetched(body)
    text = "Graph's answer is not the message that was asked for"
    return FetchFailure(ProviderUnavailable(text, status=200, code="not_the_message"))


def _result(item: JsonObject | None, message_id: str) -> FetchResult:
    if item is None:
        return FetchFailure(ProviderUnavailable("Graph left this item out of its batch answer", code="no_item"))
    status, body, headers = item.get("status"), item.get("body"), item.get("headers")
    if not isinstance(status, int):
        return FetchFailure(ProviderUnavailable("a batch item without a status", code="no_status"))
    if 200 <= status < 300 and isinstance(body, dict):
        return the_message(body, message_id)
    texts = {str(key): str(value) for key, value in headers.items()} if isinstance(headers, dict) else {}
    if 200 <= status < 300:
        return FetchFailure(
            ProviderUnavailable("a batch item without a JSON object", status=status, code="not_an_object")
        )
    return FetchFailure(from_response(status, texts, body))
