"""What a check of an audit log finds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flovify.common.audit.chain import START, Link, LoggedEntry

SHOWN_AT_MOST = 20


class Kind(StrEnum):
    CHANGED = "entry changed"
    MISSING = "entry missing"
    UNSEALED = "entry without a seal"
    SEAL = "seal changed or moved"
    GAP = "seals missing"
    HEAD = "earlier head not in the chain"


@dataclass(frozen=True)
class Finding:
    """`entry_id`, `at` and `action` as far as they are known; of a missing entry `at` is when it was sealed."""

    kind: Kind
    detail: str
    entry_id: int | None = None
    at: datetime | None = None
    action: str | None = None


@dataclass
class Report:
    """The result for one log; memory stays flat however much is found."""

    log: str
    head: Link = START
    entries: int = 0
    pruned: int = 0
    permissions: list[LoggedEntry] = field(default_factory=list)
    first: list[Finding] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)
    unknown_keys: Counter[str] = field(default_factory=Counter)

    def add(self, findings: Iterable[Finding]) -> None:
        """Count them all and keep the first."""
        for finding in findings:
            self.counts[finding.kind] += 1
            if len(self.first) < SHOWN_AT_MOST:
                self.first.append(finding)

    @property
    def broken(self) -> bool:
        return bool(self.counts)

    @property
    def whole(self) -> bool:
        """Everything could be checked, and nothing was found."""
        return not self.counts and not self.unknown_keys
