"""Whose share of the connections a client uses."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Sequence

from flovify.common.listener.limits import Network


@functools.lru_cache(8192)
def share_of(address: str, exempt: Sequence[Network] = ()) -> str:
    """One IPv4 address, or the /64 of an IPv6 address, which is what one customer is given (RFC 6177, 2).

    "" for who is not counted: an exempt peer, and one without an address.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    if any(found in network for network in exempt):
        return ""
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))
