"""What one listener lets a client do: how long, how much, how often. Times are seconds, sizes are bytes."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field

from flovify.common.bodies import BODY_SECONDS

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MIB = 2**20
MAX_CONNECTIONS = 2048
# Exactly these two, not 127.0.0.0/8: they are where our own processes on this machine call from.
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.1"), ipaddress.ip_network("::1"))


@dataclass(frozen=True)
class BodyRule:
    """How long a body may be and how long it may take to come.

    With `own` the route refuses by itself, in its own words; here only what it leaves unread is limited.
    """

    max_bytes: int
    seconds: float = BODY_SECONDS
    own: bool = False


@dataclass(frozen=True)
class Limits:
    """A listener's limits. `by_path` names, as they stand in a request, the few paths with another rule than `body`.

    `max_per_address` (None: no share) does not count for addresses in `exempt`. `reserve` are places beyond
    `max_connections` for health checks alone.
    """

    body: BodyRule = BodyRule(MIB)
    by_path: Mapping[str, BodyRule] = field(default_factory=dict)
    header_seconds: float = 5.0
    idle_seconds: float = 15.0
    max_head: int = 16 * 1024
    max_headers: int = 100
    max_target: int = 8 * 1024
    max_connections: int = MAX_CONNECTIONS
    max_per_address: int | None = None
    exempt: tuple[Network, ...] = ()
    reserve: int = 16
    # When all places are taken, a body that takes longer than this is given up for a newcomer.
    body_grace_seconds: float = 1.0
    # A refused client may go on sending for as long, so that it can read why; then it is cut off.
    linger_seconds: float = 1.0
    # For so long a client may take nothing at all of an answer.
    flush_seconds: float = 60.0

    @property
    def step(self) -> float:
        """How often lateness is looked for: nothing is closed late, and at most this early."""
        deadlines = (self.header_seconds, self.idle_seconds, self.body.seconds, self.linger_seconds, self.flush_seconds)
        return min(0.25, min(deadlines) / 4)


def inner_limits(
    max_connections: int, body: BodyRule = BodyRule(MIB), by_path: Mapping[str, BodyRule] | None = None
) -> Limits:
    """For a listener behind the front door: a few callers, each with many connections.

    One front door keeps up to 1,400 of them (bff/deps.py), so an address may have three quarters; on one machine its
    calls come from loopback, which is not counted.
    """
    return Limits(
        body=body,
        by_path=by_path or {},
        max_connections=max_connections,
        max_per_address=max_connections * 3 // 4,
        exempt=LOOPBACK,
    )
