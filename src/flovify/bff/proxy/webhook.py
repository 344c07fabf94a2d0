"""The webhook's way through to the api: the one path that must stay fast, so it is bare ASGI without routing.

Microsoft counts an answer after 3 s as slow, and drops notifications of slow receivers
(graph/change-notifications-delivery-webhooks). The api judges what comes; here only size and time are limited.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import aiohttp
from multidict import istr
from starlette.types import Receive, Scope, Send
from yarl import URL

from flovify.bff.client_address import client_address
from flovify.bff.metrics import WEBHOOK_ANSWERS, WEBHOOK_SECONDS
from flovify.bff.settings import Network
from flovify.common import correlation
from flovify.common.bodies import BodyTooLarge, BodyTooSlow, Disconnected, check_length, read_body
from flovify.common.caller import HOP_HEADER
from flovify.common.clock import Clock
from flovify.common.http import ResponseTooLarge, read_capped
from flovify.common.logs import get_logger

PATH = b"/api/ms365/webhook"
MAX_BODY = 2**20
BODY_SECONDS = 2.0
# The api gives up at 2.5 s itself; a little more, so that its answer is the one that is passed on.
ANSWER_SECONDS = 3.0
MAX_ANSWER = 64 * 1024
LOG_EVERY_SECONDS = 5.0

Headers = list[tuple[bytes, bytes]]

_CONTENT_TYPE = istr("Content-Type")
_ACCEPT_ENCODING = istr("Accept-Encoding")
_FORWARDED = istr("X-Forwarded-For")
_CORRELATION = istr(correlation.HEADER)
_SKIPPED = ("User-Agent", "Accept", "Content-Type")
_PASSED = ("content-type", "allow", "retry-after")
_CLOSE = (b"connection", b"close")
_REFUSALS: dict[int, Headers] = {
    405: [(b"allow", b"POST")],
    408: [_CLOSE],
    413: [_CLOSE],
    503: [(b"retry-after", b"1")],
}


class Refused(Exception):
    """Answered here, with a constant, empty body."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class WebhookDoor:
    """ASGI application: body and query go to the api byte for byte, its answer comes back as it is.

    413 past 1 MiB, 408 for a trickled body, 503 with Retry-After when the api gives no answer: Microsoft then delivers
    again, for up to four hours.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        api_url: str,
        headers: Headers,
        clock: Clock,
        *,
        hop_secret: str = "",
        proxies: Sequence[Network] = (),
    ) -> None:
        """`headers` go onto every answer; the api is told the caller's address, and believes it by `hop_secret`."""
        self._session = session
        self._hop = {HOP_HEADER: hop_secret} if hop_secret else {}
        self._proxies = proxies
        self._headers = headers
        self._address = api_url + PATH.decode()
        self._url = URL(self._address, encoded=True)
        self._clock = clock
        self._logged_at: float | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        try:
            content_type = _head(scope)
            body = await read_body(receive, MAX_BODY, BODY_SECONDS)
            status = await self._pass_on(scope, content_type, body, send)
        except (Refused, BodyTooLarge, BodyTooSlow) as refused:
            status = refused.status
            await self._send(send, status, _REFUSALS[status], b"")
        except Disconnected:
            return
        WEBHOOK_ANSWERS.labels(str(status)).inc()
        WEBHOOK_SECONDS.observe(time.perf_counter() - started)

    async def _pass_on(self, scope: Scope, content_type: str | None, body: bytes, send: Send) -> int:
        headers = {_ACCEPT_ENCODING: "identity", **self._hop, _FORWARDED: client_address(scope, self._proxies)}
        headers[_CORRELATION] = correlation.current() or ""
        if content_type is not None:
            headers[_CONTENT_TYPE] = content_type
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS),
                self._session.request(
                    scope["method"],
                    self._target(scope["query_string"]),
                    headers=headers,
                    data=body or None,
                    skip_auto_headers=_SKIPPED,
                    allow_redirects=False,
                ) as answer,
            ):
                content = await read_capped(answer, MAX_ANSWER) if answer.headers.get("Content-Length") != "0" else b""
        except (aiohttp.ClientError, ResponseTooLarge, OSError) as error:  # OSError covers TimeoutError
            self._log_away(error)
            raise Refused(503) from None
        await self._send(send, answer.status, _passed(answer), content)
        return answer.status

    def _target(self, query: bytes) -> URL:
        """The validation token's own escapes must arrive as they were sent, so nothing is decoded or encoded."""
        return URL(f"{self._address}?{query.decode('latin-1')}", encoded=True) if query else self._url

    async def _send(self, send: Send, status: int, headers: Headers, body: bytes) -> None:
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": status, "headers": [*headers, length, *self._headers]})
        await send({"type": "http.response.body", "body": body})

    def _log_away(self, error: Exception) -> None:
        """Not for every notification of a flood."""
        now = self._clock.monotonic()
        if self._logged_at is None or now - self._logged_at >= LOG_EVERY_SECONDS:
            self._logged_at = now
            get_logger().warning("webhook_not_passed_on", service="api", error=type(error).__name__)


def _head(scope: Scope) -> str | None:
    """The content type, if any. Raises Refused (405) and BodyTooLarge."""
    if scope["method"] not in ("POST", "GET"):
        raise Refused(405)
    check_length(scope, MAX_BODY)
    for name, value in scope["headers"]:
        if name == b"content-type":
            return str(value.decode("latin-1"))
    return None


def _passed(answer: aiohttp.ClientResponse) -> Headers:
    found = answer.headers
    return [(name.encode(), found[name].encode("latin-1")) for name in _PASSED if name in found]
