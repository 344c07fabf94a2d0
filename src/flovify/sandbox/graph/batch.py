"""POST /$batch (GC: concepts/json-batching.md, 2025-02-21; concepts/throttling.md)."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import msgspec

from flovify.sandbox.graph.errors import GraphError, bad_request
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse

MAX_ITEMS = 20
# Outlook runs up to four items of one batch at a time, whatever mailboxes they name.
AT_ONCE = 4
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
Answer = Callable[[GraphRequest], Awaitable[GraphResponse]]


@dataclass
class Item:
    """One request of a batch; `finished` is set when its response is there."""

    id: str
    request: GraphRequest
    depends_on: list[str]
    response: GraphResponse | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)


async def run_batch(outer: GraphRequest, answer: Answer) -> GraphResponse:
    """200 with one response an item, in order of finishing. Raises GraphError 400 for a batch that cannot be read."""
    items = read_items(outer)
    by_id = {item.id.lower(): item for item in items}
    # With dependencies Outlook goes one by one.
    slots = asyncio.Semaphore(1 if any(item.depends_on for item in items) else AT_ONCE)
    finished: list[Item] = []

    async def run(item: Item) -> None:
        needed = [by_id[name] for name in item.depends_on]
        for other in needed:
            await other.finished.wait()
        async with slots:
            item.response = _failed_dependency(needed) or await answer(item.request)
        finished.append(item)
        item.finished.set()

    await asyncio.gather(*(run(item) for item in items))
    return GraphResponse(200, {"responses": [_response_json(item) for item in finished]})


def read_items(outer: GraphRequest) -> list[Item]:
    """Raises GraphError 400."""
    given = outer.json().get("requests")
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise bad_request("Invalid batch payload format.")
    if not given:
        raise bad_request("Batch request must hold at least one request.")
    if len(given) > MAX_ITEMS:
        raise bad_request(
            f"Number of batch request steps exceeds the maximum value of {MAX_ITEMS}.", "MaximumValueExceeded"
        )
    seen: set[str] = set()
    items = []
    for one in given:
        item = _item(one, outer)
        if item.id.lower() in seen:
            raise bad_request(f"Request Id '{item.id}' has to be unique in a batch.")
        # What an item depends on stands before it, which rules out circles too.
        if not set(item.depends_on) <= seen:
            raise bad_request(f"The dependsOn of request '{item.id}' names a request that does not come before it.")
        seen.add(item.id.lower())
        items.append(item)
    return items


def _item(one: dict[str, Any], outer: GraphRequest) -> Item:
    name, method, url = one.get("id"), one.get("method"), one.get("url")
    if not isinstance(name, str) or not name:
        raise bad_request("Every request of a batch needs an 'id' that is a string.")
    if not isinstance(method, str) or method.upper() not in _METHODS:
        raise bad_request(f"Invalid 'method' of the batch request '{name}'.")
    if not isinstance(url, str) or not url or "://" in url.partition("?")[0] or url.startswith("//"):
        raise bad_request(f"The 'url' of the batch request '{name}' must be relative.")
    depends_on = one.get("dependsOn") or []
    if not isinstance(depends_on, list) or not all(isinstance(other, str) for other in depends_on):
        raise bad_request(f"Invalid 'dependsOn' of the batch request '{name}'.")
    parts = urlsplit("/" + url.lstrip("/"))
    if parts.path.strip("/").lower() == "$batch":
        raise bad_request("A batch cannot hold a batch.")
    headers = _headers(one, name, outer)
    request = GraphRequest(
        method=method.upper(),
        path=parts.path,
        query=parts.query,
        headers=headers,
        body=_body(one, name, headers),
        base=outer.base,
    )
    return Item(name, request, [other.lower() for other in depends_on])


def _headers(one: dict[str, Any], name: str, outer: GraphRequest) -> dict[str, str]:
    """The item's own headers; the token is the batch's unless the item brings one."""
    given = one.get("headers") or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise bad_request(f"Invalid 'headers' of the batch request '{name}'.")
    inherited = {key: outer.headers[key] for key in ("authorization", "client-request-id") if key in outer.headers}
    return {**inherited, **{key.lower(): value for key, value in given.items()}}


def _body(one: dict[str, Any], name: str, headers: dict[str, str]) -> bytes:
    body = one.get("body")
    if body is None:
        return b""
    if "content-type" not in headers:
        raise bad_request(f"The batch request '{name}' has a body, so it needs a Content-Type header.")
    return msgspec.json.encode(body)


def _failed_dependency(needed: list[Item]) -> GraphResponse | None:
    if all(other.response is not None and other.response.status < 400 for other in needed):
        return None
    error = GraphError(424, "FailedDependency", "A request this one depends on failed.", plain=True)
    return GraphResponse(424, error.body({}), content_type="application/json")


def _response_json(item: Item) -> dict[str, Any]:
    response = item.response or GraphResponse(500)
    headers = {**response.headers, "request-id": item.request.request_id}
    shown: dict[str, Any] = {"id": item.id, "status": response.status, "headers": headers}
    if isinstance(response.body, bytes):
        headers["Content-Type"] = response.content_type
        # Bodies that are not JSON come in base64 (GC: concepts/json-batching.md).
        shown["body"] = base64.b64encode(response.body).decode()
    elif response.body is not None:
        headers["Content-Type"] = response.content_type
        shown["body"] = response.body
    return shown
