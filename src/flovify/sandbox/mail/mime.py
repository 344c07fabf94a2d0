"""RFC 5322 bytes to what Graph tells of a message (graph/api/resources/message), mailbox state left aside."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cached_property

from flovify.sandbox.mail import html, source
from flovify.sandbox.mail.calendar import DERIVED_TYPES, NO_MEETING, Meeting, read_meeting
from flovify.sandbox.mail.parts import Attachment, split

PREVIEW_CHARACTERS = 255
_THREAD_FIELDS = re.compile(
    rb"^(message-id|references|in-reply-to)[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)", re.IGNORECASE | re.MULTILINE
)
_ID = re.compile(r"<[^<>\s]{1,900}>")


@dataclass(frozen=True)
class Mailbox:
    """A display name and an address. Graph repeats the address as the name when there is no name."""

    name: str
    address: str


@dataclass(frozen=True)
class MailContent:
    """Everything of a message that its source decides. `sent_at` None: the Date header is absent or unreadable."""

    subject: str
    sender: Mailbox | None
    author: Mailbox | None
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    reply_to: tuple[Mailbox, ...]
    sent_at: datetime | None
    internet_message_id: str | None
    headers: tuple[tuple[str, str], ...]
    html: str | None
    plain: str | None
    attachments: tuple[Attachment, ...]
    importance: str
    wants_delivery_receipt: bool
    wants_read_receipt: bool
    thread_index: str | None

    @property
    def has_attachments(self) -> bool:
        """False when all are inline (graph/api/resources/message, hasAttachments)."""
        return any(not item.inline for item in self.attachments)

    @cached_property
    def _invitation(self) -> Attachment | None:
        return next((item for item in self.attachments if item.calendar_method in DERIVED_TYPES), None)

    @property
    def derived_type(self) -> str:
        """The kind of eventMessage that the calendar part makes of the message; empty for ordinary mail."""
        return DERIVED_TYPES[self._invitation.calendar_method] if self._invitation else ""

    @cached_property
    def meeting(self) -> Meeting:
        """What the calendar part says; a meeting without anything where there is none."""
        return read_meeting(self._invitation.content) if self._invitation else NO_MEETING

    @cached_property
    def text(self) -> str:
        """The body as text: the sender's own, else made from the HTML."""
        if self.plain is not None:
            return self.plain
        return html.to_text(self.html) if self.html is not None else ""

    @cached_property
    def preview(self) -> str:
        shown = html.to_text(self.html) if self.html is not None else self.text
        return shown.strip()[:PREVIEW_CHARACTERS]

    def body(self, wanted: str | None) -> tuple[str, str]:
        """(contentType, content) for `Prefer: outlook.body-content-type`: text, html, or None for the best there is."""
        if wanted == "text" or (self.html is None and wanted is None):
            return "text", self.text
        return "html", self.html if self.html is not None else html.from_text(self.text)


def convert(raw: bytes) -> MailContent:
    """Read a message; never fails. What cannot be decoded becomes U+FFFD; the source keeps what was there."""
    message = source.parse(raw)
    parts = split(message, "\r\n" if b"\r\n" in raw else "\n")
    author = _first(message, "from")
    return MailContent(
        subject=source.unstructured(message, "subject") or "",
        sender=_first(message, "sender") or author,
        author=author,
        to=_mailboxes(message, "to"),
        cc=_mailboxes(message, "cc"),
        bcc=_mailboxes(message, "bcc"),
        reply_to=_mailboxes(message, "reply-to"),
        sent_at=source.date(message),
        internet_message_id=(source.unstructured(message, "message-id") or "").strip() or None,
        headers=tuple(source.raw_headers(message)),
        html=parts.html,
        plain=parts.text,
        attachments=tuple(parts.attachments),
        importance=_importance(message),
        wants_delivery_receipt=source.header(message, "return-receipt-to") is not None,
        wants_read_receipt=source.header(message, "disposition-notification-to") is not None,
        thread_index=_thread_index(message),
    )


def derived_type(raw: bytes) -> str:
    """As `MailContent.derived_type`; mail without a calendar is not parsed for it."""
    return convert(raw).derived_type if b"text/calendar" in raw.lower() else ""


def thread_ids(raw: bytes) -> tuple[str | None, list[str]]:
    """(own Message-ID, ids this message answers, oldest first), read from the header block without a full parse."""
    block = raw[: 256 * 1024].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields: dict[bytes, bytes] = {}
    for name, value in _THREAD_FIELDS.findall(block):
        fields.setdefault(name.lower(), value)
    own = _ids(fields, b"message-id")
    return (own[0] if own else None), _ids(fields, b"references") + _ids(fields, b"in-reply-to")


def _ids(fields: dict[bytes, bytes], name: bytes) -> list[str]:
    return _ID.findall(fields.get(name, b"").decode("utf-8", "replace"))


def _mailboxes(message: EmailMessage, name: str) -> tuple[Mailbox, ...]:
    return tuple(Mailbox(shown or spec, spec) for shown, spec in source.addresses(message, name))


def _first(message: EmailMessage, name: str) -> Mailbox | None:
    found = _mailboxes(message, name)
    return found[0] if found else None


def _importance(message: EmailMessage) -> str:
    named = (source.header(message, "importance") or "").strip().lower()
    if named in ("low", "normal", "high"):
        return named
    priority = (source.header(message, "x-priority") or "").strip()[:1]
    return {"1": "high", "2": "high", "4": "low", "5": "low"}.get(priority, "normal")


def _thread_index(message: EmailMessage) -> str | None:
    """The Thread-Index header when it is what Outlook writes: base64 of at least 22 bytes."""
    value = re.sub(r"\s", "", source.unstructured(message, "thread-index") or "")
    try:
        return value if len(base64.b64decode(value, validate=True)) >= 22 else None
    except (binascii.Error, ValueError):
        return None
