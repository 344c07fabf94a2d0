"""Make any JSON value fit for PostgreSQL: no NUL, no lone surrogate, no NaN, no endless depth."""

from __future__ import annotations

import math
import re
from typing import Any

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MAX_DEPTH = 64
# PostgreSQL refuses NUL in text and jsonb; UTF-8 has no lone surrogates.
_UNFIT = re.compile("[\x00\ud800-\udfff]")
_MAX_INTEGER = 2**63


class Cleaner:
    """Replaces what cannot be stored by U+FFFD and remembers that it did."""

    def __init__(self) -> None:
        self.notes: set[str] = set()

    def text(self, value: str) -> str:
        cleaned, count = _UNFIT.subn(REPLACEMENT, value)
        if count:
            self.notes.add("characters that cannot be stored (NUL or lone surrogate) were replaced by U+FFFD")
        return cleaned

    def value(self, value: object, depth: int = 0) -> Any:
        """A JSON value that PostgreSQL takes, as near to `value` as can be."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict) and depth < MAX_DEPTH:
            return {self.text(str(key)): self.value(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and depth < MAX_DEPTH:
            return [self.value(item, depth + 1) for item in value]
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
