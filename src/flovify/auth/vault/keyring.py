"""The keys of the environment, each known by an id that says nothing about it."""

from __future__ import annotations

from collections.abc import Sequence

from flovify.auth.vault.cipher import derive


class Keyring:
    """Key-encryption keys by id; the first one given is used for writing."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {key_id(key): derive(key, "flovify/kek/1") for key in keys}
        self.current_id = key_id(keys[0])

    def get(self, wanted: str) -> bytes | None:
        """The key with this id, None when the environment does not have it."""
        return self._keys.get(wanted)

    def __contains__(self, wanted: str) -> bool:
        return wanted in self._keys


def key_id(key: bytes) -> str:
    """Four bytes in hex."""
    return derive(key, "flovify/kek-id/1", 4).hex()
