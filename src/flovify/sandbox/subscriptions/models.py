"""Subscriptions and the notifications that wait to be delivered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import msgspec

from flovify.sandbox.directory.models import PERSONAL_TENANT

CHANGE_TYPES = ("created", "updated", "deleted")
LIFECYCLE_EVENTS = ("subscriptionRemoved", "missed", "reauthorizationRequired")


class Subscription(msgspec.Struct):
    """One subscription on a mailbox, or on one folder of it (`folder_id`). `resource` is kept as it was given.

    A `silent` one is on a mailbox that is shared with its creator: Graph accepts it and never delivers
    (graph/outlook-change-notifications-overview: delegated permissions reach the signed-in user's own mailbox only).
    """

    id: str
    resource: str
    application_id: str
    tenant_id: str
    creator_id: str
    user_id: str
    folder_id: str | None
    change_types: list[str]
    client_state: str | None
    notification_url: str
    lifecycle_url: str | None
    expires_at: datetime
    immutable_ids: bool
    tls_version: str = "v1_2"
    silent: bool = False

    @property
    def notified_tenant(self) -> str:
        """The tenantId of notifications: a personal account has none (observed)."""
        return "" if self.tenant_id == PERSONAL_TENANT else self.tenant_id

    @property
    def change_type(self) -> str:
        return ",".join(self.change_types)

    def same_target(self, other: Subscription) -> bool:
        """Whether Graph takes both for the same combination of app, resource and changeType."""
        return (
            self.application_id == other.application_id
            and self.user_id == other.user_id
            and self.folder_id == other.folder_id
            and set(self.change_types) == set(other.change_types)
        )


class Muted(msgspec.Struct):
    """A mailbox whose notifications are lost on their way until somebody says otherwise."""

    user_id: str


class Pending(msgspec.Struct):
    """One notification on its way. `channel` keeps lifecycle notifications apart, `copy` those of one change.

    It goes out at `queued_at`, which may be still to come; the four hours start then.
    """

    key: str
    url: str
    channel: str
    subscription_id: str
    item: dict[str, Any]
    queued_at: datetime
    attempts: int = 0
    copy: int = 0
    reorder: bool = False


@dataclass(slots=True)
class Attempt:
    """One POST to a notification URL: `status` None means no answer came, and `error` says why.

    `body` are the items as they were sent, clientState masked; None once it is too long ago.
    """

    at: datetime
    url: str
    channel: str
    items: int
    subscription_ids: tuple[str, ...]
    attempt: int
    status: int | None
    error: str | None
    milliseconds: int
    body: list[dict[str, Any]] | None

    @property
    def delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@lru_cache(maxsize=1024)
def graph_time(moment: datetime, suffix: str = "Z") -> str:
    """UTC with seven fraction digits where there are fractions, as Graph writes expirationDateTime."""
    shown = moment.astimezone(UTC)
    fraction = f".{shown.microsecond:06d}0" if shown.microsecond else ""
    return shown.strftime("%Y-%m-%dT%H:%M:%S") + fraction + suffix


def subscription_json(subscription: Subscription, *, with_client_state: bool = True) -> dict[str, Any]:
    return {
        "id": subscription.id,
        "resource": subscription.resource,
        "applicationId": subscription.application_id,
        "changeType": subscription.change_type,
        "clientState": subscription.client_state if with_client_state else None,
        "notificationUrl": subscription.notification_url,
        "notificationQueryOptions": None,
        "lifecycleNotificationUrl": subscription.lifecycle_url,
        "expirationDateTime": graph_time(subscription.expires_at),
        "creatorId": subscription.creator_id,
        "includeResourceData": None,
        "latestSupportedTlsVersion": subscription.tls_version,
        "encryptionCertificate": None,
        "encryptionCertificateId": None,
        "notificationUrlAppId": None,
    }
