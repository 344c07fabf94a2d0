"""Small stand-ins for what the worker talks to; the real ones are used by the tests of the whole house."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flovify.api.auth_client import TenantToken
from flovify.api.graph.normalize import normalize
from flovify.api.messages.models import NormalizedMessage
from flovify.api.providers.errors import ItemNotFound, ProviderError, ProviderUnavailable
from flovify.api.providers.models import Fetched, FetchFailure, FetchResult
from flovify.api.subscriptions.models import Status, Subscription
from flovify.common.errors import FlovifyError, NotFound


def graph_message(message_id: str, **fields: Any) -> dict[str, Any]:
    """A message as Graph describes it, with what the tests look at."""
    return {
        "id": message_id,
        "@odata.etag": 'W/"1"',
        "subject": f"about {message_id}",
        "body": {"contentType": "text", "content": "hello"},
        "lastModifiedDateTime": "2026-11-20T10:00:00Z",
        **fields,
    }


@dataclass
class FakeGraph:
    """Messages by id, and what goes wrong.

    `whole` fails each call, `broken` the single message (`*`: each), `unlisted` the list of its attachments,
    `time_outs` and `mistakes` the call for it. The probe fails with `whole` and with a broken `*`.
    """

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    sources: dict[str, bytes] = field(default_factory=dict)
    broken: dict[str, ProviderError] = field(default_factory=dict)
    unlisted: dict[str, ProviderError] = field(default_factory=dict)
    whole: ProviderError | None = None
    rejected_tokens: dict[str, ProviderError] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)
    time_outs: set[str] = field(default_factory=set)
    mistakes: set[str] = field(default_factory=set)
    hold: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, *message_ids: str) -> None:
        self.messages |= {key: graph_message(key) for key in message_ids}

    name = "ms365"

    def of(self, token: TenantToken) -> FakeGraph:
        """It is its own registry."""
        assert token.provider == self.name
        return self

    def normalize(self, message: dict[str, Any], message_id: str) -> NormalizedMessage:
        return normalize(message, message_id)

    async def fetch(
        self, token: TenantToken, message_ids: Sequence[str], *, attachments: bool = True
    ) -> dict[str, FetchResult]:
        assert token.external_account_id == "object-id"
        self.asked.append(tuple(message_ids))
        self.entered.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.whole is not None:
            raise self.whole
        if self.time_outs.intersection(message_ids):
            raise ProviderUnavailable("no answer within 30 s")
        if self.mistakes.intersection(message_ids):
            raise RuntimeError("a mistake of ours")
        rejection = self.rejected_tokens.get(token.access_token)
        if rejection is not None:
            return {key: FetchFailure(rejection) for key in message_ids}
        return {key: self._one(key, attachments) for key in message_ids}

    async def probe(self, token: TenantToken) -> bool:
        assert token.access_token
        return self.whole is None and "*" not in self.broken

    async def fetch_source(self, token: TenantToken, message_id: str) -> bytes:
        assert token.access_token
        if message_id in self.mistakes:
            raise RuntimeError("a mistake of ours")
        if rejection := self.rejected_tokens.get(token.access_token):
            raise rejection
        if message_id not in self.sources:
            raise self.broken.get(message_id) or ItemNotFound("no such message", status=404, code="ErrorItemNotFound")
        return self.sources[message_id]

    def _one(self, message_id: str, attachments: bool) -> FetchResult:
        error = self.broken.get(message_id) or self.broken.get("*")
        error = error or (self.unlisted.get(message_id) if attachments else None)
        if error is not None:
            return FetchFailure(error)
        if message_id not in self.messages:
            return FetchFailure(ItemNotFound("not there", status=404, code="ErrorItemNotFound"))
        return Fetched(self.messages[message_id])


@dataclass
class FakeTokens:
    """Gives `token-1`, and after a rejection `token-2`; or fails with `error`."""

    error: FlovifyError | None = None
    rejected: list[str] = field(default_factory=list)

    async def request_tenant_token(
        self, tenant_id: uuid.UUID, *, min_seconds: int = 300, rejected_token: str | None = None
    ) -> TenantToken:
        assert isinstance(tenant_id, uuid.UUID)
        assert min_seconds > 0
        if self.error is not None:
            raise self.error
        if rejected_token is not None:
            self.rejected.append(rejected_token)
        return TenantToken(
            f"token-{len(self.rejected) + 1}", datetime.now(UTC) + timedelta(hours=1), external_account_id="object-id"
        )


@dataclass
class FakeSubscriptions:
    """One row, or none; renewing gives it `renewed_id`, or fails with `error`."""

    row: Subscription | None = None
    renewed_id: str | None = None
    error: FlovifyError | None = None
    renewals: list[uuid.UUID] = field(default_factory=list)

    async def get(self, row_id: uuid.UUID) -> Subscription:
        if self.row is None or self.row.id != row_id:
            raise NotFound("no such subscription")
        return self.row

    async def renew_subscription(self, row_id: uuid.UUID) -> Subscription:
        row = await self.get(row_id)
        self.renewals.append(row_id)
        if self.error is not None:
            raise self.error
        return subscription(row.id, self.renewed_id or row.subscription_id)


def subscription(row_id: uuid.UUID, subscription_id: str | None) -> Subscription:
    now = datetime.now(UTC)
    return Subscription(
        id=row_id,
        tenant_id=uuid.uuid4(),
        provider="ms365",
        subscription_id=subscription_id,
        resource="users/object-id/mailFolders('inbox')/messages",
        change_types=("created",),
        status=Status.ACTIVE,
        expires_at=now + timedelta(days=2),
        created_at=now,
        updated_at=now,
        last_renewed_at=None,
        next_renewal_at=None,
        renewal_failures=0,
        notification_url="http://localhost/webhook",
        last_error=None,
        last_error_at=None,
    )
