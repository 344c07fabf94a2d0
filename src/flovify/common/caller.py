"""Where a request came from: for sign-in budgets, sessions and audit logs."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

from starlette.requests import Request

from flovify.common.service_tokens import KnownSecrets

HOP_HEADER = "X-Flovify-Front-Door"
_HOP = HOP_HEADER.lower().encode()
_SCOPE_KEY = "flovify_caller_address"

_address: ContextVar[str | None] = ContextVar("caller_address", default=None)


def current_address() -> str | None:
    """Who is being answered; None outside of a request, or where nobody noted it (see `CallerMiddleware`)."""
    return _address.get()


class CallerAddresses:
    """Finds out for whom a request is answered.

    `front_door_secrets` are those of FRONT_DOOR_SECRET: whoever sends one of them in `X-Flovify-Front-Door` is the
    front door and is believed. Without any, a peer on loopback is.
    """

    def __init__(self, front_door_secrets: Sequence[str] = ()) -> None:
        self._known = KnownSecrets(front_door_secrets)

    def of(self, scope: Any) -> str | None:
        """The caller of an ASGI request; None where the server knows no peer."""
        peer: str | None = scope["client"][0] if scope.get("client") else None
        if not self._is_front_door(scope, peer):
            return peer
        told = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
        address = told[-1].decode("latin-1").rsplit(",", 1)[-1].strip() if told else ""
        return address if _parse(address) else peer

    def _is_front_door(self, scope: Any, peer: str | None) -> bool:
        if not self._known:
            parsed = _parse(peer or "")
            return parsed is not None and parsed.is_loopback
        sent = [value for name, value in scope["headers"] if name == _HOP]
        return len(sent) == 1 and self._known.fit(sent[0])


class CallerMiddleware:
    """Notes for whom a request is answered, once, for whoever asks `address_of` or `current_address`."""

    def __init__(self, app: Any, addresses: CallerAddresses) -> None:
        self._app = app
        self._addresses = addresses

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[_SCOPE_KEY] = self._addresses.of(scope)
        token = _address.set(scope[_SCOPE_KEY])
        try:
            await self._app(scope, receive, send)
        finally:
            _address.reset(token)


def address_of(request: Request) -> str | None:
    """The caller's address, as the application's `CallerMiddleware` found it; None where that is not known."""
    found: str | None = request.scope.get(_SCOPE_KEY)
    return found


def network_of(address: str) -> str:
    """The network that a caller's budget is kept by: /24 of IPv4, /64 of IPv6 (one customer); empty for no address."""
    parsed = _parse(address)
    if parsed is None:
        return ""
    plain = getattr(parsed, "ipv4_mapped", None) or parsed
    return str(ipaddress.ip_network(f"{plain}/{24 if plain.version == 4 else 64}", strict=False))


def _parse(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
