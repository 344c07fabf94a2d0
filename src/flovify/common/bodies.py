"""Request bodies with a cap and a deadline: no ASGI server ends a long or a trickled body by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flovify.common.errors import FlovifyError, problem_response

BODY_SECONDS = 10.0


class BodyTooLarge(FlovifyError):
    code = "body_too_large"
    http_status = 413

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the body may have {max_bytes} bytes at most", headers={"Connection": "close"})


class BodyTooSlow(FlovifyError):
    code = "body_too_slow"
    http_status = 408

    def __init__(self) -> None:
        super().__init__("the body came too slowly", headers={"Connection": "close"})


class Disconnected(Exception):
    """The client went away; there is nobody to answer."""


def check_length(scope: Scope, max_bytes: int) -> None:
    """Raises BodyTooLarge for a declared length above the cap, or one that is no number; reads nothing."""
    for name, value in scope["headers"]:
        if name == b"content-length" and not (value.isdigit() and int(value[:20]) <= max_bytes):
            raise BodyTooLarge(max_bytes)


async def read_body(receive: Receive, max_bytes: int, seconds: float = BODY_SECONDS) -> bytes:
    """The whole body. Raises BodyTooLarge and BodyTooSlow as soon as it is one, and Disconnected."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body", False):
        # Nearly every body comes whole: it costs no timer and no copy.
        whole: bytes = message.get("body", b"")
        if len(whole) > max_bytes:
            raise BodyTooLarge(max_bytes)
        return whole
    try:
        async with asyncio.timeout(seconds):
            return await _joined(message, receive, max_bytes)
    except TimeoutError:
        raise BodyTooSlow from None


async def read_request(request: Request, max_bytes: int, seconds: float = BODY_SECONDS) -> bytes:
    """The body of a request, refused by its declared length already. Raises BodyTooLarge and BodyTooSlow."""
    check_length(request.scope, max_bytes)
    try:
        return await read_body(request.receive, max_bytes, seconds)
    except Disconnected:
        raise BodyTooSlow from None  # nobody is there to read it


async def _joined(message: Message, receive: Receive, max_bytes: int) -> bytes:
    parts = bytearray()
    while message["type"] == "http.request":
        parts += message.get("body", b"")
        if len(parts) > max_bytes:
            raise BodyTooLarge(max_bytes)
        if not message.get("more_body", False):
            return bytes(parts)
        message = await receive()
    raise Disconnected


class BodyLimit:
    """ASGI middleware: 413 or 408 as a problem before any route, its authentication included, sees the request.

    `by_path` names the few paths whose bodies may be of another length than `max_bytes`.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        seconds: float = BODY_SECONDS,
        by_path: Mapping[str, int] | None = None,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._by_path = dict(by_path or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        max_bytes = self._by_path.get(scope.get("path", ""), self._max_bytes)
        try:
            check_length(scope, max_bytes)
            body = await read_body(receive, max_bytes, self._seconds)
        except (BodyTooLarge, BodyTooSlow) as error:
            await problem_response(error)(scope, receive, send)
        except Disconnected:
            return
        else:
            await self._app(scope, _once(body, receive), send)


def _once(body: bytes, receive: Receive) -> Receive:
    """Gives the body, and after it what the server says, which is when the client goes away."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
