"""What auth says of ended sessions and changed roles."""

from __future__ import annotations

import msgspec


class Revoked(msgspec.Struct, frozen=True):
    """Ids of sessions that ended, and for users whose role changed the one role their access tokens may name."""

    sessions: list[str] = []
    roles: dict[str, str] = {}
