"""Reading messages, and fetching on demand what is not kept: their source and their attachments."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass

from flovify.api.auth_client import AuthClient, TenantToken
from flovify.api.errors import GraphRefused, MessageGone
from flovify.api.messages.items import Form, look_into
from flovify.api.messages.models import Attachment, NormalizedMessage, StoredMessage
from flovify.api.messages.store import MessageStore
from flovify.api.providers.errors import ProviderError, ProviderGone, ProviderNotFound
from flovify.api.providers.models import Download, FetchFailure
from flovify.api.providers.protocol import Providers
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.errors import FlovifyError, NotFound


@dataclass(frozen=True)
class Content:
    """Bytes on their way to a caller. Whoever gets this closes `resources` when done, in every case.

    `form` is that of an attached item.
    """

    chunks: AsyncIterator[bytes]
    length: int | None
    resources: AsyncExitStack
    form: Form | None = None


class MessageService:
    """Messages as callers see them."""

    def __init__(self, store: MessageStore, auth: AuthClient, providers: Providers) -> None:
        self.store = store
        self._auth = auth
        self._providers = providers

    async def get(self, message_id: uuid.UUID) -> StoredMessage:
        """Raises NotFound."""
        found = await self.store.get(message_id)
        if found is None:
            raise NotFound("There is no message with this id; GET /api/messages lists those there are.")
        return found

    async def fetch_message(self, tenant_id: uuid.UUID, message_id: str) -> NormalizedMessage:
        """A message's present state at the provider, by the provider's id; it is not stored.

        Raises ProviderError and what AuthClient raises.
        """

        async def fetch(token: TenantToken) -> NormalizedMessage:
            provider = self._providers.of(token)
            found = (await provider.fetch(token, [message_id]))[message_id]
            if isinstance(found, FetchFailure):
                raise found.error
            return provider.normalize(found.message, message_id)

        return await call_as_tenant(self._auth, tenant_id, fetch)

    async def open_source(self, message_id: uuid.UUID) -> tuple[StoredMessage, Content]:
        """The RFC 5322 source from the provider; failing that, the copy kept of a mail that could not be decoded.

        Raises NotFound, MessageGone (410) and what is said of Graph and auth in `to_problem` and AuthClient.
        """
        stored = await self.get(message_id)

        async def opening(token: TenantToken) -> Content:
            return await _opened(self._providers.of(token).open_source(token, stored.message.provider_message_id))

        try:
            return stored, await self._open(stored, opening)
        except FlovifyError:
            source = stored.message.raw_source
            if source is None:
                raise
            return stored, _kept(source)

    async def open_attachment(
        self, message_id: uuid.UUID, attachment_id: str
    ) -> tuple[StoredMessage, Attachment, Content]:
        """An attachment's bytes, from the provider. Raises NotFound, MessageGone, GraphRefused and the rest.

        Of a link it is known that there are none, so nobody is asked for them.
        """
        stored = await self.get(message_id)
        wanted = next((item for item in stored.message.attachments if item.id == attachment_id), None)
        if wanted is None:
            raise NotFound("This message has no attachment with this id; see its `attachments`.")
        if wanted.kind == "reference":
            raise _is_a_link()

        async def opening(token: TenantToken) -> Content:
            provider_id = stored.message.provider_message_id
            download = self._providers.of(token).open_attachment(token, provider_id, attachment_id)
            return await _opened(download, look=wanted.kind == "item")

        return stored, wanted, await self._open(stored, opening)

    async def _open(self, stored: StoredMessage, opening: Callable[[TenantToken], Awaitable[Content]]) -> Content:
        try:
            return await call_as_tenant(self._auth, stored.tenant_id, opening)
        except (ProviderNotFound, ProviderGone) as error:
            raise MessageGone(
                "The message is no longer in the mailbox at Microsoft, so its source and attachments cannot be fetched "
                "any more. What Flovify stored of it stays readable at GET /api/messages/{id}."
            ) from error
        except ProviderError as error:
            # Graph's answer for a link (attachment-get); rows stored before do not know that it is one.
            if error.status == 405:
                raise _is_a_link() from None
            raise self._providers.named(stored.provider).explain(error) from error


async def _opened(opening: AbstractAsyncContextManager[Download], *, look: bool = False) -> Content:
    """The answer's bytes; with `look` also their form."""
    async with AsyncExitStack() as stack:
        download = await stack.enter_async_context(opening)
        form, chunks = await look_into(download.chunks()) if look else (None, download.chunks())
        return Content(chunks, download.content_length, stack.pop_all(), form)


def _is_a_link() -> GraphRefused:
    return GraphRefused(
        "This attachment is a link to a file kept elsewhere; it has no content of its own to download. Open the "
        "message in Outlook to follow it.",
        code="attachment_is_a_link",
    )


def _kept(source: bytes) -> Content:
    async def once() -> AsyncIterator[bytes]:
        yield source

    return Content(once(), len(source), AsyncExitStack())
