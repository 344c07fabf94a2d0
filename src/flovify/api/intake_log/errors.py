"""Errors of what stands before the inbox.

Exception
 ├─ NotStored     the group could not be made durable, or nobody knows: it must be offered again
 └─ RowsRefused   what keeps the groups is there and refuses these rows; others may pass
Unavailable
 └─ EngineAway   it cannot be reached, or did not confirm; what was asked may have been done
ValueError
 └─ Unreadable   what an engine kept is no group of ours, or of a later version
"""

from __future__ import annotations

from flovify.common.errors import Unavailable


class NotStored(Exception):
    """Nothing may be acknowledged."""


class RowsRefused(Exception):
    """At least one of the rows is at fault."""


class EngineAway(Unavailable):
    """Its text names the class of the driver's error only: drivers put addresses into theirs, with passwords."""

    def __init__(self, engine: str, cause: type[BaseException]) -> None:
        super().__init__(f"{engine} of QUEUE_URL does not do what was asked: {cause.__name__}", code="queue_away")
        self.cause = cause


class Unreadable(ValueError):
    """Kept as it is, in sight, and tried again: another version of the worker may read it."""
