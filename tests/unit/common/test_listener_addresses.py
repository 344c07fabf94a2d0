from __future__ import annotations

import ipaddress

import pytest

from flovify.common.listener.addresses import share_of
from flovify.common.listener.limits import LOOPBACK, inner_limits


@pytest.mark.parametrize(
    ("address", "share"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("/run/socket", ""),
    ],
)
def test_a_share_is_an_address_or_a_customers_network(address: str, share: str) -> None:
    assert share_of(address) == share


def test_exempt_networks_have_no_share() -> None:
    exempt = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("2001:db8::/32"))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"):
        assert share_of(address, exempt) == ""
    assert share_of("11.1.2.3", exempt) == "11.1.2.3"


def test_behind_the_front_door_only_our_own_machine_is_exempt() -> None:
    assert [share_of(address, LOOPBACK) for address in ("127.0.0.1", "::1", "127.0.0.2")] == ["", "", "127.0.0.2"]
    # What one front door keeps open to the api: 200 for the console, 200 for notifications, 1000 streams.
    assert (inner_limits(2048).max_per_address or 0) >= 1400
