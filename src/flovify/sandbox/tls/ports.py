"""Listening sockets, and the one line an operator gets when a port is taken."""

from __future__ import annotations

import socket

from flovify.common.settings import SettingError

BACKLOG = 512


def bind(host: str, port: int, variable: str) -> socket.socket:
    """A bound, non-blocking TCP socket, not yet listening. Port 0 takes any free one.

    Raises SettingError naming `variable` when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingError(
            f"{variable}: cannot listen on {host}:{port} ({error.strerror}); "
            f"choose another port, or see who has it with: ss -ltnp 'sport = :{port}'"
        ) from None
    sock.setblocking(False)
    return sock


def reachable(sock: socket.socket) -> tuple[str, int]:
    """Host and port under which this process itself reaches a bound socket, also when it is bound to every address."""
    host, port = sock.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port  # noqa: S104 - compared, not bound
