"""Errors of the intake.

Exception
 ├─ Refused          the request is nothing Graph sends; carries the status to answer with
 └─ NotStored        the events could not be made durable (intake_log.errors): 503, so that Graph delivers again
     ├─ Overloaded   too much is waiting for the database already
     ├─ OverBudget   too many ids that nobody here has heard of
     └─ Closed       there is too little room on the disk, or too much waits already
"""

from __future__ import annotations

from flovify.api.intake_log.errors import NotStored


class Refused(Exception):
    """`status` is 400, 408, 413 or 415."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Overloaded(NotStored):
    """The database does not keep up."""


class OverBudget(NotStored):
    """Whether they exist cannot be said without looking them up."""


class Closed(NotStored):
    """What was taken before keeps its room."""
