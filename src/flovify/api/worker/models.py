"""What one take comes to, before it is made real."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from flovify.api.coverage.models import Risk
from flovify.api.messages.models import NormalizedMessage
from flovify.api.queue.models import Event, Lease
from flovify.api.worker.errors import (
    LOOKS_SECONDS,
    MAX_ATTEMPTS,
    Trouble,
    TroubleKind,
    asked_to_wait,
    patience_seconds,
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


@dataclass(frozen=True, slots=True)
class MailboxWait:
    """How long the whole mailbox is left alone, and why. `failures` is its count of waits without any success."""

    seconds: float
    trouble: Trouble
    failures: int


@dataclass
class Plan:
    """The verdicts and effects of one lease; nothing of it is in the database yet.

    `fetched_at` is when fetching began; `came_at` when it had ended, on the clock that never runs backwards. `served`:
    the provider gave or proved something about this mailbox. `risks`: subscriptions whose folders to look through.
    """

    lease: Lease
    fetched_at: datetime
    came_at: float | None = None
    served: bool = False
    verdicts: dict[Event, Verdict] = field(default_factory=dict)
    messages: dict[str, NormalizedMessage] = field(default_factory=dict)
    mailbox_troubles: list[Trouble] = field(default_factory=list)
    risks: dict[Risk, set[uuid.UUID]] = field(default_factory=dict)

    def risk(self, event: Event, risk: Risk) -> None:
        """The folder of the event's subscription may have missed something: it is looked through."""
        self.risks.setdefault(risk, set()).add(event.subscription_row_id)

    def finish(self, event: Event, outcome: str, reason: str | None = None) -> None:
        self.verdicts[event] = Verdict(Action.FINISH, outcome, reason)

    def store(self, events: Iterable[Event], message_id: str, message: NormalizedMessage) -> None:
        """Store the message; its events are finished with what storing says."""
        self.served = True
        self.messages[message_id] = message
        for event in events:
            self.verdicts[event] = Verdict(Action.STORE, "stored")

    def trouble(self, event: Event, trouble: Trouble, *, deleted: bool = False) -> None:
        """Judge one event that met trouble. `deleted`: this lease holds the notice of the message's removal too."""
        match trouble.kind:
            case TroubleKind.GONE:
                self._look_again(event, trouble, deleted=deleted)
            case TroubleKind.POISON:
                self.bury(event, trouble)
            case TroubleKind.MESSAGE if event.attempts >= MAX_ATTEMPTS:
                self.bury(event, trouble)
            case TroubleKind.MESSAGE:
                self._retry(event, trouble, trouble.reason, retry_seconds(event.attempts), spend=True)
            case TroubleKind.WAITS:
                self._retry(event, trouble, trouble.reason, patience_seconds(trouble, _waits(event, trouble.reason)))
            case _:
                self.verdicts[event] = Verdict(Action.GIVE_BACK, trouble.reason, error=trouble.text, trouble=trouble)
                self.mailbox_troubles.append(trouble)
                return
        self.served = self.served or trouble.kind is not TroubleKind.POISON

    def bury(self, event: Event, trouble: Trouble) -> None:
        self.verdicts[event] = Verdict(Action.BURY, trouble.reason, trouble.kind, trouble.text, trouble=trouble)

    @cached_property
    def wait(self) -> MailboxWait | None:
        """The longest of what the mailbox has to wait for; to be asked for when all verdicts are there.

        Only waits in a row without any success count as failures, and a wait the provider named does not count.
        """
        before = 0 if self.served else self.lease.failures
        waits = [
            MailboxWait(wait_seconds(trouble, before), trouble, before if asked_to_wait(trouble) else before + 1)
            for trouble in self.mailbox_troubles
        ]
        return max(waits, key=lambda wait: wait.seconds, default=None)

    def _look_again(self, event: Event, trouble: Trouble, *, deleted: bool) -> None:
        """Gone is what a notice said and the mailbox proves at once, else what no look finds for minutes."""
        looks = _waits(event, TroubleKind.GONE)
        if event.change_type == "deleted":
            self.finish(event, "deleted")
        elif deleted or looks > len(LOOKS_SECONDS):
            self.finish(event, "skipped", TroubleKind.GONE)
        else:
            self._retry(event, trouble, TroubleKind.GONE, LOOKS_SECONDS[looks - 1])

    def _retry(self, event: Event, trouble: Trouble, label: str, seconds: float, *, spend: bool = False) -> None:
        self.verdicts[event] = Verdict(
            Action.RETRY, label, error=trouble.text, delay_seconds=seconds, spend=spend, trouble=trouble
        )


def _waits(event: Event, label: str) -> int:
    """How many times in a row the event waits for this reason, the coming time included."""
    return event.waits + 1 if event.last_error_kind == label else 1
