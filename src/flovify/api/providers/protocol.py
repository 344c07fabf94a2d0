"""What a mail provider must offer. `tests/integration/api_graph/test_provider_contract.py` is the suite that checks it.

A method that talks to the provider takes the tenant's token, which says whose mailbox is meant and in which cloud, and
raises ProviderError and nothing else. Nothing outside a provider's own package knows its paths, hosts or JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from flovify.api.auth_client import TenantToken
from flovify.api.messages.models import NormalizedMessage
from flovify.api.providers.errors import ProviderError
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
from flovify.common.errors import FlovifyError

MAX_SOURCE_BYTES = 20 * 2**20


class MailProvider(Protocol):
    """One provider of mailboxes."""

    @property
    def name(self) -> str:
        """As in `TenantToken.provider`."""
        ...

    def resource(self, token: TenantToken, given: str) -> str:
        """The one spelling of what can be watched in the token's mailbox.

        Raises ResourceNotSupported for what cannot, MailboxNotYours or SharedMailboxNoPush for another mailbox.
        """
        ...

    async def subscribe(self, token: TenantToken, wish: SubscriptionWish) -> GrantedSubscription:
        """Have changes announced; the provider may call the wish's URLs before this returns.

        Raises ProviderValidationFailed when they do not answer, ProviderConflict when there is one already.
        """
        ...

    async def renew(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        """Move the expiry as far as the provider allows. Raises ProviderNotFound when it is gone: subscribe anew."""
        ...

    async def look_up(self, token: TenantToken, subscription_id: str) -> GrantedSubscription:
        """A subscription as the provider has it. Raises ProviderNotFound when it has it no more."""
        ...

    async def list_own(self, token: TenantToken) -> Sequence[GrantedSubscription]:
        """All that the provider lists for this token, perhaps those of other mailboxes too. Dear: once in a while."""
        ...

    async def remove(self, token: TenantToken, subscription_id: str) -> None:
        """Raises ProviderNotFound when it is already gone."""
        ...

    async def standing_in_the_way(
        self, token: TenantToken, wish: SubscriptionWish, conflict_id: str | None
    ) -> Sequence[GrantedSubscription]:
        """The subscriptions for which `wish` was refused; `conflict_id` is the one the refusal named, if it did."""
        ...

    async def fetch(
        self, token: TenantToken, message_ids: Sequence[str], *, attachments: bool = True
    ) -> dict[str, FetchResult]:
        """Messages by id, each with its own outcome; with `attachments` they list theirs.

        Raises only when a whole call failed. ItemNotFound is the provider's own word about that one item.
        """
        ...

    async def fetch_source(self, token: TenantToken, message_id: str) -> bytes:
        """The RFC 5322 source, at most MAX_SOURCE_BYTES of it; raises ProviderTooLarge for more."""
        ...

    def open_source(self, token: TenantToken, message_id: str) -> AbstractAsyncContextManager[Download]:
        """The RFC 5322 source, streamed, of any length."""
        ...

    def open_attachment(
        self, token: TenantToken, message_id: str, attachment_id: str
    ) -> AbstractAsyncContextManager[Download]:
        """An attachment's bytes, streamed. A refusal with status 405 means that it is only a link."""
        ...

    async def fetch_inline(self, token: TenantToken, message_id: str, attachment_id: str) -> InlineContent:
        """A file attachment with its Content-ID, in memory. Raises ProviderNotFound for one that is no file."""
        ...

    async def recent(self, token: TenantToken, resource: str, since: datetime, limit: int) -> Recent:
        """At most `limit` messages of what `resource` names that were received at `since` or later."""
        ...

    async def changes(self, token: TenantToken, resource: str, cursor: str | None, since: datetime) -> Changes:
        """A page of what changed in what `resource` names: from `cursor` on, or received at `since` or later.

        The same may be told again, in any order. Raises ProviderGone when the cursor is no longer known: begin anew.
        """
        ...

    async def probe(self, token: TenantToken) -> bool:
        """Whether the provider hands out something of this mailbox now, for one small request; never raises."""
        ...

    async def look_into_inbox(self, token: TenantToken) -> int:
        """Read the newest message's id from the inbox; how many were there to see, 0 or 1."""
        ...

    def provocation(self, token: TenantToken) -> str | None:
        """None when `provoke` may be tried with this token; else why not, in words."""
        ...

    async def provoke(self, token: TenantToken) -> str:
        """Put a draft into the inbox, which announces itself and goes to nobody; gives its id for `discard`."""
        ...

    async def discard(self, token: TenantToken, message_id: str) -> None:
        """Delete what `provoke` made. Raises ProviderNotFound when it is already gone."""
        ...

    def normalize(self, message: JsonObject, message_id: str) -> NormalizedMessage:
        """A fetched message in Flovify's shape; `message_id` stands when the message names no id of its own."""
        ...

    def explain(self, error: ProviderError) -> FlovifyError:
        """What a caller of ours is told about `error`, and what can be done."""
        ...

    def words(self, error: ProviderError) -> Mapping[str, str]:
        """`error` for people: code, status, cause, who_must_act, action and link (see microsoft_errors.Words)."""
        ...

    def explain_creation(self, error: ProviderError, wish: SubscriptionWish) -> FlovifyError:
        """`explain` for a subscription that was not made."""
        ...


class Providers(Protocol):
    """See `ProviderRegistry`."""

    def of(self, token: TenantToken) -> MailProvider:
        """The provider a token is for. Raises ProviderNotSupported."""
        ...

    def named(self, name: str) -> MailProvider:
        """Raises ProviderNotSupported."""
        ...

    @property
    def all(self) -> Mapping[str, MailProvider]: ...
