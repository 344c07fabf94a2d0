"""Whose word for a caller's address is taken."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from flovify.common.caller import CallerAddresses, CallerMiddleware, address_of, current_address, network_of

SECRET, OLD = "hop-secret-0123456789", "hop-secret-before-this"
TOLD = (b"x-forwarded-for", b"6.6.6.6, 203.0.113.9")


async def _found(peer: str | None, headers: list[tuple[bytes, bytes]], secrets: list[str]) -> str | None:
    found: list[str | None] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.append(address_of(Request(scope)))
        assert current_address() == found[0]

    scope = {"type": "http", "client": (peer, 1) if peer else None, "headers": headers}
    await CallerMiddleware(app, CallerAddresses(secrets))(scope, None, None)
    return found[0]


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.8", "::1"])
async def test_the_front_door_is_believed_by_its_secret_wherever_it_runs(peer: str) -> None:
    for secret in (SECRET, OLD):
        proof = (b"x-flovify-front-door", secret.encode())
        assert await _found(peer, [TOLD, proof], [SECRET, OLD]) == "203.0.113.9"
        assert await _found(peer, [proof], [SECRET, OLD]) == peer


@pytest.mark.parametrize(
    "proof",
    [
        [],
        [(b"x-flovify-front-door", b"")],
        [(b"x-flovify-front-door", b"hop-secret-012345678")],
        [(b"x-flovify-front-door", SECRET.encode() + b" ")],
        [(b"x-flovify-front-door", "é".encode())],
        [(b"x-flovify-front-door", SECRET.encode())] * 2,
        [(b"x_flovify_front_door", SECRET.encode())],
    ],
)
async def test_nobody_else_is_not_even_from_loopback(proof: list[tuple[bytes, bytes]]) -> None:
    assert await _found("127.0.0.1", [TOLD, *proof], [SECRET]) == "127.0.0.1"


async def test_without_a_secret_loopback_is_believed() -> None:
    assert await _found("127.0.0.1", [TOLD], []) == "203.0.113.9"
    assert await _found("10.0.0.8", [TOLD], []) == "10.0.0.8"
    assert await _found("127.0.0.1", [(b"x-forwarded-for", b"nonsense")], []) == "127.0.0.1"
    assert await _found(None, [TOLD], []) is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.0/24"),
        ("", ""),
        ("nonsense", ""),
    ],
)
def test_a_network_is_what_one_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network
