"""The outermost application: what is no clean request for our own host goes no further."""

from __future__ import annotations

import re
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flovify.bff.client_address import client_address
from flovify.bff.errors import MalformedRequest, WrongHost
from flovify.bff.metrics import REQUESTS
from flovify.bff.proxy.webhook import PATH as WEBHOOK
from flovify.bff.security_headers import complete, security_headers
from flovify.bff.settings import BffSettings, host_name
from flovify.common.errors import FlovifyError, NotFound
from flovify.common.logs import get_logger
from flovify.common.problems import problem_response

# One of each at most: two of them are how a request means one thing here and another behind.
_SINGLE = frozenset(
    {
        b"authorization",
        b"content-length",
        b"content-type",
        b"host",
        b"origin",
        b"sec-fetch-site",
        b"transfer-encoding",
        b"x-flovify",
        b"x-service-token",
    }
)
# Probes come under whatever address the machine has, and learn nothing.
_ANY_HOST = (b"/bff/health", b"/bff/ready")
# Attachment ids are the only part of any address of ours that may need an escape, for = and +.
_ESCAPED = re.compile(rb"/bff/api/messages/[0-9A-Fa-f-]{36}/attachments/(?:[\w+=-]|%3[dD]|%2[bB])+")
_QUIET = ("/bff/health", "/bff/ready", "/assets/")


class Guards:
    """Refuses, hands the webhook on by the shortest way, adds the security headers, and logs one event a request."""

    def __init__(self, app: ASGIApp, webhook: ASGIApp, settings: BffSettings) -> None:
        self._app = app
        self._webhook = webhook
        self._hosts = settings.allowed_hosts
        self._webhook_hosts = settings.webhook_hosts
        self._proxies = settings.trusted_proxies
        self._headers = security_headers(https=settings.https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1000})
            return
        refusal = self._refusal(scope)
        is_webhook = scope["raw_path"] == WEBHOOK
        if refusal is None and is_webhook:
            await self._webhook(scope, receive, send)
            return
        started = time.perf_counter()
        scope["client_address"] = client_address(scope, self._proxies)
        sender = _Sender(send, self._headers)
        try:
            await (problem_response(refusal) if refusal else self._app)(scope, receive, sender)
        finally:
            REQUESTS.labels(str(sender.status or "none")).inc()
            _log(scope, sender.status, started)

    def _refusal(self, scope: Scope) -> FlovifyError | None:
        seen: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _SINGLE:
                if name in seen:
                    return MalformedRequest(f"the header {name.decode('latin-1')} was sent more than once")
                seen[name] = value
        if b"host" not in seen or (b"content-length" in seen and b"transfer-encoding" in seen):
            return MalformedRequest("send one Host header, and Content-Length or Transfer-Encoding but not both")
        path: bytes = scope["raw_path"]
        hosts = self._webhook_hosts if path == WEBHOOK else self._hosts
        if path not in _ANY_HOST and host_name(seen[b"host"].decode("latin-1")) not in hosts:
            return WrongHost()
        if not scope["query_string"].isascii():
            return MalformedRequest("the query holds bytes that must be percent-encoded")
        if b"%" in path and not _ESCAPED.fullmatch(path):
            return NotFound("there is nothing at this address")
        return None


class _Sender:
    """Adds the security headers to the start of an answer and keeps its status for the log."""

    def __init__(self, send: Send, headers: list[tuple[bytes, bytes]]) -> None:
        self._send = send
        self._headers = headers
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": complete(message["headers"], self._headers)}
        await self._send(message)


def _log(scope: Scope, status: int, started: float) -> None:
    path: str = scope["path"]
    if path.startswith(_QUIET) and status < 400:
        return
    fields: dict[str, Any] = {
        "method": scope["method"],
        "path": path[:200],  # never the query: the OAuth callback carries its code there
        "status": status or None,
        "milliseconds": round((time.perf_counter() - started) * 1000, 1),
        "client": scope["client_address"],
    }
    get_logger().info("request", **fields)
