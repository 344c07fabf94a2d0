"""Faults for the items of a batch: they are met by method and path like requests of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

import msgspec

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.faults.service import Fault, Faults, RequestLog, SeenRequest
from flovify.sandbox.graph.exchange import GraphRequest, GraphResponse

Answer = Callable[[GraphRequest], Awaitable[GraphResponse]]


class ItemFaults:
    """Wraps the answering of one item; every item is remembered in the request log, its path under /v1.0."""

    def __init__(self, faults: Faults, requests: RequestLog, clock: SandboxClock) -> None:
        self._faults = faults
        self._requests = requests
        self._clock = clock

    async def answer(self, request: GraphRequest, answer: Answer) -> GraphResponse:
        """A dropped item has no connection of its own to lose: the gateway answers 504 in its place."""
        path = f"/v1.0/{unquote(request.path).strip('/')}"
        fault = self._faults.match(request.method, path)
        started = time.perf_counter()
        response = await self._answer(fault, request, answer)
        self._requests.add(
            SeenRequest(
                at=self._clock.now(),
                method=request.method,
                path=path,
                query=request.query,
                status=response.status,
                ms=round((time.perf_counter() - started) * 1000, 1),
                client_request_id=request.headers.get("client-request-id", ""),
                fault=fault.id if fault else "",
            )
        )
        return response

    async def _answer(self, fault: Fault | None, request: GraphRequest, answer: Answer) -> GraphResponse:
        if fault is None:
            return await answer(request)
        if fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault.drop == "after":
            await answer(request)
        if fault.drop is not None:
            return self._failed(504, request, fault)
        if fault.status is not None:
            return self._failed(fault.status, request, fault)
        return await answer(request)

    def _failed(self, status: int, request: GraphRequest, fault: Fault) -> GraphResponse:
        return GraphResponse(status, self._body(status, request, fault), fault.headers, "application/json")

    def _body(self, status: int, request: GraphRequest, fault: Fault) -> object:
        if fault.body is not None:
            try:
                return msgspec.json.decode(fault.body)
            except msgspec.DecodeError:
                return fault.body.encode()
        codes = {401: "InvalidAuthenticationToken", 404: "ErrorItemNotFound", 429: "TooManyRequests"}
        code = codes.get(status, "serviceNotAvailable" if status == 503 else "generalException")
        inner = request.inner_error(self._clock.now())
        return {"error": {"code": code, "message": "A fault that was asked for.", "innerError": inner}}
