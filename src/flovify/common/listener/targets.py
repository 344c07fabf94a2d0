"""What a request's target says besides its path (RFC 9112, 3.2)."""

from __future__ import annotations

from collections.abc import Iterable


def names_another_host(target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Whether a target in absolute form names another host than the Host header.

    It would replace that (3.2.2), and every rule here goes by the header.
    """
    if target.startswith(b"/") or target == b"*":
        return False
    authority = target.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]
    return [value.strip().lower() for name, value in headers if name == b"host"] != [authority.lower()]
