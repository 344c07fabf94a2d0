"""Where a request came from, for sessions and audit logs."""

from __future__ import annotations

import ipaddress
from contextvars import ContextVar
from typing import Any

from starlette.requests import Request

_address: ContextVar[str | None] = ContextVar("caller_address", default=None)


def current_address() -> str | None:
    """Who is being answered; None outside of a request, or where nobody noted it (see `CallerMiddleware`)."""
    return _address.get()


class CallerMiddleware:
    """Notes for whom a request is answered, for what is recorded far from the routes."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = _address.set(address_of(Request(scope)))
        try:
            await self._app(scope, receive, send)
        finally:
            _address.reset(token)


def address_of(request: Request) -> str | None:
    """The caller's address.

    The front door, which stands on loopback, says in X-Forwarded-For for whom it asks; from anywhere else the header is
    not believed.
    """
    peer = request.client.host if request.client else None
    if peer is None or not _is_loopback(peer):
        return peer
    told = request.headers.get("x-forwarded-for", "").rsplit(",", 1)[-1].strip()
    return told if _parse(told) else peer


def _is_loopback(address: str) -> bool:
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
