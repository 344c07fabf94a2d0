"""What one take comes to, before it is made real."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from flovify.api.messages.models import NormalizedMessage
from flovify.api.queue.models import Event, Lease
from flovify.api.worker.errors import (
    MAX_ATTEMPTS,
    SECOND_LOOK_SECONDS,
    Trouble,
    TroubleKind,
    retry_seconds,
    wait_seconds,
)


class Action(StrEnum):
    """`store` is finished with the outcome that storing gives."""

    STORE = "store"
    FINISH = "finish"
    RETRY = "retry"
    BURY = "bury"
    GIVE_BACK = "give_back"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one event. `label` is an outcome, or the reason of a retry or burial; `trouble` led to those."""

    action: Action
    label: str
    reason: str | None = None
    error: str = ""
    delay_seconds: float = 0.0
    spend: bool = False
    trouble: Trouble | None = None


@dataclass
class Plan:
    """The verdicts and effects of one lease; nothing of it is in the database yet.

    `fetched_at` is when fetching began; `came_at` when it had ended, on the clock that never runs backwards.
    """

    lease: Lease
    fetched_at: datetime
    came_at: float | None = None
    verdicts: dict[Event, Verdict] = field(default_factory=dict)
    messages: dict[str, NormalizedMessage] = field(default_factory=dict)
    wait: tuple[float, Trouble] | None = None

    def finish(self, event: Event, outcome: str, reason: str | None = None) -> None:
        self.verdicts[event] = Verdict(Action.FINISH, outcome, reason)

    def store(self, events: Iterable[Event], message_id: str, message: NormalizedMessage) -> None:
        """Store the message; its events are finished with what storing says."""
        self.messages[message_id] = message
        for event in events:
            self.verdicts[event] = Verdict(Action.STORE, "stored")

    def trouble(self, event: Event, trouble: Trouble, *, deleted: bool = False) -> None:
        """Judge one event that met trouble. `deleted`: this lease holds the notice of the message's removal too."""
        match trouble.kind:
            case TroubleKind.GONE if deleted or event.last_error_kind == TroubleKind.GONE:
                self.finish(event, "skipped", "gone")
            case TroubleKind.GONE:
                self.verdicts[event] = Verdict(
                    Action.RETRY,
                    TroubleKind.GONE,
                    error=trouble.text,
                    delay_seconds=SECOND_LOOK_SECONDS,
                    trouble=trouble,
                )
            case TroubleKind.POISON:
                self.bury(event, trouble)
            case TroubleKind.TRANSIENT if event.attempts >= MAX_ATTEMPTS:
                self.bury(event, trouble)
            case TroubleKind.TRANSIENT:
                self.verdicts[event] = Verdict(
                    Action.RETRY,
                    trouble.reason,
                    error=trouble.text,
                    delay_seconds=retry_seconds(event.attempts),
                    spend=True,
                    trouble=trouble,
                )
            case _:
                self.verdicts[event] = Verdict(Action.GIVE_BACK, trouble.reason, error=trouble.text, trouble=trouble)
                self._wait(trouble)

    def bury(self, event: Event, trouble: Trouble) -> None:
        self.verdicts[event] = Verdict(Action.BURY, trouble.reason, trouble.kind, trouble.text, trouble=trouble)

    def _wait(self, trouble: Trouble) -> None:
        seconds = wait_seconds(trouble, self.lease.failures)
        if self.wait is None or seconds > self.wait[0]:
            self.wait = (seconds, trouble)
