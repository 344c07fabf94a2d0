"""The webhook as a bare ASGI endpoint: it is the one address strangers reach, and the one that must stay fast."""

from __future__ import annotations

import asyncio
import time

from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from flovify.api.intake.body import MAX_BODY_BYTES, is_json, read_body
from flovify.api.intake.errors import Refused
from flovify.api.intake.handshake import has_token, read_token
from flovify.api.intake.metrics import SECONDS, STATUS
from flovify.api.intake.service import Intake
from flovify.api.intake_log.errors import NotStored
from flovify.common.bodies import Disconnected
from flovify.common.caller import CallerAddresses
from flovify.common.logs import get_logger

PATH = "/api/ms365/webhook"
# Graph counts an answer after 3 s as slow, and drops notifications when 15 % are slower than 10 s
# (graph/change-notifications-delivery-webhooks, 2026-04-22).
ANSWER_SECONDS = 2.5

Headers = list[tuple[bytes, bytes]]

_PLAIN: Headers = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"cache-control", b"no-store"),
]
_EMPTY: Headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
_CLOSE: Headers = [*_EMPTY, (b"connection", b"close")]
# Constant, so that no answer tells a stranger anything.
_ANSWERS: dict[int, Headers] = {
    202: _EMPTY,
    400: _EMPTY,
    405: [*_EMPTY, (b"allow", b"POST")],
    408: _CLOSE,
    413: _CLOSE,
    415: _EMPTY,
    503: [*_EMPTY, (b"retry-after", b"1")],
}
_STORED, _NOT_STORED = STATUS.labels("202"), STATUS.labels("503")


def _head(status_line: bytes, status: int) -> bytes:
    return status_line + b"".join([b"%b: %b\r\n" % header for header in _ANSWERS[status]])


_HEAD_202 = _head(b"HTTP/1.1 202 Accepted\r\n", 202)
_HEAD_503 = _head(b"HTTP/1.1 503 Service Unavailable\r\n", 503)


def intake_routes(intake: Intake, addresses: CallerAddresses | None = None) -> list[BaseRoute]:
    """The webhook's route, for every method: which ones are refused is decided in one place."""
    return [Route(PATH, Webhook(intake, addresses=addresses), name="ms365_webhook")]


class Webhook:
    """ASGI application: 200 for a validation, 202 once durable, 503 if not; never a 500, never later than 2.5 s."""

    def __init__(
        self, intake: Intake, answer_seconds: float = ANSWER_SECONDS, addresses: CallerAddresses | None = None
    ) -> None:
        self._intake = intake
        self._answer_seconds = answer_seconds
        self._addresses = addresses or CallerAddresses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        query: bytes = scope["query_string"]
        method: str = scope["method"]
        if query and method in ("POST", "GET") and has_token(query):
            status = await _echo(query, send)
        elif method != "POST":
            status = await _answer(405, send)
        else:
            try:
                status = await _answer(await self._take(scope, receive), send)
            except Disconnected:
                return
        STATUS.labels(str(status)).inc()
        SECONDS.observe(time.perf_counter() - started)

    async def _take(self, scope: Scope, receive: Receive) -> int:
        try:
            async with asyncio.timeout(self._answer_seconds):
                await self._intake.accept(await read_body(scope, receive), lambda: self._addresses.of(scope))
        except Refused as refused:
            return refused.status
        except (NotStored, TimeoutError) as error:
            get_logger().warning("notifications_not_stored", error=type(error).__name__, reason=str(error))
            return 503
        except Disconnected:
            raise
        except Exception as error:  # noqa: BLE001 - a 500 helps nobody here: 503 makes Graph deliver again
            get_logger().error("intake_failed", error=type(error).__name__)
            return 503
        return 202


class DirectWebhook:
    """`DirectRoute`: 202 once a usual request is durable, 503 if not; everything else is the `Webhook`'s."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake

    def begin(self, headers: Headers, body: bytes, correlation_id: str) -> asyncio.Future[None] | None:
        if len(body) > MAX_BODY_BYTES or not is_json(headers):
            return None
        try:
            return self._intake.accept_usual(body, correlation_id)
        except NotStored as error:
            refused = asyncio.get_running_loop().create_future()
            refused.set_exception(error)
            return refused
        except Exception as error:  # noqa: BLE001 - what is odd about it is the long way's to find out
            get_logger().error("intake_failed", error=type(error).__name__)
            return None

    def answer(self, done: asyncio.Future[None], seconds: float) -> bytes:
        error = None if done.cancelled() else done.exception()
        stored = not done.cancelled() and error is None
        SECONDS.observe(seconds)
        if stored:
            _STORED.inc()
            return _HEAD_202
        get_logger().warning("notifications_not_stored", error=type(error).__name__, reason=str(error))
        _NOT_STORED.inc()
        return _HEAD_503


async def _echo(query: bytes, send: Send) -> int:
    token = read_token(query)
    if token is None:
        return await _answer(400, send)
    headers = [*_PLAIN, (b"content-length", str(len(token)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": token})
    return 200


async def _answer(status: int, send: Send) -> int:
    await send({"type": "http.response.start", "status": status, "headers": _ANSWERS[status]})
    await send({"type": "http.response.body", "body": b""})
    return status
