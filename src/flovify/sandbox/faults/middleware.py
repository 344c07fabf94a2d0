"""ASGI middleware: every request is remembered, and meets its fault if there is one."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import msgspec

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.faults.service import Fault, Faults, RequestLog, SeenRequest, header_list

CONTROL = "/_sandbox/"


class FaultMiddleware:
    """Wraps the whole application; the control routes themselves are left alone."""

    def __init__(self, app: Any, faults: Faults, requests: RequestLog, clock: SandboxClock) -> None:
        self._app = app
        self._faults = faults
        self._requests = requests
        self._clock = clock

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
            return
        fault = self._faults.match(scope["method"], scope["path"])
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
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            status=0,
            ms=0,
            client_request_id=headers.get(b"client-request-id", b"").decode("latin-1"),
            fault=fault.id if fault else "",
        )

    async def _handle(self, fault: Fault | None, seen: SeenRequest, scope: Any, receive: Any, send: Any) -> None:
        if fault is not None and fault.delay_ms:
            await asyncio.sleep(fault.delay_ms / 1000)
        if fault is not None and fault.drop == "before":
            _drop(send)
        elif fault is not None and fault.drop == "after":
            await self._app(scope, receive, _swallow)
            _drop(send)
        elif fault is not None and fault.status is not None:
            seen.status = fault.status
            await _answer(fault, send)
        else:
            await self._app(scope, receive, _noting(seen, send))


def _drop(send: Any) -> None:
    """Close the connection hard, without a byte of an answer.

    ASGI has no message for this; the server's own `send` knows the transport, because this middleware is outermost.
    """
    send.__self__.transport.abort()


async def _swallow(_message: Any) -> None:
    return


async def _answer(fault: Fault, send: Any) -> None:
    body = (fault.body if fault.body is not None else _graph_error(fault.status or 500)).encode()
    headers = {"content-type": "application/json", **{name.lower(): value for name, value in fault.headers.items()}}
    headers["content-length"] = str(len(body))
    await send({"type": "http.response.start", "status": fault.status, "headers": header_list(headers)})
    await send({"type": "http.response.body", "body": body})


def _graph_error(status: int) -> str:
    codes = {401: "InvalidAuthenticationToken", 404: "ErrorItemNotFound", 429: "TooManyRequests"}
    code = codes.get(status, "serviceNotAvailable" if status == 503 else "generalException")
    return msgspec.json.encode({"error": {"code": code, "message": "A fault that was asked for."}}).decode()


def _noting(seen: SeenRequest, send: Any) -> Any:
    async def noting(message: Any) -> None:
        if message["type"] == "http.response.start":
            seen.status = message["status"]
        await send(message)

    return noting
