from __future__ import annotations

import ipaddress

import pytest

from flovify.bff.client_address import client_address

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


def _address(peer: str | None, forwarded: list[str], *, trusted: bool = True) -> str:
    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"client": (peer, 1234) if peer else None, "headers": headers}
    return client_address(scope, PROXIES if trusted else ())


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.9, 10.0.0.2"], "203.0.113.9"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9, <script>"], "10.0.0.1"),
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("198.51.100.7", ["203.0.113.9"], "198.51.100.7"),
        (None, ["203.0.113.9"], ""),
    ],
)
def test_the_nearest_peer_that_is_no_declared_proxy_is_the_client(
    peer: str | None, forwarded: list[str], expected: str
) -> None:
    assert _address(peer, forwarded) == expected


def test_without_declared_proxies_the_header_means_nothing() -> None:
    assert _address("10.0.0.1", ["203.0.113.9"], trusted=False) == "10.0.0.1"
