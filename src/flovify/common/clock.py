"""Time as an object, so that tests and operators can shift it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the services need to know about time."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never run backwards; only differences mean something."""
        ...


class SystemClock:
    """The machine's clock, shifted by `FLOVIFY_CLOCK_OFFSET` seconds (for tests of clock skew)."""

    def __init__(self, offset_seconds: float | None = None) -> None:
        raw = os.environ.get("FLOVIFY_CLOCK_OFFSET", "0") if offset_seconds is None else offset_seconds
        self._offset = timedelta(seconds=float(raw))

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def monotonic(self) -> float:
        return time.monotonic()
