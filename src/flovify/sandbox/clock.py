"""The sandbox's time: the machine's, moved ahead on demand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from flovify.sandbox.journal import Journal

_KIND = "clock"


class ClockState(msgspec.Struct):
    ahead_seconds: float = 0


class SandboxClock:
    """Remembers over a restart how far it was moved."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._state = next(journal.load(_KIND, ClockState), ClockState())

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self._state.ahead_seconds)

    def advance(self, seconds: float) -> None:
        """Move time ahead; tokens, codes and subscriptions grow older at once."""
        self._state.ahead_seconds += seconds
        self._journal.put(_KIND, _KIND, self._state)

    def reset(self) -> None:
        self._state = ClockState()
