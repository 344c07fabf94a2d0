"""A group of events as bytes, for engines that keep nothing else: MessagePack, with a version number in front."""

from __future__ import annotations

import time
from collections.abc import Sequence

import msgspec

from flovify.api.intake_log.errors import Unreadable
from flovify.api.intake_log.models import EventRow

# Another number for whatever an older worker would misread. Workers are deployed before the intake then.
VERSION = 1


class Group(msgspec.Struct, frozen=True, array_like=True):
    """What one group commit wrote. `received_at`: seconds of Unix time by the intake's clock."""

    version: int
    received_at: float
    rows: list[EventRow]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Group).decode


def encode(rows: Sequence[EventRow], received_at: float | None = None) -> bytes:
    """The group, received now unless said otherwise. Raises UnicodeEncodeError for a lone surrogate."""
    return _encode(Group(VERSION, time.time() if received_at is None else received_at, list(rows)))


def decode(body: bytes) -> Group:
    """Raises Unreadable for all that is no group of this version."""
    try:
        group = _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None
    if group.version != VERSION:
        raise Unreadable(f"version {group.version}")
    return group
