"""Graph over HTTP: everything under /v1.0 (and nothing of it as HTML)."""

from __future__ import annotations

from datetime import datetime

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from flovify.sandbox.graph.access import caller_of
from flovify.sandbox.graph.batch import run_batch
from flovify.sandbox.graph.context import GraphParts
from flovify.sandbox.graph.errors import GraphError, method_not_allowed
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse
from flovify.sandbox.graph.item_faults import ItemFaults
from flovify.sandbox.graph.service import GraphService
from flovify.sandbox.graph.throttle import Limits, Throttle
from flovify.sandbox.world import World

VERSION = "v1.0"
MAX_BODY_BYTES = 4 * 2**20
_METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"]


class GraphEndpoint:
    """Turns HTTP requests into Graph calls and their answers back into HTTP."""

    def __init__(self, service: GraphService, faults: ItemFaults) -> None:
        self._service = service
        self._faults = faults

    async def __call__(self, request: Request) -> Response:
        """Handle one HTTP request."""
        try:
            call = await _read(request)
        except GraphError as error:
            call = _head(request, b"")
            return self._response(call, GraphResponse(error.status, error.body(call.inner_error(self._now()))))
        if call.path.strip("/").lower() == "$batch":
            return self._response(call, await self._batch(call))
        return self._response(call, await self._service.answer(call))

    async def _batch(self, call: GraphRequest) -> GraphResponse:
        try:
            caller_of(call, self._service.parts.directory)
            if call.method != "POST":
                raise method_not_allowed()
            return await run_batch(call, self._answer_item)
        except GraphError as error:
            return GraphResponse(error.status, error.body(call.inner_error(self._now())), headers=error.headers)

    async def _answer_item(self, item: GraphRequest) -> GraphResponse:
        return await self._faults.answer(item, self._service.answer)

    def _now(self) -> datetime:
        return self._service.parts.clock.now()

    def _response(self, call: GraphRequest, answer: GraphResponse) -> Response:
        headers = {
            "request-id": call.request_id,
            "client-request-id": _header_safe(call.client_request_id),
            "OData-Version": "4.0",
            "Cache-Control": "private",
            **answer.headers,
        }
        if answer.body is None:
            return Response(status_code=answer.status, headers=headers)
        body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
        headers["Content-Type"] = answer.content_type
        return Response(body, status_code=answer.status, headers=headers)


def graph_routes(world: World) -> list[BaseRoute]:
    """Graph's routes for the sandbox's application."""
    parts = GraphParts(
        directory=world.directory,
        mail=world.mail,
        subscriptions=world.subscriptions,
        clock=world.clock,
        throttle=Throttle(world.clock, Limits(mailbox_requests=world.settings.flovify_sandbox_mailbox_requests)),
    )
    endpoint = GraphEndpoint(GraphService(parts), ItemFaults(world.faults, world.requests, world.clock))
    return [Route(f"/{VERSION}/{{path:path}}", endpoint.__call__, methods=_METHODS)]


async def _read(request: Request) -> GraphRequest:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise GraphError(413, "RequestEntityTooLarge", "The maximum request length supported is 4MB.")
    return _head(request, bytes(body))


def _head(request: Request, body: bytes) -> GraphRequest:
    raw_path: bytes = request.scope.get("raw_path") or request.url.path.encode()
    path = raw_path.decode("ascii", "replace").partition("?")[0]
    headers: dict[str, str] = {}
    for name, value in request.headers.items():
        # Several Prefer headers mean the same as one with commas.
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return GraphRequest(
        method=request.method,
        path=path.partition(f"/{VERSION}")[2],
        query=request.scope["query_string"].decode("ascii", "replace"),
        headers=headers,
        body=body,
        base=_base(request),
    )


def _base(request: Request) -> str:
    """The address Graph was reached by; the prefix of a cloud is part of it."""
    host, prefix = request.headers.get("host", "graph.microsoft.com"), request.scope.get("root_path", "")
    return f"{request.url.scheme}://{host}{prefix}/{VERSION}"


def _header_safe(value: str) -> str:
    return value[:100] if value.isascii() and value.isprintable() else "00000000-0000-0000-0000-000000000000"
