"""A monotonic clock that a test moves."""

from __future__ import annotations


class Seconds:
    """Called, it tells `now`."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now
