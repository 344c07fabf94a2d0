"""Ids that order by their making."""

from __future__ import annotations

import os
import time
import uuid


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, section 5.7): ids order by arrival, and what came together lies together."""
    return _at(time.time_ns() // 1_000_000, int.from_bytes(os.urandom(10), "big"))


def uuid7_texts(count: int) -> list[str]:
    """So many of them in one go, in order: after the first each is one more (RFC 9562, section 6.2, method 2)."""
    random = int.from_bytes(os.urandom(10), "big")
    head = f"{time.time_ns() // 1_000_000:012x}7{random >> 68:03x}"
    # The variant's two bits, and one that leaves room to count on.
    first = 1 << 63 | random & (1 << 61) - 1
    return [f"{head}{first + number:016x}" for number in range(count)]


def neighbours(one: uuid.UUID, seconds: float) -> tuple[uuid.UUID, uuid.UUID] | None:
    """Between which ids those lie that were made up to `seconds` before or after; None for another version."""
    if one.version != 7:
        return None
    made, reach = one.int >> 80, int(seconds * 1000)
    return _at(max(made - reach, 0), 0), _at(min(made + reach, 2**48 - 1), 2**80 - 1)


def _at(milliseconds: int, rest: int) -> uuid.UUID:
    value = milliseconds << 80 | rest
    value = (value & ~(0xF000 << 64)) | (0x7000 << 64)
    value = (value & ~(0xC000 << 48)) | (0x8000 << 48)
    return uuid.UUID(int=value)
