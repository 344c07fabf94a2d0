"""The items of a notification POST (graph/api/resources/changenotification, 2026-10-01)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flovify.sandbox.mail.models import Change
from flovify.sandbox.subscriptions.models import Subscription, graph_time


def kinds_for(subscription: Subscription, change: Change) -> Iterator[tuple[str, str]]:
    """(changeType, message id) of every notice the subscription gets for a change."""
    for kind, message_id in _events(subscription, change):
        if kind in subscription.change_types:
            yield kind, message_id


def _events(subscription: Subscription, change: Change) -> Iterator[tuple[str, str]]:
    """Arriving in the folder, moved there included, is created; leaving it is deleted.

    Source: graph/outlook-change-notifications-overview. For the whole mailbox a move is the end of the old id and the
    beginning of a new one; with immutable ids it is a change of parentFolderId.
    """
    shown = change.immutable_id if subscription.immutable_ids else change.regular_id
    watched = subscription.folder_id
    if change.kind != "moved":
        if watched in (None, change.folder_id):
            yield change.kind, shown
        return
    left = change.immutable_id if subscription.immutable_ids else change.left_regular_id or change.regular_id
    if watched is None and subscription.immutable_ids:
        yield "updated", shown
        return
    if watched in (None, change.left_folder_id):
        yield "deleted", left
    if watched in (None, change.folder_id):
        yield "created", shown


def change_item(subscription: Subscription, kind: str, message_id: str, etag: str) -> dict[str, Any]:
    resource = f"Users/{subscription.user_id}/Messages/{message_id}"
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": graph_time(subscription.expires_at, "+00:00"),
        "changeType": kind,
        "resource": resource,
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": resource,
            "@odata.etag": etag,
            "id": message_id,
        },
        "clientState": subscription.client_state,
        "tenantId": subscription.notified_tenant,
    }


def lifecycle_item(subscription: Subscription, event: str) -> dict[str, Any]:
    return {
        "subscriptionId": subscription.id,
        "subscriptionExpirationDateTime": graph_time(subscription.expires_at, "+00:00"),
        "tenantId": subscription.notified_tenant,
        "clientState": subscription.client_state,
        "lifecycleEvent": event,
    }
