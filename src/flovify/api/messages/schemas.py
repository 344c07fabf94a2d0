"""The shapes of messages in the API."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from flovify.api.messages.models import Address, Attachment, AttachmentKind, MessageKind, StoredMessage
from flovify.api.messages.rows import attachment_json
from flovify.common.errors import InvalidRequest

_CURSOR = b"feed:"


class AddressOut(BaseModel):
    """A mailbox; either part may be missing in real mail."""

    name: str | None
    address: str | None


class AttachmentOut(BaseModel):
    """Metadata; the bytes are at `/api/messages/{id}/attachments/{aid}`. `size` is in bytes as Microsoft counts."""

    id: str
    name: str | None
    content_type: str | None
    size: int | None
    inline: bool
    content_id: str | None = Field(
        description="What `cid:` in `body_html` means by it, without angle brackets; null also in messages stored by "
        "versions that did not keep it."
    )
    kind: AttachmentKind = Field(
        description="`item`: another message, an event or a contact, which downloads as its source. `reference`: a "
        "link to a file kept elsewhere, which has no bytes of its own (409 `attachment_is_a_link`)."
    )


class HeaderOut(BaseModel):
    name: str
    value: str


class MessageOut(BaseModel):
    """One message. Times are RFC 3339 in UTC."""

    model_config = ConfigDict(populate_by_name=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    provider_message_id: str
    internet_message_id: str | None
    subject: str | None
    sender: AddressOut | None
    from_: AddressOut | None = Field(alias="from")
    to: list[AddressOut]
    cc: list[AddressOut]
    bcc: list[AddressOut]
    reply_to: list[AddressOut]
    received_at: datetime | None
    sent_at: datetime | None
    body_text: str | None
    body_html: str | None = Field(
        description="The sender's HTML as Microsoft gave it: never put it into a page as it is."
    )
    preview: str | None
    has_attachments: bool
    attachments: list[AttachmentOut]
    is_read: bool | None
    is_draft: bool | None
    importance: str | None
    conversation_id: str | None
    folder_id: str | None
    categories: list[str]
    headers: list[HeaderOut]
    etag: str | None
    last_modified_at: datetime | None
    decode_note: str | None = Field(description="What could not be decoded or had to be replaced.")
    kind: MessageKind = Field(
        description="Microsoft's type: `eventMessageRequest` is an invitation or its change, `eventMessageResponse` an "
        "answer to one, `eventMessage` another notice about a meeting, such as its cancellation."
    )
    meeting_message_type: str | None = Field(
        description="What Microsoft says of a message about a meeting further, for example `meetingCancelled`; null "
        "when it did not say."
    )
    stored_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = Field(description="When its removal from the folder at Microsoft was heard of.")


class MessageDetail(MessageOut):
    """One message with the provider's own JSON, without what stands in fields of its own."""

    raw: dict[str, Any] | None


class MessagePage(BaseModel):
    """Part of the feed. Give `next` as `after` to go on; null means that nothing is there yet beyond your cursor."""

    items: list[MessageOut]
    next: str | None


def message_out(stored: StoredMessage) -> MessageOut:
    return MessageOut(**_fields(stored))


def message_detail(stored: StoredMessage) -> MessageDetail:
    return MessageDetail(**_fields(stored), raw=stored.message.raw)


def encode_cursor(seq: int) -> str:
    """The opaque cursor of a place in the feed."""
    return base64.urlsafe_b64encode(_CURSOR + str(seq).encode()).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> int:
    """The place behind a cursor. Raises InvalidRequest for anything that `encode_cursor` did not make."""
    try:
        plain = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        seq = int(plain.removeprefix(_CURSOR)) if plain.startswith(_CURSOR) and len(plain) < 30 else -1
    except (binascii.Error, ValueError):
        seq = -1
    if not 0 <= seq < 2**63:
        raise InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor")
    return seq


def _fields(stored: StoredMessage) -> dict[str, Any]:
    message = stored.message
    plain = (
        "provider_message_id internet_message_id subject received_at sent_at body_text body_html preview "
        "has_attachments is_read is_draft importance conversation_id folder_id etag last_modified_at decode_note "
        "kind meeting_message_type"
    )
    return {
        **{name: getattr(message, name) for name in plain.split()},
        **{
            name: getattr(stored, name)
            for name in ("id", "tenant_id", "provider", "stored_at", "updated_at", "deleted_at")
        },
        "sender": _address(message.sender),
        "from_": _address(message.from_),
        "to": _addresses(message.to),
        "cc": _addresses(message.cc),
        "bcc": _addresses(message.bcc),
        "reply_to": _addresses(message.reply_to),
        "attachments": [_attachment(item) for item in message.attachments],
        "categories": list(message.categories),
        "headers": [HeaderOut(name=item.name, value=item.value) for item in message.headers],
    }


def _address(value: Address | None) -> AddressOut | None:
    return AddressOut(name=value.name, address=value.address) if value else None


def _addresses(values: tuple[Address, ...]) -> list[AddressOut]:
    return [AddressOut(name=value.name, address=value.address) for value in values]


def _attachment(item: Attachment) -> AttachmentOut:
    return AttachmentOut(**attachment_json(item))
