"""Microsoft 365 as a mail provider: Graph of the token's own cloud."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import aiohttp

from flovify.api.auth_client import TenantToken
from flovify.api.errors import WebhookValidationFailed
from flovify.api.graph.client import GraphClient
from flovify.api.graph.inline import inline_content
from flovify.api.graph.lifetimes import steps
from flovify.api.graph.normalize import normalize
from flovify.api.graph.problems import to_problem
from flovify.api.graph.resources import mailbox_root, normalize_resource
from flovify.api.graph.times import format_time
from flovify.api.messages.models import NormalizedMessage
from flovify.api.providers.errors import (
    ProviderBadRequest,
    ProviderError,
    ProviderExpirationTooFar,
    ProviderGone,
    ProviderNotFound,
    ProviderValidationFailed,
)
from flovify.api.providers.models import (
    Changes,
    Download,
    FetchResult,
    GrantedSubscription,
    InlineContent,
    JsonObject,
    Recent,
    SubscriptionWish,
)
from flovify.common.clock import Clock
from flovify.common.clouds import graph_cloud, graph_url
from flovify.common.errors import FlovifyError
from flovify.common.microsoft_errors import graph_words

NAME = "ms365"
DRAFT_SUBJECT = "Flovify connection test (this draft is removed at once)"
_MAY_WRITE = frozenset(("mail.readwrite", "mail-advanced.readwrite"))

Ask = Callable[[datetime], Awaitable[GrantedSubscription]]


class GraphMailProvider:
    """See `MailProvider`. One client a cloud, made when a token of that cloud first comes."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock, *, default_url: str, stand_in: str = "") -> None:
        """`default_url` serves tokens that name no cloud; `stand_in` replaces Microsoft's hosts of every cloud."""
        self._session = session
        self._clock = clock
        self._default_url = default_url
        self._stand_in = stand_in.rstrip("/")
        self._clients: dict[str, GraphClient] = {}

    @property
    def name(self) -> str:
        return NAME

    def client(self, cloud: str) -> GraphClient:
        """Graph of a cloud; with an empty name the configured one."""
        found = self._clients.get(cloud)
        if found is None:
            url = graph_url(cloud, self._stand_in) if cloud else self._default_url
            found = self._clients[cloud] = GraphClient(self._session, url, cloud=cloud or graph_cloud(url))
        return found

    def resource(self, token: TenantToken, given: str) -> str:
        return normalize_resource(
            given,
            object_id=token.external_account_id,
            account_email=token.account_email,
            token_type=token.token_type,
        )

    async def subscribe(self, token: TenantToken, wish: SubscriptionWish) -> GrantedSubscription:
        async def ask(expires_at: datetime) -> GrantedSubscription:
            body = {
                "changeType": ",".join(wish.change_types),
                "notificationUrl": wish.notification_url,
                "lifecycleNotificationUrl": wish.lifecycle_url,
                "resource": wish.resource,
                "expirationDateTime": format_time(expires_at),
                "clientState": wish.client_state,
                "latestSupportedTlsVersion": "v1_2",
            }
            return await self._client(token).create_subscription(token.access_token, body)

        if wish.minutes is not None:
            return await ask(self._clock.now() + timedelta(minutes=wish.minutes))
        return await self._longest(ask)

    async def renew(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        """Also reauthorizes (graph/change-notifications-lifecycle-events)."""

        async def ask(expires_at: datetime) -> GrantedSubscription:
            return await self._client(token).renew_subscription(token.access_token, subscription_id, expires_at)

        return await self._longest(ask)

    async def look_up(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        return await self._client(token).get_subscription(token.access_token, subscription_id)

    async def list_own(self, token: TenantToken) -> Sequence[GrantedSubscription]:
        return await self._client(token).list_subscriptions(token.access_token)

    async def remove(self, token: TenantToken, subscription_id: str) -> None:
        await self._client(token).delete_subscription(token.access_token, subscription_id)

    async def standing_in_the_way(
        self, token: TenantToken, wish: SubscriptionWish, conflict_id: str | None
    ) -> Sequence[GrantedSubscription]:
        client = self._client(token)
        if conflict_id:
            try:
                return [await client.get_subscription(token.access_token, conflict_id)]
            except (ProviderNotFound, ProviderGone):
                return []
        root = f"{mailbox_root(token.external_account_id)}/".lower()
        wanted = {wish.resource.lower(), wish.resource.lower().replace(root, "me/")}
        listed = await client.list_subscriptions(token.access_token)
        return [item for item in listed if item.resource.strip("/").lower() in wanted]

    async def fetch(
        self, token: TenantToken, message_ids: Sequence[str], *, attachments: bool = True
    ) -> dict[str, FetchResult]:
        client, user = self._client(token), token.external_account_id
        return await client.get_messages(token.access_token, user, message_ids, attachments=attachments)

    async def fetch_source(self, token: TenantToken, message_id: str) -> bytes:
        return await self._client(token).get_mime(token.access_token, token.external_account_id, message_id)

    def open_source(self, token: TenantToken, message_id: str) -> AbstractAsyncContextManager[Download]:
        return self._client(token).open_mime(token.access_token, token.external_account_id, message_id)

    def open_attachment(
        self, token: TenantToken, message_id: str, attachment_id: str
    ) -> AbstractAsyncContextManager[Download]:
        client, user = self._client(token), token.external_account_id
        return client.open_attachment(token.access_token, user, message_id, attachment_id)

    async def fetch_inline(self, token: TenantToken, message_id: str, attachment_id: str) -> InlineContent:
        client, user = self._client(token), token.external_account_id
        return inline_content(await client.get_attachment(token.access_token, user, message_id, attachment_id))

    async def recent(self, token: TenantToken, resource: str, since: datetime, limit: int) -> Recent:
        user = token.external_account_id
        return await self._client(token).list_recent(token.access_token, user, resource, since, limit)

    async def changes(self, token: TenantToken, resource: str, cursor: str | None, since: datetime) -> Changes:
        user = token.external_account_id
        return await self._client(token).list_changes(token.access_token, user, resource, cursor, since)

    async def probe(self, token: TenantToken) -> bool:
        try:
            await self._client(token).get_folder(token.access_token, token.external_account_id, "inbox")
        except ProviderError:
            return False
        return True

    async def look_into_inbox(self, token: TenantToken) -> int:
        return len(await self._client(token).list_newest(token.access_token, token.external_account_id, "inbox", 1))

    def provocation(self, token: TenantToken) -> str | None:
        """What an application may do is not in its token when Exchange's own roles grant it, so that is tried."""
        granted = {scope.rpartition("/")[2].lower() for scope in token.scopes}
        if token.token_type == "app" or granted & _MAY_WRITE:  # noqa: S105 - a kind, not a secret
            return None
        return (
            "This account was connected without the permission Mail.ReadWrite, so nothing can be put into its mailbox "
            "and taken out again. Send it a message instead and look for it among the messages."
        )

    async def provoke(self, token: TenantToken) -> str:
        client = self._client(token)
        return await client.create_draft(token.access_token, token.external_account_id, "inbox", DRAFT_SUBJECT)

    async def discard(self, token: TenantToken, message_id: str) -> None:
        await self._client(token).delete_message(token.access_token, token.external_account_id, message_id)

    def normalize(self, message: JsonObject, message_id: str) -> NormalizedMessage:
        return normalize(message, message_id)

    def explain(self, error: ProviderError) -> FlovifyError:
        return to_problem(error)

    def words(self, error: ProviderError) -> Mapping[str, str]:
        return graph_words(error.status, error.code, error.message).as_dict()

    def explain_creation(self, error: ProviderError, wish: SubscriptionWish) -> FlovifyError:
        return creation_problem(error, wish)

    def _client(self, token: TenantToken) -> GraphClient:
        return self.client(token.cloud)

    async def _longest(self, ask: Ask) -> GrantedSubscription:
        """`ask` for ever shorter lives until Graph takes one."""
        wanted = list(steps())
        while True:
            minutes = wanted.pop(0)
            try:
                return await ask(self._clock.now() + timedelta(minutes=minutes))
            except ProviderBadRequest as error:
                if not _too_far(error):
                    raise
                if error.max_minutes is not None:
                    wanted = [step for step in steps(error.max_minutes) if step < minutes]
                if not wanted:
                    raise


def creation_problem(error: ProviderError, wish: SubscriptionWish) -> FlovifyError:
    """What the administrator is told when Graph does not make the subscription."""
    if not isinstance(error, ProviderValidationFailed):
        return to_problem(error)
    urls = list(dict.fromkeys((wish.notification_url, wish.lifecycle_url)))
    mark = "&" if "?" in urls[0] else "?"
    return WebhookValidationFailed(
        f'Microsoft could not verify the webhook at {" and ".join(urls)}: "{error.message[:300]}". That address must '
        "be reachable from the internet by HTTPS with a public authority's certificate, and answer within 10 seconds. "
        f"Check from another network: curl -i -X POST '{urls[0]}{mark}validationToken=hello' must give 200, text/plain "
        "and exactly: hello. The address is the setting MS365_WEBHOOK_URL (and MS365_LIFECYCLE_URL).",
        extra={"urls": urls, "graph_request_id": error.request_id},
    )


def _too_far(error: ProviderBadRequest) -> bool:
    """400 ErrorInvalidParameter is what Outlook says since 2026; here only the expiry can be meant by it."""
    return isinstance(error, ProviderExpirationTooFar) or error.code.lower() == "errorinvalidparameter"
