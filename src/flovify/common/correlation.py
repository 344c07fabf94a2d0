"""One id for everything that a request causes: in the answer, in its errors, in the log and in the audit log.

A notification's id stands in its events' rows too and goes on with the worker, as far as the message that is stored.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from structlog.contextvars import bound_contextvars

from flovify.common.uuid7 import uuid7

HEADER = "X-Correlation-Id"
_NAME = HEADER.lower().encode("ascii")
# What a caller may choose: enough for UUIDs and for the ids of traces, nothing that could break a log line or a header.
_FORM = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_current: ContextVar[str | None] = ContextVar("correlation_id", default=None)


def current() -> str | None:
    """The id of the request being answered; None outside of one."""
    return _current.get()


def current_uuid() -> uuid.UUID:
    """The id of the request being answered; a new one outside of one, or where the caller chose another form."""
    return uuid.UUID(as_uuid_text(_current.get() or ""))


def as_uuid_text(correlation_id: str) -> str:
    """The id for a column of UUIDs; a new one where the caller chose another form."""
    try:
        return correlation_id if _UUID.fullmatch(correlation_id) else str(uuid.UUID(correlation_id))
    except ValueError:
        return str(uuid7())


@contextmanager
def working_on(correlation_id: str) -> Iterator[None]:
    """What is done inside belongs to a request that was answered before; its log lines and calls say so."""
    token = _current.set(correlation_id)
    try:
        with bound_contextvars(correlation_id=correlation_id):
            yield
    finally:
        _current.reset(token)


class CorrelationMiddleware:
    """Gives each request an id, the caller's own where it sent a good one, and each answer the header with it."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = wanted_id(scope["headers"]) or str(uuid7())
        with working_on(correlation_id):
            await self._app(scope, receive, _adding(correlation_id.encode("ascii"), send))


def wanted_id(headers: Any) -> str | None:
    """The id the caller sent; None when there is none, several, or one in another form."""
    sent = [value for name, value in headers if name == _NAME]
    return sent[0].decode("ascii") if len(sent) == 1 and _FORM.fullmatch(sent[0]) else None


def _adding(correlation_id: bytes, send: Any) -> Any:
    async def adding(message: Any) -> None:
        if message["type"] == "http.response.start":
            others = [(name, value) for name, value in message.get("headers", ()) if name.lower() != _NAME]
            message["headers"] = [*others, (_NAME, correlation_id)]
        await send(message)

    return adding
