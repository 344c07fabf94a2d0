"""A mail provider in memory. It shows that nothing above the protocol knows Microsoft, and runs the contract suite."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from flovify.api.auth_client import TenantToken
from flovify.api.errors import GraphRefused, ResourceNotSupported
from flovify.api.messages.models import NormalizedMessage
from flovify.api.providers.errors import (
    ItemNotFound,
    ProviderConflict,
    ProviderError,
    ProviderNotFound,
    ProviderUnauthorized,
    ProviderValidationFailed,
)
from flovify.api.providers.models import (
    Changes,
    Download,
    Fetched,
    FetchFailure,
    FetchResult,
    GrantedSubscription,
    InlineContent,
    JsonObject,
    Recent,
    RecentMessage,
    SubscriptionWish,
)
from flovify.common.errors import FlovifyError


@dataclass
class MemoryProvider:
    """Mailboxes by access token; addresses in `reachable` answer its handshake."""

    name: str = "memory"
    mailboxes: dict[str, dict[str, bytes]] = field(default_factory=dict)
    subscriptions: dict[str, GrantedSubscription] = field(default_factory=dict)
    reachable: set[str] = field(default_factory=set)
    files: dict[str, InlineContent] = field(default_factory=dict)

    def resource(self, token: TenantToken, given: str) -> str:
        if given != "inbox":
            raise ResourceNotSupported("only the inbox")
        return f"{token.external_account_id}/inbox"

    async def subscribe(self, token: TenantToken, wish: SubscriptionWish) -> GrantedSubscription:
        self._mailbox(token)
        if wish.notification_url not in self.reachable:
            raise ProviderValidationFailed("no answer", status=400)
        for other in self.subscriptions.values():
            if (other.resource, other.change_type) == (wish.resource, ",".join(wish.change_types)):
                raise ProviderConflict("there is one", status=409, existing_id=other.id)
        life = timedelta(minutes=wish.minutes or 10_000)
        made = GrantedSubscription(
            uuid.uuid4().hex,
            wish.resource,
            datetime.now(UTC) + life,
            wish.notification_url,
            ",".join(wish.change_types),
        )
        self.subscriptions[made.id] = made
        return made

    async def renew(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        self._mailbox(token)
        if subscription_id not in self.subscriptions:
            raise ProviderNotFound("gone", status=404)
        renewed = replace(self.subscriptions[subscription_id], expires_at=datetime.now(UTC) + timedelta(minutes=10_000))
        self.subscriptions[subscription_id] = renewed
        return renewed

    async def look_up(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        self._mailbox(token)
        if subscription_id not in self.subscriptions:
            raise ProviderNotFound("gone", status=404)
        return self.subscriptions[subscription_id]

    async def list_own(self, token: TenantToken) -> Sequence[GrantedSubscription]:
        self._mailbox(token)
        return list(self.subscriptions.values())

    async def remove(self, token: TenantToken, subscription_id: str) -> None:
        self._mailbox(token)
        if self.subscriptions.pop(subscription_id, None) is None:
            raise ProviderNotFound("gone", status=404)

    async def standing_in_the_way(
        self, token: TenantToken, wish: SubscriptionWish, conflict_id: str | None
    ) -> Sequence[GrantedSubscription]:
        self._mailbox(token)
        return [
            item for item in self.subscriptions.values() if item.resource == wish.resource or item.id == conflict_id
        ]

    async def fetch(
        self, token: TenantToken, message_ids: Sequence[str], *, attachments: bool = True
    ) -> dict[str, FetchResult]:
        """No message here has an attachment, so `attachments` makes no difference."""
        assert isinstance(attachments, bool)
        messages = self._mailbox(token)
        missing = FetchFailure(ItemNotFound("not there", status=404))
        return {key: Fetched({"id": key}) if key in messages else missing for key in message_ids}

    async def fetch_source(self, token: TenantToken, message_id: str) -> bytes:
        try:
            return self._mailbox(token)[message_id]
        except KeyError:
            raise ProviderNotFound("not there", status=404) from None

    @asynccontextmanager
    async def open_source(self, token: TenantToken, message_id: str) -> AsyncIterator[Download]:
        source = await self.fetch_source(token, message_id)

        async def chunks() -> AsyncIterator[bytes]:
            yield source

        yield Download("message/rfc822", len(source), chunks)

    @asynccontextmanager
    async def open_attachment(self, token: TenantToken, message_id: str, attachment_id: str) -> AsyncIterator[Download]:
        """No message here has an attachment, so each id is asked for as a message's and found missing."""
        async with self.open_source(token, f"{message_id}/{attachment_id}") as download:
            yield download

    async def fetch_inline(self, token: TenantToken, message_id: str, attachment_id: str) -> InlineContent:
        self._mailbox(token)
        found = self.files.get(f"{message_id}/{attachment_id}")
        if found is None:
            raise ProviderNotFound("not there", status=404)
        return found

    async def recent(self, token: TenantToken, resource: str, since: datetime, limit: int) -> Recent:
        """Messages have no times here: all are recent, the last delivered first."""
        assert since.tzinfo is not None
        assert resource == self.resource(token, "inbox")
        found = [RecentMessage(key, "1") for key in reversed(self._mailbox(token))]
        return Recent(tuple(found[:limit]), truncated=len(found) > limit)

    async def changes(self, token: TenantToken, resource: str, cursor: str | None, since: datetime) -> Changes:
        """Everything in one page, whatever was seen before."""
        assert since.tzinfo is not None
        assert resource == self.resource(token, "inbox")
        return Changes(
            tuple(RecentMessage(key, "1") for key in self._mailbox(token)), (), f"{cursor or ''}.", more=False
        )

    async def probe(self, token: TenantToken) -> bool:
        return token.access_token in self.mailboxes

    async def look_into_inbox(self, token: TenantToken) -> int:
        return min(1, len(self._mailbox(token)))

    def provocation(self, token: TenantToken) -> str | None:
        return None if token.access_token in self.mailboxes else "no mailbox"

    async def provoke(self, token: TenantToken) -> str:
        draft_id = uuid.uuid4().hex
        self._mailbox(token)[draft_id] = b""
        return draft_id

    async def discard(self, token: TenantToken, message_id: str) -> None:
        if self._mailbox(token).pop(message_id, None) is None:
            raise ProviderNotFound("gone", status=404)

    def normalize(self, message: JsonObject, message_id: str) -> NormalizedMessage:
        return NormalizedMessage(provider_message_id=str(message.get("id") or message_id))

    def explain(self, error: ProviderError) -> FlovifyError:
        return GraphRefused(error.message)

    def words(self, error: ProviderError) -> Mapping[str, str]:
        keys = ("status", "cause", "who_must_act", "action", "link")
        return {"code": error.kind, **dict.fromkeys(keys, "")}

    def explain_creation(self, error: ProviderError, wish: SubscriptionWish) -> FlovifyError:
        return GraphRefused(f"{error.message}: {wish.notification_url}")

    def _mailbox(self, token: TenantToken) -> dict[str, bytes]:
        if token.access_token not in self.mailboxes:
            raise ProviderUnauthorized("unknown token", status=401)
        return self.mailboxes[token.access_token]
