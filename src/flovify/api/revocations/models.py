"""What auth says of ended sessions, changed roles and dropped signing keys."""

from __future__ import annotations

import msgspec


class Revoked(msgspec.Struct, frozen=True):
    """Ids of sessions that ended, for users whose role changed the one role their access tokens may name, and ids of
    signing keys that nothing may be believed by.
    """

    sessions: list[str] = []
    roles: dict[str, str] = {}
    keys: list[str] = []
