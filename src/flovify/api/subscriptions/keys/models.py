"""The keys of MS365_CLIENT_STATE, and where each stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flovify.api.subscriptions import client_state


class KeyState(StrEnum):
    """`first` makes new hashes, `accepted` is being replaced, `missing` is needed by a row and not configured.

    `unknown` stands for the rows of which it is not known yet under which key they are.
    """

    FIRST = "first"
    ACCEPTED = "accepted"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class KeyUse:
    """How many subscriptions need a key. `id` is None for those whose key is not known yet."""

    id: str | None
    state: KeyState
    subscriptions: int


class Keyring:
    """The configured keys; there is at least one. Shows their ids and never a key."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._first = keys[0]
        self.ids = tuple(dict.fromkeys(client_state.key_id(key) for key in keys))

    @property
    def first_id(self) -> str:
        return self.ids[0]

    @property
    def old_ids(self) -> tuple[str, ...]:
        """The keys that are being replaced."""
        return self.ids[1:]

    def digest(self, secret: str) -> bytes:
        """The hash of a secret under the first key, 32 bytes."""
        return client_state.digest(secret, self._first)

    def is_outdated(self, key_id: str | None) -> bool:
        """Should what is under this key change over to the first one?

        Not where the key is none of ours: while processes are restarted one after the other, others have newer keys.
        """
        return key_id is None or key_id in self.old_ids

    def is_missing(self, key_id: str | None) -> bool:
        """Is it known, and not configured?"""
        return key_id is not None and key_id not in self.ids

    def uses(self, counts: Mapping[str | None, int]) -> list[KeyUse]:
        """The configured keys in their order, then the missing ones that are needed, then what is not known."""
        missing = sorted(key_id for key_id in counts if key_id is not None and key_id not in self.ids)
        known = [KeyUse(key_id, self._state(key_id), counts.get(key_id, 0)) for key_id in (*self.ids, *missing)]
        return [*known, *([KeyUse(None, KeyState.UNKNOWN, counts[None])] if counts.get(None) else [])]

    def _state(self, key_id: str) -> KeyState:
        if key_id == self.first_id:
            return KeyState.FIRST
        return KeyState.ACCEPTED if key_id in self.ids else KeyState.MISSING
