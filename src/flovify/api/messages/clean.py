"""Make any JSON value fit for PostgreSQL: no NUL, no lone surrogate, no NaN, no endless depth."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MAX_DEPTH = 64
# PostgreSQL refuses NUL in text and jsonb; UTF-8 has no lone surrogates.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_MAX_INTEGER = 2**63
_PLAIN = frozenset((str, bool, type(None)))


class Cleaner:
    """Replaces what cannot be stored by U+FFFD and remembers that it did."""

    def __init__(self) -> None:
        self.notes: set[str] = set()

    def text(self, value: str) -> str:
        cleaned, count = _UNFIT.subn(REPLACEMENT, value)
        if count:
            self.notes.add("characters that cannot be stored (NUL or lone surrogate) were replaced by U+FFFD")
        return cleaned

    def value(self, value: object) -> Any:
        """A JSON value that PostgreSQL takes, as near to `value` as can be; `value` itself if it is one."""
        return value if _fits(value) else self._value(value, 0)

    def _value(self, value: object, depth: int) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict) and depth < MAX_DEPTH:
            return {self.text(str(key)): self._value(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and depth < MAX_DEPTH:
            return [self._value(item, depth + 1) for item in value]
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return value if -_MAX_INTEGER <= value < _MAX_INTEGER else str(value)[:64]
        if value is None or isinstance(value, bool):
            return value
        self.notes.add("values nested too deeply, or of no JSON type, were left out")
        return None

    def note(self) -> str | None:
        """What was replaced, as one sentence, or None."""
        return "; ".join(sorted(self.notes)) or None


def _fits(value: object) -> bool:
    """Whether nothing would be changed. Nearly every message fits, and looking is cheaper than copying."""
    try:
        encoded = msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, RecursionError, TypeError, ValueError):
        return False
    return rb"\u0000" not in encoded and _shallow([value], 0)


def _shallow(container: dict[Any, Any] | list[Any], depth: int) -> bool:
    """Whether depth, numbers and types are such that PostgreSQL takes them."""
    if depth > MAX_DEPTH:
        return False
    if type(container) is dict and not all(type(key) is str for key in container):
        return False
    items = container.values() if type(container) is dict else container
    return all(type(item) in _PLAIN or _is_shallow(item, depth + 1) for item in items)


def _is_shallow(item: object, depth: int) -> bool:
    if type(item) is dict or type(item) is list:
        return _shallow(item, depth)
    if type(item) is int:
        return -_MAX_INTEGER <= item < _MAX_INTEGER
    return type(item) is float and math.isfinite(item)
