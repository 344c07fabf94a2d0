"""What the sandbox's listeners share."""

from __future__ import annotations

import socket

BACKLOG = 512


def reachable(sock: socket.socket) -> tuple[str, int]:
    """Host and port under which this process itself reaches a bound socket, also when it is bound to every address."""
    host, port = sock.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - compared, not bound
