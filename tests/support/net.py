"""Ports for the processes that tests start."""

from __future__ import annotations

import itertools
import os
import random
import socket

# Below the range from which Linux takes the ports of outgoing connections (32768 on), so that no connection made
# between choosing a port and listening on it can take it away.
_LOWEST, _SHARE, _SHARES = 10_000, 2_750, 8
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _SHARES
_first = random.randrange(_SHARE)  # noqa: S311 - another run at the same time should begin elsewhere
_offsets = itertools.count(_first)


def free_port() -> int:
    """A TCP port on loopback that nobody listens on and that this run has not given out lately."""
    for _ in range(_SHARE):
        port = _LOWEST + _worker * _SHARE + next(_offsets) % _SHARE
        if _is_free(port):
            return port
    raise AssertionError("no free port")


def free_ports(count: int) -> list[int]:
    """Several different free ports."""
    return [free_port() for _ in range(count)]


def _is_free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
