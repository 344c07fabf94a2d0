"""What a check says."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Step(StrEnum):
    """In the order they are taken."""

    TOKEN = "token"  # noqa: S105 - a step, not a secret
    MAILBOX_READ = "mailbox_read"
    SUBSCRIPTION_CREATE = "subscription_create"
    VALIDATION = "validation"
    NOTIFICATION = "notification"
    SUBSCRIPTION_REMOVE = "subscription_remove"


class StepStatus(StrEnum):
    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class StepResult:
    """How one step went. `code` is a stable word for a failure or a skip, `words` a sentence for people."""

    step: Step
    status: StepStatus
    ms: int = 0
    code: str | None = None
    words: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def as_line(self) -> dict[str, Any]:
        return {
            "step": self.step,
            "status": self.status,
            "ms": self.ms,
            "code": self.code,
            "words": self.words,
            "details": self.details,
        }


class StepFailed(Exception):
    """Ends a step as failed, or as skipped, with what is to be said."""

    def __init__(
        self,
        code: str,
        words: str,
        details: dict[str, Any] | None = None,
        status: StepStatus = StepStatus.FAILED,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.words = words
        self.details = details or {}
        self.status = status
