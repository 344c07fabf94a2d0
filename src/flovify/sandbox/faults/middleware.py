"""ASGI middleware: every request is remembered, and meets its fault if there is one."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import msgspec

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.entra.errors import EntraError
from flovify.sandbox.faults.service import Fault, Faults, RequestLog, SeenRequest, header_list
from flovify.sandbox.graph.errors import GraphError

CONTROL = "/_sandbox/"
_GRAPH_CODES = {
    401: "InvalidAuthenticationToken",
    404: "ErrorItemNotFound",
    429: "TooManyRequests",
    503: "serviceNotAvailable",
}


class FaultMiddleware:
    """Wraps the whole application; the control routes themselves are left alone."""

    def __init__(self, app: Any, faults: Faults, requests: RequestLog, clock: SandboxClock) -> None:
        self._app = app
        self._faults = faults
        self._requests = requests
        self._clock = clock

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or _path(scope).startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        fault = self._faults.match(scope["method"], _path(scope))
        seen = self._seen(scope, fault)
        started = time.perf_counter()
        try:
            await self._handle(fault, seen, scope, receive, send)
        finally:
            seen.ms = round((time.perf_counter() - started) * 1000, 1)
            self._requests.add(seen)

    def _seen(self, scope: Any, fault: Fault | None) -> SeenRequest:
        headers = dict(scope["headers"])
        return SeenRequest(
            at=self._clock.now(),
            method=scope["method"],
            path=_path(scope),
            query=scope["query_string"].decode("latin-1"),
            status=0,
            ms=0,
            client_request_id=headers.get(b"client-request-id", b"").decode("latin-1"),
            fault=fault.id if fault else "",
        )

    async def _handle(self, fault: Fault | None, seen: SeenRequest, scope: Any, receive: Any, send: Any) -> None:
        if fault is not None and fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault is not None and fault.drop is not None:
            if fault.drop == "after":
                await self._app(scope, receive, _swallow)
            await _drop(receive, send)
        elif fault is not None and fault.status is not None:
            seen.status = fault.status
            await self._answer(fault, fault.status, _path(scope), send)
        else:
            await self._app(scope, receive, _noting(seen, send))

    async def _answer(self, fault: Fault, status: int, path: str, send: Any) -> None:
        body = (fault.body if fault.body is not None else self._error(status, path)).encode()
        headers = {"content-type": "application/json", **{name.lower(): value for name, value in fault.headers.items()}}
        headers["content-length"] = str(len(body))
        await send({"type": "http.response.start", "status": status, "headers": header_list(headers)})
        await send({"type": "http.response.body", "body": body})

    def _error(self, status: int, path: str) -> str:
        """A body in the shape that callers of this path expect: Entra's for its token endpoint, Graph's elsewhere."""
        now = self._clock.now()
        if "/oauth2/" in path:
            kind = "temporarily_unavailable" if status in {429, 503} else "server_error"
            number = 90055 if status == 429 else 90033
            body = EntraError(kind, number, "A fault that was asked for.").body(now)
        else:
            code = _GRAPH_CODES.get(status, "generalException")
            inner = {"date": now.strftime("%Y-%m-%dT%H:%M:%S"), "request-id": str(uuid.uuid4())}
            body = GraphError(status, code, "A fault that was asked for.").body(inner)
        return msgspec.json.encode(body).decode()


def _path(scope: Any) -> str:
    """The path within the cloud."""
    return str(scope["path"]).removeprefix(str(scope.get("root_path", "")))


async def _drop(receive: Any, send: Any) -> None:
    """Close the connection hard, without a byte of an answer.

    ASGI has no message for this; the server's own `send` knows the transport, because this middleware is outermost.
    Returns when the server has seen the end: it would write a 500 of its own if it were still in the request.
    """
    send.__self__.transport.abort()
    while (await receive())["type"] != "http.disconnect":
        continue


async def _swallow(_message: Any) -> None:
    return


def _noting(seen: SeenRequest, send: Any) -> Any:
    async def noting(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
        await send(message)

    return noting
