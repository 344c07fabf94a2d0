"""How the notifications of a mailbox go out when somebody wants to see what a subscriber makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from flovify.sandbox.journal import Journal
from flovify.sandbox.subscriptions.models import Muted, Pending

_MUTED = "muted"
_PLAN = "delivery plan"


class DeliveryPlan(msgspec.Struct, frozen=True):
    """What happens to every change notification of a mailbox; lifecycle notifications are left alone.

    `drop`: it never goes out. `delay_seconds` of the sandbox's clock pass first. `copies` go out, each in a POST of its
    own. `reorder`: what goes out in one POST stands there in reverse order. `alter` are other values for fields of the
    item; None takes a field out.
    """

    user_id: str
    drop: bool = False
    delay_seconds: float = 0
    copies: int = 1
    reorder: bool = False
    alter: dict[str, Any] = {}

    def apply(self, pending: Pending, now: datetime) -> Iterator[Pending]:
        """The notifications that go out in place of one."""
        item = {name: value for name, value in (pending.item | self.alter).items() if name not in self._removed}
        for copy in range(self.copies):
            yield msgspec.structs.replace(
                pending,
                key=f"{pending.key}-{copy}" if copy else pending.key,
                item=item,
                queued_at=now + timedelta(seconds=self.delay_seconds),
                copy=copy,
                reorder=self.reorder,
            )

    def settings(self) -> dict[str, Any]:
        """The plan as it is shown, without the mailbox."""
        shown: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in shown.items() if name != "user_id"}

    @property
    def _removed(self) -> set[str]:
        return {name for name, value in self.alter.items() if value is None}


class Plans:
    """By mailbox, in memory and in the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._muted = {muted.user_id for muted in journal.load(_MUTED, Muted)}
        self._plans = {plan.user_id: plan for plan in journal.load(_PLAN, DeliveryPlan)}

    def clear(self) -> None:
        """Forget all; the journal is cleared by the caller."""
        self._muted.clear()
        self._plans.clear()

    def of(self, user_id: str) -> DeliveryPlan:
        """The plan in force; one that changes nothing where none was made."""
        return self._plans.get(user_id) or DeliveryPlan(user_id)

    def put(self, plan: DeliveryPlan) -> None:
        """Put a plan in force from the next notification on, in place of the one before."""
        self._plans[plan.user_id] = plan
        self._journal.put(_PLAN, plan.user_id, plan)

    def mute(self, user_id: str, *, muted: bool) -> None:
        """Lose all change notifications of a mailbox from now on, whatever its plan says, or no more."""
        if muted:
            self._muted.add(user_id)
            self._journal.put(_MUTED, user_id, Muted(user_id))
        else:
            self._muted.discard(user_id)
            self._journal.delete(_MUTED, user_id)

    def is_muted(self, user_id: str) -> bool:
        return user_id in self._muted

    def loses(self, user_id: str) -> bool:
        """Whether notifications of the mailbox do not go out at all."""
        return self.is_muted(user_id) or self.of(user_id).drop
