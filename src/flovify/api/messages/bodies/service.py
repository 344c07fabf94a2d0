"""Opening a message's body."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient, TenantToken
from flovify.api.messages.bodies.clean import Cleaned, clean, content_key
from flovify.api.messages.bodies.document import html_document, text_document
from flovify.api.messages.models import Attachment, StoredMessage
from flovify.api.messages.service import MessageService
from flovify.api.providers.errors import ProviderError
from flovify.api.providers.models import InlineContent
from flovify.api.providers.protocol import Providers
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.errors import FlovifyError
from flovify.common.jwt import Principal
from flovify.common.logs import get_logger

MAX_HTML_CHARACTERS = 5_000_000
MAX_PICTURE_BYTES = 2**20
MAX_PICTURES_BYTES = 4 * 2**20
MAX_PICTURES = 20
FETCH_SECONDS = 10.0
# What a picture of each type begins with: a type that is only claimed is not passed on.
_BEGINNINGS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF87a", b"GIF89a"),
    "image/webp": (b"RIFF",),
}


@dataclass(frozen=True)
class Body:
    """A page. `inline_images` are those of the blocked ones that `images=true` would show."""

    document: str
    blocked_images: int
    inline_images: int


class BodyService:
    """Makes pages of bodies, and notes who opened them."""

    def __init__(self, messages: MessageService, auth: AuthClient, providers: Providers, audit: AuditLog) -> None:
        self._messages = messages
        self._auth = auth
        self._providers = providers
        self._audit = audit

    async def open(self, message_id: uuid.UUID, principal: Principal | None, *, images: bool) -> Body:
        """The body as a page. Raises NotFound. Microsoft is asked only for `images`, and may fail to answer."""
        stored = await self._messages.get(message_id)
        details = {"tenant_id": str(stored.tenant_id), "images": images}
        await self._audit.record(principal, "message.body_opened", "message", str(message_id), details)
        source = stored.message.body_html
        if not source or not source.strip():
            return _text(stored, "")
        if len(source) > MAX_HTML_CHARACTERS:
            return _text(stored, "This message is too long to be shown as its sender made it; this is its text.")
        # In a thread of its own: a long mail takes a while, and others are served meanwhile.
        cleaned = await asyncio.to_thread(clean, source)
        if images and cleaned.missing:
            pictures = await self._pictures(stored, cleaned)
            cleaned = await asyncio.to_thread(clean, source, pictures)
        return Body(html_document(cleaned), cleaned.remote + len(cleaned.missing), len(cleaned.missing))

    async def _pictures(self, stored: StoredMessage, cleaned: Cleaned) -> Mapping[str, str]:
        """The message's own pictures in its text, by Content-ID, as data: addresses; as far as they can be had."""
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                found = await call_as_tenant(
                    self._auth, stored.tenant_id, lambda token: self._fetch(token, stored, set(cleaned.missing))
                )
        except (ProviderError, FlovifyError, TimeoutError) as error:
            get_logger().info("pictures_not_fetched", message=str(stored.id), error=type(error).__name__)
            return {}
        return found

    async def _fetch(self, token: TenantToken, stored: StoredMessage, wanted: set[str]) -> dict[str, str]:
        provider, pictures, room = self._providers.of(token), dict[str, str](), MAX_PICTURES_BYTES
        for attachment in _candidates(stored.message.attachments, wanted):
            missing = wanted - pictures.keys()
            if not missing:
                break
            if attachment.content_id and content_key(attachment.content_id) not in missing:
                continue
            try:
                content = await provider.fetch_inline(token, stored.message.provider_message_id, attachment.id)
            except ProviderError as error:
                if error.status == 401:
                    raise
                continue
            key = content_key(attachment.content_id or content.content_id)
            if key in missing and len(content.content) <= min(room, MAX_PICTURE_BYTES) and _is_picture(content):
                room -= len(content.content)
                encoded = base64.b64encode(content.content).decode()
                pictures[key] = f"data:{content.content_type.lower()};base64,{encoded}"
        return pictures


def _candidates(attachments: Sequence[Attachment], wanted: Collection[str]) -> list[Attachment]:
    """Attachments that are a picture shown in the text, and after them those that may be one.

    Of messages stored before Content-IDs were kept, only fetching an attachment tells which it is.
    """
    found = [item for item in attachments if _may_be_shown(item, wanted)]
    return sorted(found, key=lambda item: (item.content_id is None, not item.inline))[:MAX_PICTURES]


def _may_be_shown(item: Attachment, wanted: Collection[str]) -> bool:
    """Microsoft's size is a little more than the content's."""
    is_file = item.kind == "file" and (item.content_type or "").lower() in _BEGINNINGS
    is_wanted = item.content_id is None or content_key(item.content_id) in wanted
    return is_file and is_wanted and (item.size or 0) <= MAX_PICTURE_BYTES * 3 // 2


def _is_picture(content: InlineContent) -> bool:
    kind = content.content_type.lower()
    is_webp = kind != "image/webp" or content.content[8:12] == b"WEBP"
    return is_webp and content.content.startswith(_BEGINNINGS.get(kind, ()))


def _text(stored: StoredMessage, note: str) -> Body:
    text = stored.message.body_text or stored.message.preview or ""
    if not text.strip() and not note:
        note = "This message has no text."
    return Body(text_document(text, note), 0, 0)
