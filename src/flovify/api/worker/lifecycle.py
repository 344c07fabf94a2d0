"""Lifecycle notifications (graph/change-notifications-lifecycle-events, 2026-03-24)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Protocol

from flovify.api.coverage.models import Risk
from flovify.api.queue.models import Event
from flovify.api.subscriptions.models import Status, Subscription
from flovify.api.worker.metrics import MISSED
from flovify.api.worker.models import Action, Plan, Verdict
from flovify.common.errors import Conflict, FlovifyError, NotFound, Unavailable

LATER_SECONDS = 15.0


class Subscriptions(Protocol):
    """See `SubscriptionService`."""

    async def get(self, row_id: uuid.UUID) -> Subscription: ...

    async def renew_subscription(self, row_id: uuid.UUID) -> Subscription: ...


async def handle_lifecycle(plan: Plan, events: Sequence[Event], subscriptions: Subscriptions) -> None:
    """Judge lifecycle events; several of one subscription are one action."""
    done: dict[uuid.UUID, Verdict] = {}
    for event in events:
        if event.change_type == "missed":
            MISSED.inc()
            plan.risk(event, Risk.MISSED)
            plan.finish(event, "missed_recorded")
            continue
        if event.subscription_row_id not in done:
            done[event.subscription_row_id] = await _renew(event, subscriptions)
        plan.verdicts[event] = done[event.subscription_row_id]
        if plan.verdicts[event].label == "renewed":
            # What changed while they were held back is never announced (change-notifications-lifecycle-events).
            plan.risk(event, Risk.REAUTHORIZED)


def _is_of_another(event: Event, row: Subscription) -> bool:
    """Whether it is about a subscription that the row had before; letters' case does not count."""
    given, present = event.subscription_id, row.subscription_id
    return given is not None and given.lower() != (present or "").lower()


async def _renew(event: Event, subscriptions: Subscriptions) -> Verdict:
    """Renewing reauthorizes too, and makes anew what Graph has removed: one action for both events."""
    try:
        row = await subscriptions.get(event.subscription_row_id)
        if row.status is Status.ACTIVE and _is_of_another(event, row):
            return Verdict(Action.FINISH, "skipped", "subscription_replaced")
        renewed = await subscriptions.renew_subscription(row.id)
    except NotFound as error:
        return Verdict(Action.FINISH, "skipped", error.problem_code)
    except (Conflict, Unavailable) as error:
        if error.problem_code == "reconnect_required":
            # The row keeps the failure, and whoever reconnects the account has it renewed.
            return Verdict(Action.FINISH, "renewal_failed", error.problem_code)
        return Verdict(Action.RETRY, error.problem_code, error=error.detail, delay_seconds=LATER_SECONDS)
    except FlovifyError as error:
        # The row keeps the failure and the time of the next try; the event has done its part.
        return Verdict(Action.FINISH, "renewal_failed", error.problem_code)
    same = renewed.subscription_id == row.subscription_id
    return Verdict(Action.FINISH, "renewed" if same else "recreated")
