"""Graph's subscriptions on mail: created after a handshake, renewed, expired, and told of every change."""

from __future__ import annotations

import secrets
import ssl
import uuid
from typing import Any

import aiohttp

from flovify.common.http import create_session
from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.service import Directory
from flovify.sandbox.graph.access import Caller, mailbox_user
from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.journal import Journal
from flovify.sandbox.mail.models import Change, FolderNotFound
from flovify.sandbox.mail.store import MailStore
from flovify.sandbox.subscriptions import notices
from flovify.sandbox.subscriptions.delivery import DeliveryEngine
from flovify.sandbox.subscriptions.handshake import validate_endpoints
from flovify.sandbox.subscriptions.models import LIFECYCLE_EVENTS, Attempt, Pending, Subscription
from flovify.sandbox.subscriptions.plans import Plans
from flovify.sandbox.subscriptions.rules import MAX_MINUTES, Wanted, invalid, read_create, read_expiry, read_url

MAX_PER_MAILBOX = 1000
_KIND = "subscription"
_PENDING = "notification"
_CONNECTIONS = 200


class Subscriptions:
    """All subscriptions, by mailbox. `start` before the first call, `stop` at the end; both on the event loop."""

    def __init__(
        self,
        journal: Journal,
        clock: SandboxClock,
        directory: Directory,
        mail: MailStore,
        *,
        allow_http: bool = False,
        max_minutes: int = MAX_MINUTES,
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._directory = directory
        self._mail = mail
        self._allow_http = allow_http
        self.max_minutes = max_minutes
        self._session: aiohttp.ClientSession | None = None
        self._all: dict[str, Subscription] = {}
        self._of_user: dict[str, dict[str, Subscription]] = {}
        self._engine = DeliveryEngine(clock, self._save_pending, self._forget_pending)
        self.plans = Plans(journal)
        for subscription in journal.load(_KIND, Subscription):
            self._keep(subscription)
        for pending in journal.load(_PENDING, Pending):
            self._engine.resume(pending)
        mail.listen(self._on_change)

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        """Begin to deliver. `tls` says whose certificates https receivers may show; None: those the machine trusts."""
        self._session = create_session(limit=_CONNECTIONS, tls=tls)
        self._engine.start(self._session)

    async def stop(self) -> None:
        await self._engine.stop()
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def create(self, caller: Caller, body: dict[str, Any], *, immutable_ids: bool) -> Subscription:
        """Check, shake hands with the endpoints, and keep. Raises GraphError 400, 403, 404, 409 or 503."""
        wanted = read_create(body, self._clock.now(), allow_http=self._allow_http, max_minutes=self.max_minutes)
        subscription = self._planned(caller, wanted, immutable_ids=immutable_ids)
        self._check_room(subscription)
        urls = [wanted.notification_url, *([wanted.lifecycle_url] if wanted.lifecycle_url else [])]
        await validate_endpoints(self._http(), urls)
        # Another call for the same resource may have come through the handshake first.
        self._check_room(subscription)
        self._journal.put(_KIND, subscription.id, subscription)
        self._keep(subscription)
        return subscription

    def _planned(self, caller: Caller, wanted: Wanted, *, immutable_ids: bool) -> Subscription:
        try:
            user = mailbox_user(caller, wanted.user, self._directory)
            folder = self._mail.mailbox(user.id).folder(wanted.folder) if wanted.folder else None
        except FolderNotFound:
            raise refused("NotFound", "The specified object was not found in the store.") from None
        except GraphError as error:
            raise _as_extension_error(error) from None
        return Subscription(
            id=str(uuid.uuid4()),
            resource=wanted.resource,
            application_id=caller.client_id,
            tenant_id=user.tenant_id,
            creator_id=caller.user_id or caller.client_id,
            user_id=user.id,
            folder_id=folder.id if folder else None,
            change_types=wanted.change_types,
            client_state=wanted.client_state,
            notification_url=wanted.notification_url,
            lifecycle_url=wanted.lifecycle_url,
            expires_at=wanted.expires_at,
            immutable_ids=immutable_ids,
            tls_version=wanted.tls_version,
            silent=caller.user_id not in (None, user.id),
        )

    def _check_room(self, subscription: Subscription) -> None:
        active = self._active_of(subscription.user_id)
        for other in active:
            if other.same_target(subscription):
                message = f"Subscription Id {other.id} already exists for the requested combination"
                raise GraphError(409, "ObjectIdentifierInUse", message)
        if len(active) >= MAX_PER_MAILBOX:
            raise refused("Forbidden", "Maximum number of subscriptions has been reached")

    def listed(self, caller: Caller) -> list[Subscription]:
        """This app's subscriptions: for the signed-in user, or for the whole tenant (graph/api/subscription-list)."""
        self._drop_expired()
        return [one for one in self._all.values() if _owns(caller, one)]

    def get(self, caller: Caller, subscription_id: str) -> Subscription:
        """Raises GraphError 404 when there is none, it has expired, or it is another app's or user's."""
        self._drop_expired()
        found = self._all.get(subscription_id.lower())
        if found is None or not _owns(caller, found):
            raise GraphError(404, "ResourceNotFound", "The object was not found.")
        return found

    async def update(self, caller: Caller, subscription_id: str, body: dict[str, Any]) -> Subscription:
        """Change expirationDateTime, and notificationUrl after a new handshake. Raises GraphError 400, 404."""
        subscription = self.get(caller, subscription_id)
        given = {name: value for name, value in body.items() if not name.startswith("@odata.")}
        if not given or not given.keys() <= {"expirationDateTime", "notificationUrl"}:
            raise invalid("Only expirationDateTime and notificationUrl of a subscription can be changed.")
        expires_at = subscription.expires_at
        if "expirationDateTime" in given:
            moment = given["expirationDateTime"]
            expires_at = read_expiry(moment, self._clock.now(), self.max_minutes, "ErrorInvalidParameter")
        url = given.get("notificationUrl", subscription.notification_url)
        if url != subscription.notification_url:
            read_url(str(url), "notificationUrl", allow_http=self._allow_http)
            await validate_endpoints(self._http(), [url])
        # It may have been deleted, or have expired, while the endpoint was asked.
        subscription = self.get(caller, subscription_id)
        subscription.expires_at, subscription.notification_url = expires_at, url
        self._journal.put(_KIND, subscription.id, subscription)
        return subscription

    def delete(self, caller: Caller, subscription_id: str) -> None:
        """Raises GraphError 404."""
        self._remove(self.get(caller, subscription_id))

    def all(self) -> list[Subscription]:
        """Every active subscription, whoever made it."""
        self._drop_expired()
        return list(self._all.values())

    def lifecycle(self, subscription_id: str, event: str) -> bool:
        """Send a lifecycle notification; `subscriptionRemoved` removes the subscription too.

        False when there is no lifecycleNotificationUrl to send it to. Raises KeyError for an unknown subscription,
        ValueError for an unknown event.
        """
        if event not in LIFECYCLE_EVENTS:
            raise ValueError(f"lifecycle events are {', '.join(LIFECYCLE_EVENTS)}")
        subscription = self._all[subscription_id]
        if event == "subscriptionRemoved":
            self._remove(subscription)
        if subscription.lifecycle_url is None:
            return False
        item = notices.lifecycle_item(subscription, event)
        self._queue(subscription, subscription.lifecycle_url, "lifecycle", item)
        return True

    def expire(self, subscription_id: str) -> None:
        """Let a subscription end now, as if its time had come: nobody is told. Raises KeyError."""
        self._remove(self._all[subscription_id])

    def notify_again(self, subscription_id: str, message_id: str, times: int = 1, change_type: str = "created") -> None:
        """Send the notification of a message once more, as Graph may. Raises KeyError, MessageNotFound."""
        subscription = self._all[subscription_id]
        message = self._mail.mailbox(subscription.user_id).message(message_id)
        shown_id = message.shown_id(immutable=subscription.immutable_ids)
        item = notices.change_item(subscription, change_type, shown_id, message.etag)
        for _ in range(times):
            self._queue(subscription, subscription.notification_url, "change", item)

    def deliveries(self) -> list[Attempt]:
        """The last ten thousand attempts, oldest first."""
        return list(self._engine.attempts)

    def retry_now(self) -> None:
        """End all waits between delivery attempts, and send what is due; to be called when the clock was moved."""
        self._engine.retry_now()

    def clear(self) -> None:
        """Forget all subscriptions and what is on its way; the journal is cleared by the caller."""
        self._all.clear()
        self._of_user.clear()
        self.plans.clear()
        self._engine.clear()

    @property
    def delivering(self) -> bool:
        """Whether notifications are still on their way."""
        return self._engine.busy

    def _on_change(self, change: Change) -> None:
        if self.plans.loses(change.user_id):
            return
        for subscription in self._active_of(change.user_id):
            if subscription.silent:
                continue
            for kind, message_id in notices.kinds_for(subscription, change):
                item = notices.change_item(subscription, kind, message_id, change.etag)
                self._queue(subscription, subscription.notification_url, "change", item)

    def _queue(self, subscription: Subscription, url: str, channel: str, item: dict[str, Any]) -> None:
        key, now = secrets.token_hex(16), self._clock.now()
        pending = Pending(key, url, channel, subscription.id, item, now)
        if channel == "lifecycle":
            self._engine.add(pending)
            return
        for one in self.plans.of(subscription.user_id).apply(pending, now):
            self._engine.add(one)

    def _save_pending(self, pending: Pending) -> None:
        self._journal.put(_PENDING, pending.key, pending)

    def _forget_pending(self, batch: list[Pending]) -> None:
        with self._journal.together():
            for pending in batch:
                self._journal.delete(_PENDING, pending.key)

    def _keep(self, subscription: Subscription) -> None:
        self._all[subscription.id] = subscription
        self._of_user.setdefault(subscription.user_id, {})[subscription.id] = subscription

    def _remove(self, subscription: Subscription) -> None:
        del self._all[subscription.id]
        self._of_user[subscription.user_id].pop(subscription.id, None)
        self._journal.delete(_KIND, subscription.id)

    def _active_of(self, user_id: str) -> list[Subscription]:
        now = self._clock.now()
        return [one for one in self._of_user.get(user_id, {}).values() if one.expires_at > now]

    def _drop_expired(self) -> None:
        now = self._clock.now()
        for subscription in [one for one in self._all.values() if one.expires_at <= now]:
            self._remove(subscription)

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("subscriptions are used before start() or after stop()")
        return self._session


def refused(status: str, reason: str) -> GraphError:
    """The workload's refusal: its own status is in the text, the outer one is the same number."""
    numbers = {"BadRequest": 400, "Forbidden": 403, "NotFound": 404}
    message = f"Operation: Create; Exception: [Status Code: {status}; Reason: {reason}]"
    return GraphError(numbers[status], "ExtensionError", message)


def _as_extension_error(error: GraphError) -> GraphError:
    names = {403: "Forbidden", 404: "NotFound"}
    return refused(names[error.status], error.message) if error.status in names else error


def _owns(caller: Caller, subscription: Subscription) -> bool:
    if subscription.application_id != caller.client_id:
        return False
    if caller.user_id is None:
        return subscription.tenant_id == caller.tenant_id
    return subscription.creator_id == caller.user_id
