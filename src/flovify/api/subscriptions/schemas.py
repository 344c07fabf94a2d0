"""The shapes of subscriptions in the API."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from flovify.api.subscriptions.models import DEFAULT_RESOURCE, Subscription
from flovify.common.errors import InvalidRequest

ChangeType = Literal["created", "updated", "deleted"]


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


class SubscriptionOut(BaseModel):
    """A subscription. `subscription_id` is Graph's own id; `expires_at` is what Graph granted."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    subscription_id: str | None
    resource: str
    change_types: list[str]
    status: Literal["creating", "active", "failed"]
    expires_at: datetime
    created_at: datetime
    last_renewed_at: datetime | None
    next_renewal_at: datetime | None
    notification_url: str
    last_error: str | None
    last_error_at: datetime | None


class SubscriptionPage(BaseModel):
    items: list[SubscriptionOut]
    next: str | None


def subscription_out(row: Subscription) -> SubscriptionOut:
    return SubscriptionOut.model_validate(row, from_attributes=True)


def encode_cursor(row: Subscription) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()}|{row.id}".encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    """Raises InvalidRequest for anything that `encode_cursor` did not make."""
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        moment, _, row_id = plain.partition("|")
        return datetime.fromisoformat(moment).astimezone(UTC), uuid.UUID(row_id)
    except (binascii.Error, ValueError, OverflowError):
        raise InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor") from None
