"""Who is calling, when declared reverse proxies stand in front."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any

from flovify.bff.settings import Network


def client_address(scope: Any, trusted: Sequence[Network]) -> str:
    """The address of the nearest peer that is no declared proxy.

    X-Forwarded-For is walked from the right, and only while the one who wrote it is declared: everything further left
    is the client's own invention. Empty when the server knows no peer.
    """
    peer: str = scope["client"][0] if scope.get("client") else ""
    if not trusted or not _within(peer, trusted):
        return peer
    written = b",".join(value for name, value in scope["headers"] if name == b"x-forwarded-for").decode("latin-1")
    for hop in reversed([part.strip() for part in written.split(",") if part.strip()]):
        if not _is_address(hop):
            return peer
        peer = hop
        if not _within(hop, trusted):
            return hop
    return peer


def _within(address: str, networks: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
