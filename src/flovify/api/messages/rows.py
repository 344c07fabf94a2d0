"""Between a NormalizedMessage and its row."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flovify.api.messages.models import Address, Attachment, Header, NormalizedMessage, StoredMessage

# The parser makes up to two or three lexemes of a word, and a tsvector holds 1 MiB at most: longer mails are searchable
# by their beginning.
MAX_SEARCH_CHARACTERS = 60_000
_SEPARATORS = str.maketrans("@.-_+/", "      ")


def to_row(message: NormalizedMessage, correlation_id: uuid.UUID | None = None) -> dict[str, Any]:
    """The JSON object that `upsert_messages` reads."""
    return {
        "provider_message_id": message.provider_message_id,
        "internet_message_id": message.internet_message_id,
        "subject": message.subject,
        "sender": _from_address(message.sender),
        "from_address": _from_address(message.from_),
        "to_addresses": [_from_address(item) for item in message.to],
        "cc_addresses": [_from_address(item) for item in message.cc],
        "bcc_addresses": [_from_address(item) for item in message.bcc],
        "reply_to_addresses": [_from_address(item) for item in message.reply_to],
        "received_at": _moment(message.received_at),
        "sent_at": _moment(message.sent_at),
        "body_text": message.body_text,
        "body_html": message.body_html,
        "preview": message.preview,
        "has_attachments": message.has_attachments,
        "attachments": [attachment_json(item) for item in message.attachments],
        "is_read": message.is_read,
        "is_draft": message.is_draft,
        "importance": message.importance,
        "conversation_id": message.conversation_id,
        "folder_id": message.folder_id,
        "categories": list(message.categories),
        "headers": [{"name": item.name, "value": item.value} for item in message.headers],
        "etag": message.etag,
        "last_modified_at": _moment(message.last_modified_at),
        "raw": message.raw,
        "raw_source": base64.b64encode(message.raw_source).decode() if message.raw_source is not None else None,
        "decode_note": message.decode_note,
        "kind": message.kind,
        "meeting_message_type": message.meeting_message_type,
        "search_text": search_text(message),
        "correlation_id": str(correlation_id) if correlation_id else None,
    }


def from_row(row: Mapping[str, Any]) -> StoredMessage:
    """A stored message from its row."""
    message = NormalizedMessage(
        provider_message_id=row["provider_message_id"],
        internet_message_id=row["internet_message_id"],
        subject=row["subject"],
        sender=_to_address(row["sender"]),
        from_=_to_address(row["from_address"]),
        to=_to_addresses(row["to_addresses"]),
        cc=_to_addresses(row["cc_addresses"]),
        bcc=_to_addresses(row["bcc_addresses"]),
        reply_to=_to_addresses(row["reply_to_addresses"]),
        received_at=row["received_at"],
        sent_at=row["sent_at"],
        body_text=row["body_text"],
        body_html=row["body_html"],
        preview=row["preview"],
        has_attachments=row["has_attachments"],
        attachments=tuple(_to_attachment(item) for item in row["attachments"]),
        is_read=row["is_read"],
        is_draft=row["is_draft"],
        importance=row["importance"],
        conversation_id=row["conversation_id"],
        folder_id=row["folder_id"],
        categories=tuple(row["categories"]),
        headers=tuple(Header(item["name"], item["value"]) for item in row["headers"]),
        etag=row["etag"],
        last_modified_at=row["last_modified_at"],
        raw=row["raw"],
        raw_source=row["raw_source"],
        decode_note=row["decode_note"],
        kind=row["kind"],
        meeting_message_type=row["meeting_message_type"],
    )
    return StoredMessage(
        id=row["id"],
        tenant_id=row["tenant_id"],
        provider=row["provider"],
        message=message,
        stored_at=row["stored_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )


def attachment_json(item: Attachment) -> dict[str, Any]:
    """An attachment as the API and the row show it."""
    return {
        "id": item.id,
        "name": item.name,
        "content_type": item.content_type,
        "size": item.size,
        "inline": item.inline,
        "content_id": item.content_id,
        "kind": item.kind,
    }


def search_text(message: NormalizedMessage) -> str:
    """What a text search looks through: subject, people, attachments' names, body.

    Addresses and file names come whole and in pieces: the parser takes `sales@contoso.example` for one word.
    """
    people = [item for item in (message.from_, message.sender) if item]
    people += [*message.to, *message.cc, *message.bcc, *message.reply_to]
    names = [item.name for item in message.attachments if item.name]
    words = [message.subject or "", *_distinct(_person_words(people)), *_distinct(_in_pieces(names))]
    head = " ".join(words)[: MAX_SEARCH_CHARACTERS // 2]
    return f"{head} {message.body_text or message.preview or ''}"[:MAX_SEARCH_CHARACTERS]


def _person_words(people: Iterable[Address]) -> Iterable[str]:
    for person in people:
        yield person.name or ""
        yield from _in_pieces([person.address] if person.address else [])


def _in_pieces(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        yield word
        yield word.translate(_SEPARATORS)


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _from_address(value: Address | None) -> dict[str, str | None] | None:
    return {"name": value.name, "address": value.address} if value else None


def _to_address(value: Mapping[str, Any] | None) -> Address | None:
    return Address(value["name"], value["address"]) if value else None


def _to_addresses(values: Iterable[Mapping[str, Any]]) -> tuple[Address, ...]:
    return tuple(Address(value["name"], value["address"]) for value in values)


def _to_attachment(value: Mapping[str, Any]) -> Attachment:
    """Rows of before say nothing of Content-ID and kind."""
    return Attachment(
        id=value["id"],
        name=value["name"],
        content_type=value["content_type"],
        size=value["size"],
        inline=value["inline"],
        content_id=value.get("content_id"),
        kind=value.get("kind", "file"),
    )


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
