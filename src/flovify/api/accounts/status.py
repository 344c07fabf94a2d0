"""The states of an account: one table for the API, the console and its help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flovify.api.accounts.schemas import AccountStatus, ActionKind

Level = Literal["ok", "info", "warning", "error"]


@dataclass(frozen=True)
class StatusRow:
    """A status in words. `attention`: it counts as one that needs somebody."""

    word: str
    level: Level
    meaning: str
    who_acts: str
    attention: bool = False


STATUSES: dict[AccountStatus, StatusRow] = {
    "connected": StatusRow("Connected", "ok", "Sign-in, subscription and processing all work.", "nobody"),
    "first_sync": StatusRow("First sync", "info", "The first messages are being fetched.", "nobody"),
    "no_subscription": StatusRow(
        "No subscription",
        "warning",
        "The account is connected, but Microsoft was not asked to announce its messages.",
        "an administrator: watch the inbox",
        attention=True,
    ),
    "degraded": StatusRow(
        "Degraded", "warning", "It works, but late or not completely.", "look at the cause", attention=True
    ),
    "sign_in_required": StatusRow(
        "Sign-in required",
        "warning",
        "The sign-in expired or was revoked. Nothing is fetched until the mailbox's owner signs in again.",
        "the mailbox's owner: reconnect",
        attention=True,
    ),
    "consent_revoked": StatusRow(
        "Consent revoked",
        "error",
        "The organisation no longer allows this application. Nothing is fetched until its administrator consents.",
        "the organisation's administrator: consent again",
        attention=True,
    ),
    "failing": StatusRow(
        "Failing",
        "error",
        "The last calls failed; nothing is fetched.",
        "an operator: test the connection",
        attention=True,
    ),
    "blocked": StatusRow(
        "Blocked",
        "error",
        "The account is connected, but its mailbox cannot be served. Mail waits and is fetched once that is mended.",
        "look at the cause",
        attention=True,
    ),
    "disconnecting": StatusRow("Disconnecting", "info", "Its subscriptions at Microsoft are being removed.", "nobody"),
}
# The worst first; what is of one level keeps the order of names.
SEVERITY: tuple[AccountStatus, ...] = (
    "consent_revoked",
    "blocked",
    "failing",
    "sign_in_required",
    "no_subscription",
    "degraded",
    "disconnecting",
    "first_sync",
    "connected",
)


@dataclass(frozen=True)
class Verdict:
    """How an account stands, why, and what helps."""

    status: AccountStatus
    cause: str | None = None
    who_must_act: str | None = None
    action: ActionKind | None = None
    label: str = ""


def needs_attention(status: AccountStatus) -> bool:
    return STATUSES[status].attention


def meanings() -> list[dict[str, Any]]:
    """The table, for the console's help."""
    return [
        {"status": name, "word": row.word, "level": row.level, "meaning": row.meaning, "who_acts": row.who_acts}
        for name, row in STATUSES.items()
    ]
