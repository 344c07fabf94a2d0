"""The shapes of subscriptions in the API."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from flovify.api.subscriptions.models import DEFAULT_RESOURCE
from flovify.common.errors import InvalidRequest

ChangeType = Literal["created", "updated", "deleted"]
SubscriptionStatus = Literal["creating", "active", "failed", "polled"]
StateWord = Literal[
    "active",
    "renewing",
    "expiring_soon",
    "reauthorization_needed",
    "removed_by_microsoft",
    "expired",
    "creation_failed",
    "creating",
    "polled",
]
TimelineKind = Literal[
    "created",
    "renewed",
    "recreated",
    "renewal_failed",
    "reauthorizationRequired",
    "subscriptionRemoved",
    "missed",
    "created_failed",
    "polled",
    "expired",
    "difference",
    "caught_up",
    "removed",
]


class CreateSubscription(BaseModel):
    """What to watch."""

    model_config = ConfigDict(extra="forbid")

    tenant_id: uuid.UUID = Field(description="The connected account.")
    resource: Annotated[
        str,
        Field(
            min_length=1,
            max_length=1000,
            pattern=r"^[^\x00]*$",
            description="me/messages, me/mailFolders('inbox')/messages, or a folder's name such as inbox.",
        ),
    ] = DEFAULT_RESOURCE
    change_types: Annotated[list[ChangeType], Field(min_length=1, max_length=3)] = ["created", "updated", "deleted"]


class SubscriptionAccount(BaseModel):
    """Whose mailbox it watches."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    display_name: str
    account_email: str


class LastLifecycle(BaseModel):
    """The last notification about the subscription itself, and what was done about it."""

    at: datetime
    kind: str
    outcome: str


class SubscriptionOut(BaseModel):
    """A subscription. `subscription_id` is Graph's own id; `expires_at` is what Graph granted.

    `state_word` is `status` told apart for people. `validation_ms` is how long Microsoft took to make it, in
    which it called our webhook. `account` is null when auth does not know the account, or cannot be asked. `proven_at`
    is when it was last known to be alive, `proven_by` how: a genuine notification came, or Microsoft was asked for it,
    renewed or made it. `mode` poll: Microsoft announces nothing for this folder, so its changes are asked for every 40
    seconds: until the subscription can be made (`last_error` says why not), or for good (`status` polled: a shared
    mailbox; `expires_at` is when it is looked at again whether that is still so).
    """

    id: uuid.UUID
    tenant_id: uuid.UUID
    account: SubscriptionAccount | None
    provider: str
    subscription_id: str | None
    resource: str
    change_types: list[str]
    status: SubscriptionStatus
    state_word: StateWord
    expires_at: datetime
    created_at: datetime
    last_renewed_at: datetime | None
    next_renewal_at: datetime | None
    renewals: int
    renewal_failures: int
    last_notification_at: datetime | None
    last_lifecycle: LastLifecycle | None
    validation_ms: int | None
    notification_url: str
    last_error: str | None
    last_error_at: datetime | None
    proven_at: datetime | None
    proven_by: Literal["notification", "asked", "renewed", "created"] | None
    mode: Literal["push", "poll"]


class SubscriptionPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[SubscriptionOut]
    next: str | None
    total: int


class TimelineItem(BaseModel):
    """Something that happened to a subscription. A failure that repeated itself is one item with its attempts."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    kind: TimelineKind
    outcome: str
    detail: str
    attempts: int


class TimelinePage(BaseModel):
    items: list[TimelineItem]


class RenewMany(BaseModel):
    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[uuid.UUID], Field(min_length=1, max_length=100)]


class RenewResult(BaseModel):
    """How it went for one: `code` and `detail` say why not."""

    id: uuid.UUID
    ok: bool
    outcome: Literal["renewed", "recreated", "failed"]
    expires_at: datetime | None
    code: str | None
    detail: str | None


class RenewResults(BaseModel):
    items: list[RenewResult]


def encode_cursor(created_at: datetime, row_id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(f"{created_at.isoformat()}|{row_id}".encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    """Raises InvalidRequest for anything that `encode_cursor` did not make."""
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        moment, _, row_id = plain.partition("|")
        return datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(row_id)
    except (binascii.Error, ValueError, OverflowError):
        raise InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor") from None
