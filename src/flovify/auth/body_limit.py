"""No request to auth has a long body; what is longer is refused before it is read."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flovify.common.errors import FlovifyError, problem_response

MAX_BODY_BYTES = 64 * 1024


class BodyLimit:
    """ASGI middleware: 413 for a body over 64 KiB, by its declared length or by what has come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _declared(scope) > MAX_BODY_BYTES:
            error = FlovifyError(_text(), code="body_too_large", http_status=413, headers={"Connection": "close"})
            await problem_response(error)(scope, receive, send)
            return
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MAX_BODY_BYTES:
                raise HTTPException(413, _text())
            return message

        await self._app(scope, counted, send)


def _declared(scope: Scope) -> int:
    """The length the header names; the server has refused what is no number."""
    values = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(values[0]) if values and values[0].isdigit() else 0


def _text() -> str:
    return f"the body is longer than {MAX_BODY_BYTES} bytes"
