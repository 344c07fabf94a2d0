"""A subscription with what is known around it, and its state in a word."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

RENEWAL_GRACE = timedelta(minutes=15)
EXPIRING_SOON = timedelta(hours=6)


@dataclass(frozen=True)
class Lifecycle:
    """The last notification about a subscription itself."""

    at: datetime
    kind: str
    outcome: str


@dataclass(frozen=True)
class SubscriptionView:
    """One row of webhook_subscriptions as it is shown; see `SubscriptionOut`."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    subscription_id: str | None
    resource: str
    change_types: tuple[str, ...]
    status: str
    expires_at: datetime
    created_at: datetime
    last_renewed_at: datetime | None
    next_renewal_at: datetime | None
    renewals: int
    renewal_failures: int
    validation_ms: int | None
    lost_at: datetime | None
    notification_url: str
    last_error: str | None
    last_error_at: datetime | None
    proven_at: datetime | None
    proven_by: str | None
    last_lifecycle: Lifecycle | None


@dataclass(frozen=True)
class SubscriptionFilter:
    """None and empty switch a condition off. `q` is looked for in the account's names and the ids."""

    tenant_id: uuid.UUID | None = None
    states: tuple[str, ...] = ()
    expiring_within_hours: float | None = None
    q: str | None = None


def state_word(view: SubscriptionView, now: datetime) -> str:
    """The state for people; see `StateWord` for the words."""
    if view.status == "creating":
        return "renewing" if _was_active(view) else "creating"
    if view.status == "polled":
        return "polled"
    if view.status == "failed":
        return _failed_word(view, now)
    if view.expires_at <= now:
        return "expired"
    if _needs_reauthorization(view):
        return "reauthorization_needed"
    if view.expires_at - now < min(EXPIRING_SOON, _life(view) / 4):
        return "expiring_soon"
    due = view.next_renewal_at is not None and view.next_renewal_at <= now
    return "renewing" if due or view.renewal_failures else "active"


def proof_of(view: SubscriptionView, heard: datetime | None) -> tuple[datetime | None, str | None]:
    """When it was last known to be alive, and by what: a notification (`heard`) or what was asked of the provider."""
    if heard is not None and (view.proven_at is None or heard > view.proven_at):
        return heard, "notification"
    return view.proven_at, view.proven_by


def _failed_word(view: SubscriptionView, now: datetime) -> str:
    if _sign_in_is_gone(view):
        return "reauthorization_needed"
    if view.lost_at is not None:
        return "removed_by_microsoft"
    if _was_active(view):
        return "expired" if view.expires_at <= now else "removed_by_microsoft"
    return "creation_failed"


def _needs_reauthorization(view: SubscriptionView) -> bool:
    asked = view.last_lifecycle
    settled_at = view.last_renewed_at or view.created_at
    unanswered = asked is not None and asked.kind == "reauthorizationRequired" and asked.at > settled_at
    return unanswered or (view.renewal_failures > 0 and _sign_in_is_gone(view))


def _sign_in_is_gone(view: SubscriptionView) -> bool:
    """The row's text begins with our own code or with Graph's status (see `SubscriptionService._note_failure`)."""
    return (view.last_error or "").startswith(("reconnect_required", "401"))


def _was_active(view: SubscriptionView) -> bool:
    return view.validation_ms is not None or view.last_renewed_at is not None


def _life(view: SubscriptionView) -> timedelta:
    return max(view.expires_at - (view.last_renewed_at or view.created_at), timedelta())
