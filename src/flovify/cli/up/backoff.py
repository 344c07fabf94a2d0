"""How long to wait before a process that ended is started again."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Backoff:
    """Doubles from ``first`` to ``limit`` seconds, and starts over after a life of ``healthy_seconds``."""

    first: float = 0.5
    limit: float = 60.0
    healthy_seconds: float = 60.0
    _next: float = 0.0

    def after(self, lived_seconds: float) -> float:
        """The seconds to wait after a life that long."""
        if lived_seconds >= self.healthy_seconds or self._next == 0.0:
            self._next = self.first
        delay = self._next
        self._next = min(self.limit, self._next * 2)
        return delay
