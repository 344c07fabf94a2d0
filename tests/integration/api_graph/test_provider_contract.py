"""What every mail provider must do, once for each: Microsoft 365 over the sandbox, and the one in memory."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from flovify.api.auth_client import TenantToken
from flovify.api.errors import ResourceNotSupported
from flovify.api.graph.provider import GraphMailProvider
from flovify.api.providers.errors import (
    ProviderConflict,
    ProviderNotFound,
    ProviderUnauthorized,
    ProviderValidationFailed,
)
from flovify.api.providers.models import Fetched, FetchFailure, SubscriptionWish
from flovify.api.providers.protocol import MailProvider
from flovify.common.clock import SystemClock
from flovify.common.errors import FlovifyError
from tests.integration.api_graph.memory_provider import MemoryProvider
from tests.integration.api_graph.running import SCOPES, Api

pytestmark = pytest.mark.asyncio(loop_scope="module")
SOURCE = b"From: a@fabrikam.example\r\nSubject: one\r\n\r\nhello\r\n"
WRITING = f"{SCOPES} Mail.ReadWrite"
UNKNOWN = "AAMkAGUnknownMessage="


@dataclass
class Case:
    """A provider with one mailbox, a way to deliver to it, and an address that answers handshakes."""

    provider: MailProvider
    token: TenantToken
    deliver: Callable[[bytes], Awaitable[str]]
    webhook: str

    def wish(self, **changes: Any) -> SubscriptionWish:
        resource = self.provider.resource(self.token, "inbox")
        made = SubscriptionWish(resource, ("created",), self.webhook, self.webhook, f"state-{uuid.uuid4()}")
        return replace(made, **changes)

    @property
    def stranger(self) -> TenantToken:
        return replace(self.token, access_token="not-a-token")


@pytest_asyncio.fixture(loop_scope="module")
async def ms365(api: Api) -> Case:
    tenant, mailbox = await api.connect(WRITING)

    async def deliver(source: bytes) -> str:
        return await api.sandbox.deliver(mailbox, source)

    provider = GraphMailProvider(api.http, SystemClock(), default_url=api.sandbox.url, stand_in=api.sandbox.url)
    token = await api.deps.auth.request_tenant_token(tenant)
    return Case(provider, token, deliver, f"{api.public}/api/ms365/webhook")


@pytest.fixture
def memory() -> Case:
    token = TenantToken("memory-token", datetime.now(UTC) + timedelta(hours=1), "user-1", provider="memory")
    provider = MemoryProvider(mailboxes={"memory-token": {}}, reachable={"http://localhost/webhook"})

    async def deliver(source: bytes) -> str:
        message_id = uuid.uuid4().hex
        provider.mailboxes["memory-token"][message_id] = source
        return message_id

    return Case(provider, token, deliver, "http://localhost/webhook")


@pytest.fixture(params=["ms365", "memory"])
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.getfixturevalue(request.param)
    return found


async def test_a_subscription_is_made_renewed_and_removed(case: Case) -> None:
    made = await case.provider.subscribe(case.token, case.wish(minutes=60))
    assert made.resource == case.wish().resource
    assert made.notification_url == case.webhook
    assert made.expires_at.tzinfo is not None
    assert abs(made.expires_at - datetime.now(UTC) - timedelta(minutes=60)) < timedelta(minutes=2)
    renewed = await case.provider.renew(case.token, made.id)
    assert renewed.id == made.id
    assert renewed.expires_at > made.expires_at + timedelta(days=1)
    await case.provider.remove(case.token, made.id)
    with pytest.raises(ProviderNotFound):
        await case.provider.remove(case.token, made.id)
    with pytest.raises(ProviderNotFound):
        await case.provider.renew(case.token, made.id)


async def test_a_second_of_the_same_kind_conflicts_and_can_be_found(case: Case) -> None:
    made = await case.provider.subscribe(case.token, case.wish())
    with pytest.raises(ProviderConflict) as caught:
        await case.provider.subscribe(case.token, case.wish())
    for named in (caught.value.existing_id, None):
        found = await case.provider.standing_in_the_way(case.token, case.wish(), named)
        assert [(item.id, item.notification_url) for item in found] == [(made.id, case.webhook)]
    explained = case.provider.explain(caught.value)
    assert isinstance(explained, FlovifyError)
    assert explained.detail


async def test_an_address_nobody_answers_at_is_refused_and_explained(case: Case) -> None:
    wish = case.wish(notification_url="http://localhost:9/nobody", lifecycle_url="http://localhost:9/nobody")
    with pytest.raises(ProviderValidationFailed) as caught:
        await case.provider.subscribe(case.token, wish)
    assert "http://localhost:9/nobody" in case.provider.explain_creation(caught.value, wish).detail
    words = case.provider.words(caught.value)
    assert {"code", "status", "cause", "who_must_act", "action", "link"} <= set(words)


async def test_messages_come_each_with_its_own_outcome(case: Case) -> None:
    first, second = await case.deliver(SOURCE), await case.deliver(SOURCE)
    found = await case.provider.fetch(case.token, [first, UNKNOWN, second])
    assert set(found) == {first, UNKNOWN, second}
    for message_id in (first, second):
        result = found[message_id]
        assert isinstance(result, Fetched)
        assert case.provider.normalize(result.message, message_id).provider_message_id == message_id
    missing = found[UNKNOWN]
    assert isinstance(missing, FetchFailure)
    assert isinstance(missing.error, ProviderNotFound)
    alone = (await case.provider.fetch(case.token, [UNKNOWN]))[UNKNOWN]
    assert isinstance(alone, FetchFailure)
    assert await case.provider.fetch(case.token, []) == {}


async def test_a_source_is_had_whole_and_streamed(case: Case) -> None:
    message_id = await case.deliver(SOURCE)
    whole = await case.provider.fetch_source(case.token, message_id)
    async with case.provider.open_source(case.token, message_id) as download:
        streamed = b"".join([chunk async for chunk in download.chunks()])
    assert b"Subject: one" in whole == streamed
    with pytest.raises(ProviderNotFound):
        await case.provider.fetch_source(case.token, UNKNOWN)
    with pytest.raises(ProviderNotFound):
        async with case.provider.open_attachment(case.token, message_id, "no-such-attachment"):
            pass


async def test_a_served_mailbox_is_told_from_one_that_is_not(case: Case) -> None:
    assert await case.provider.probe(case.token) is True
    assert await case.provider.look_into_inbox(case.token) == 0
    await case.deliver(SOURCE)
    assert await case.provider.look_into_inbox(case.token) == 1
    assert await case.provider.probe(case.stranger) is False


async def test_recent_messages_are_listed_the_last_first_and_no_more_than_asked(case: Case) -> None:
    ids = [await case.deliver(SOURCE) for _ in range(3)]
    since, resource = datetime.now(UTC) - timedelta(days=3650), case.wish().resource
    found = await case.provider.recent(case.token, resource, since, 10)
    assert {message.id for message in found.messages} == set(ids)
    assert found.truncated is False
    assert found == await case.provider.recent(case.token, resource, since, 10)
    assert all(message.state for message in found.messages)
    some = await case.provider.recent(case.token, resource, since, 2)
    assert some.messages == found.messages[:2]
    assert some.truncated is True


async def test_an_attachment_that_is_not_there_has_no_content(case: Case) -> None:
    message_id = await case.deliver(SOURCE)
    with pytest.raises(ProviderNotFound):
        await case.provider.fetch_inline(case.token, message_id, "no-such-attachment")


async def test_a_draft_is_put_into_the_inbox_and_taken_out(case: Case) -> None:
    assert case.provider.provocation(case.token) is None
    draft = await case.provider.provoke(case.token)
    assert await case.provider.look_into_inbox(case.token) == 1
    await case.provider.discard(case.token, draft)
    assert await case.provider.look_into_inbox(case.token) == 0
    with pytest.raises(ProviderNotFound):
        await case.provider.fetch_source(case.token, draft)


async def test_a_token_that_is_no_longer_taken_is_told_everywhere(case: Case) -> None:
    for call in (
        case.provider.subscribe(case.stranger, case.wish()),
        case.provider.renew(case.stranger, "x"),
        case.provider.remove(case.stranger, "x"),
        case.provider.standing_in_the_way(case.stranger, case.wish(), None),
        case.provider.fetch(case.stranger, ["a", "b"]),
        case.provider.fetch_source(case.stranger, "a"),
        case.provider.look_into_inbox(case.stranger),
        case.provider.recent(case.stranger, case.wish().resource, datetime.now(UTC) - timedelta(days=1), 10),
        case.provider.fetch_inline(case.stranger, "a", "b"),
        case.provider.discard(case.stranger, "a"),
    ):
        with pytest.raises(ProviderUnauthorized):
            await call


async def test_what_is_no_resource_is_refused_before_anybody_is_asked(case: Case) -> None:
    assert case.provider.resource(case.token, "inbox") == case.provider.resource(case.token, "inbox")
    with pytest.raises(ResourceNotSupported):
        case.provider.resource(case.token, "../../admin")
