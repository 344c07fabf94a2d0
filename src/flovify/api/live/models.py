"""What can change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LiveKind(StrEnum):
    """`resync` and `session.expiring` are about the stream itself and have no id."""

    ACCOUNT_UPDATED = "account.updated"
    SUBSCRIPTION_UPDATED = "subscription.updated"
    MESSAGE_CREATED = "message.created"
    MESSAGE_UPDATED = "message.updated"
    DEADLETTER_CREATED = "deadletter.created"
    DEADLETTER_RESOLVED = "deadletter.resolved"
    REPLAY_PROGRESS = "replay.progress"
    HEALTH_CHANGED = "health.changed"
    SESSION_EXPIRING = "session.expiring"
    RESYNC = "resync"


@dataclass(frozen=True)
class LiveEvent:
    """One change. Ids grow in the order in which changes became visible."""

    id: int
    kind: str
    ref: str | None
