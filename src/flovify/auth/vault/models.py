"""A data key as it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from flovify.common.db import Record


@dataclass(frozen=True)
class WrappedKey:
    """An owner's data key under the encryption key with this id."""

    key_id: str
    wrapped: str


def wrapped_key(row: Record) -> WrappedKey | None:
    """The data key of a row that was read together with it, as `wrapping_id` and `wrapped_key`; None without one.

    A sealed value and its key are read in one statement, for `reseal-secrets` replaces both at once.
    """
    return WrappedKey(row["wrapping_id"], row["wrapped_key"]) if row["wrapped_key"] is not None else None
