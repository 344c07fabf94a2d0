"""What a check says, and what is still to be checked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

CHECK_SECONDS = 10.0


class Subject(StrEnum):
    """In the order they are shown."""

    SETTINGS = "settings"
    DATABASE = "database"
    SCHEMA = "schema"
    KEYS = "keys"
    CLOCK = "clock"
    PROCESSES = "processes"
    ADDRESSES = "addresses"
    WEBHOOK = "webhook"
    ENTRA = "entra"
    PERMISSIONS = "permissions"
    GRAPH = "graph"


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Check:
    """One line. `of` is what was looked at; `mend` says what to do, of a skipped one where it can be looked at."""

    subject: Subject
    name: str
    of: str
    outcome: Outcome
    found: str
    mend: str = ""


class NotLookedAt(Exception):
    """This cannot be looked at from here: why, and what to do so that it can."""

    def __init__(self, why: str, mend: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.mend = mend


@dataclass(frozen=True)
class Say:
    """Makes the lines of one subject about one thing."""

    subject: Subject
    of: str = ""

    def ok(self, name: str, found: str) -> Check:
        return Check(self.subject, name, self.of, Outcome.OK, found)

    def warning(self, name: str, found: str, mend: str) -> Check:
        return Check(self.subject, name, self.of, Outcome.WARNING, found, mend)

    def failed(self, name: str, found: str, mend: str) -> Check:
        return Check(self.subject, name, self.of, Outcome.FAILED, found, mend)

    def skipped(self, name: str, why: str, mend: str = "") -> Check:
        return Check(self.subject, name, self.of, Outcome.SKIPPED, why, mend)


@dataclass(frozen=True)
class Unit:
    """Something to look at. Its work gives lines, and further units that show only now."""

    say: Say
    name: str
    work: Callable[[Say], Awaitable[Results]]
    seconds: float = CHECK_SECONDS


Results: TypeAlias = Sequence[Check | Unit]
