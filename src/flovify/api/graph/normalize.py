"""From Graph's message JSON (graph/api/resources/message, 2025-10-24) to a NormalizedMessage.

Lenient on purpose: a message that arrived must be stored, so an odd type becomes "unknown" instead of an error.
Microsoft's own samples have `"isRead": "true"` as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flovify.api.graph.kinds import attachment_kind, message_kind
from flovify.api.graph.times import parse_time
from flovify.api.messages.clean import Cleaner
from flovify.api.messages.html_text import MAX_INPUT_CHARACTERS, html_to_text, is_cut
from flovify.api.messages.models import Address, Attachment, Header, NormalizedMessage

# These stand in columns of their own; twice would double the size of every mail.
_NOT_IN_RAW = frozenset(("body", "uniqueBody", "internetMessageHeaders", "attachments"))
MAX_HEADERS = 1000
MAX_ATTACHMENTS = 1000
MAX_ADDRESSES = 5000
MAX_SHORT_TEXT = 10_000


def normalize(message: Mapping[str, Any], provider_message_id: str | None = None) -> NormalizedMessage:
    """The message in Flovify's shape. Never raises for a mapping, whatever it holds.

    `provider_message_id` is the id that was asked for; it stands when Graph's answer names none.
    """
    cleaner = Cleaner()
    data: dict[str, Any] = cleaner.value(dict(message))
    body_text, body_html = _bodies(data.get("body"))
    if body_html is not None and is_cut(body_html):
        cleaner.notes.add(f"the plain text is that of the first {MAX_INPUT_CHARACTERS:,} characters of the HTML")
    if "attachments" not in data and _flag(data.get("hasAttachments")):
        # Fetched without $expand. The note lets a later state that has the list replace this one.
        cleaner.notes.add("the attachments could not be listed")
    attachments = tuple(_attachments(data.get("attachments")))
    return NormalizedMessage(
        provider_message_id=_text(data.get("id")) or cleaner.text(provider_message_id or ""),
        internet_message_id=_short(data.get("internetMessageId")),
        subject=_short(data.get("subject")),
        sender=_address(data.get("sender")),
        from_=_address(data.get("from")),
        to=_addresses(data.get("toRecipients")),
        cc=_addresses(data.get("ccRecipients")),
        bcc=_addresses(data.get("bccRecipients")),
        reply_to=_addresses(data.get("replyTo")),
        received_at=parse_time(data.get("receivedDateTime")),
        sent_at=parse_time(data.get("sentDateTime")),
        body_text=body_text,
        body_html=body_html,
        preview=_short(data.get("bodyPreview")),
        # Graph's flag is false when all attachments are inline; the list knows better when there is one.
        has_attachments=bool(_flag(data.get("hasAttachments"))) or any(not item.inline for item in attachments),
        attachments=attachments,
        is_read=_flag(data.get("isRead")),
        is_draft=_flag(data.get("isDraft")),
        importance=_importance(data.get("importance")),
        conversation_id=_short(data.get("conversationId")),
        folder_id=_short(data.get("parentFolderId")),
        categories=tuple(item for item in _list(data.get("categories")) if isinstance(item, str)),
        headers=tuple(_headers(data.get("internetMessageHeaders"))),
        etag=_short(data.get("@odata.etag")) or _short(data.get("changeKey")),
        last_modified_at=parse_time(data.get("lastModifiedDateTime")),
        raw={key: value for key, value in data.items() if key not in _NOT_IN_RAW},
        decode_note=cleaner.note(),
        kind=message_kind(data.get("@odata.type")),
        meeting_message_type=_short(data.get("meetingMessageType")),
    )


def _bodies(body: object) -> tuple[str | None, str | None]:
    """(text, html). Graph gives one of the two; text is derived from HTML, never the other way round."""
    if not isinstance(body, Mapping):
        return None, None
    content = body.get("content")
    if not isinstance(content, str):
        return None, None
    if str(body.get("contentType")).lower() == "text":
        return content, None
    return html_to_text(content), content


def _address(value: object) -> Address | None:
    """`{"emailAddress": {"name", "address"}}`; None when neither part is there."""
    inner = value.get("emailAddress") if isinstance(value, Mapping) else None
    if not isinstance(inner, Mapping):
        return None
    name, address = _short(inner.get("name")), _short(inner.get("address"))
    return Address(name, address) if name or address else None


def _addresses(value: object) -> tuple[Address, ...]:
    found = (_address(item) for item in _list(value)[:MAX_ADDRESSES])
    return tuple(item for item in found if item is not None)


def _attachments(value: object) -> Iterable[Attachment]:
    for item in _list(value)[:MAX_ATTACHMENTS]:
        if isinstance(item, Mapping) and isinstance(item.get("id"), str):
            yield Attachment(
                id=item["id"],
                name=_short(item.get("name")),
                content_type=_short(item.get("contentType")),
                size=_whole(item.get("size")),
                inline=bool(_flag(item.get("isInline"))),
                content_id=(_short(item.get("contentId")) or "").strip().strip("<>") or None,
                kind=attachment_kind(item.get("@odata.type")),
            )


def _headers(value: object) -> Iterable[Header]:
    for item in _list(value)[:MAX_HEADERS]:
        if isinstance(item, Mapping) and isinstance(item.get("name"), str):
            yield Header(item["name"], _text(item.get("value")) or "")


def _importance(value: object) -> str | None:
    lowered = value.lower() if isinstance(value, str) else None
    return lowered if lowered in ("low", "normal", "high") else None


def _flag(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.lower()) if isinstance(value, str) else None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < 2**63 else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _short(value: object) -> str | None:
    return value[:MAX_SHORT_TEXT] if isinstance(value, str) else None
