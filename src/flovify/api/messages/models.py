"""A message as Flovify keeps it: the same shape whatever the provider."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

AttachmentKind = Literal["file", "item", "reference"]
MessageKind = Literal["message", "eventMessage", "eventMessageRequest", "eventMessageResponse"]


@dataclass(frozen=True)
class Address:
    """One mailbox of a header; either part may be missing in real mail."""

    name: str | None
    address: str | None


@dataclass(frozen=True)
class Attachment:
    """What is known of an attachment without fetching it. `size` is in bytes as the provider counts them.

    An `item` is another message, an event or a contact; a `reference` is a link to a file kept elsewhere, without
    bytes of its own. `content_id` is what `cid:` in the HTML means by it (RFC 2392), without angle brackets; None when
    it has none, and in messages stored before it was kept.
    """

    id: str
    name: str | None
    content_type: str | None
    size: int | None
    inline: bool
    content_id: str | None = None
    kind: AttachmentKind = "file"


@dataclass(frozen=True)
class Header:
    name: str
    value: str


@dataclass(frozen=True)
class NormalizedMessage:
    """One message. Texts hold no NUL and no lone surrogate, so that PostgreSQL and JSON take them.

    `raw` is the provider's own JSON, cleaned alike and without the bodies and headers that stand here already.
    `raw_source` is the RFC 5322 source, kept only when the provider's JSON could not be used; `decode_note` says why,
    or what had to be replaced. `kind` is "message" unless it is about a meeting; `meeting_message_type` is what the
    provider says of such a message further (`meetingRequest`, `meetingCancelled`…), if it says so.
    """

    provider_message_id: str
    internet_message_id: str | None = None
    subject: str | None = None
    sender: Address | None = None
    from_: Address | None = None
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    received_at: datetime | None = None
    sent_at: datetime | None = None
    body_text: str | None = None
    body_html: str | None = None
    preview: str | None = None
    has_attachments: bool = False
    attachments: tuple[Attachment, ...] = ()
    is_read: bool | None = None
    is_draft: bool | None = None
    importance: str | None = None
    conversation_id: str | None = None
    folder_id: str | None = None
    categories: tuple[str, ...] = ()
    headers: tuple[Header, ...] = ()
    etag: str | None = None
    last_modified_at: datetime | None = None
    raw: dict[str, Any] | None = None
    raw_source: bytes | None = None
    decode_note: str | None = None
    kind: MessageKind = "message"
    meeting_message_type: str | None = None


class Outcome(StrEnum):
    """What storing did to the message's row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class StoredRef:
    """Where a message was put. `unpublished` means it still lacks its place in the feed: give it to `publish`."""

    id: uuid.UUID
    provider_message_id: str
    outcome: Outcome
    unpublished: bool


@dataclass(frozen=True)
class StoredMessage:
    """A message with what Flovify added. `deleted_at` is when its removal at the provider was heard of."""

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    message: NormalizedMessage
    stored_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass(frozen=True)
class FeedItem:
    """A message at its place in the order of storing."""

    seq: int
    stored: StoredMessage


@dataclass(frozen=True)
class FeedFilter:
    """What a reader of the list wants. `query` is in PostgreSQL's web search syntax."""

    tenant_id: uuid.UUID | None = None
    query: str | None = None
    folder_id: str | None = None
    unread: bool | None = None
    since: datetime | None = None
    kind: MessageKind | None = None
