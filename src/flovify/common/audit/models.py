"""An entry of the audit log, and what is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

EXPORTED = "audit.exported"


class Outcome(StrEnum):
    SUCCESS = "success"
    FAILURE = "failure"
    DENIED = "denied"


class ActorKind(StrEnum):
    USER = "user"
    COMMAND_LINE = "command line"
    SYSTEM = "system"


@dataclass(frozen=True)
class Entry:
    """One row. `subject` is an id or another name of the thing that `subject_kind` says."""

    id: int
    at: datetime
    actor: str
    actor_kind: str
    action: str
    subject: str
    subject_kind: str
    outcome: str
    address: str | None
    details: Mapping[str, Any]
    correlation_id: str | None


@dataclass(frozen=True)
class AuditFilter:
    """None switches a condition off. `since` is included, `until` not; `q` is looked for in all texts."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None
    q: str | None = None

    def as_dict(self) -> dict[str, str]:
        """What is switched on, for the entry about an export."""
        return {name: str(value) for name, value in vars(self).items() if value is not None}


class Log(Protocol):
    """What is read of an audit log."""

    async def list(self, wanted: AuditFilter, before: int | None, limit: int) -> tuple[Entry, ...]:
        """The last entries first, before the one with this id."""
