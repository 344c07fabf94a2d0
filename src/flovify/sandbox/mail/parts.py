"""Which part of a mail is its body and which are attachments.

The first text part that is not an attachment is the body, together with its alternatives. Every other leaf is an
attachment, an attached message included, so that nothing a sender put in is out of reach; only further text
alternatives of the body are left out, being the same content again.
"""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Literal, TypeAlias, cast

from flovify.sandbox.mail.source import attempt, clean, embedded_bytes, header, parse, payload_bytes, text

Part: TypeAlias = "Message[Any, Any]"
MAX_DEPTH = 100


@dataclass(frozen=True, slots=True)
class Attachment:
    """One attachment; `content` is what the transfer encoding held, and its length is the size told.

    `calendar_method` is that of a text/calendar part in upper case (RFC 6047), empty elsewhere. `source_url` is where a
    link leads, empty for what is in the message itself.
    """

    name: str
    content_type: str
    content: bytes
    inline: bool
    content_id: str | None
    is_message: bool
    calendar_method: str = ""
    source_url: str = ""

    @property
    def kind(self) -> Literal["file", "item", "reference"]:
        """Which of Graph's attachment types it is (graph/api/resources/attachment)."""
        if self.source_url:
            return "reference"
        return "item" if self.is_message else "file"


@dataclass(slots=True)
class Contents:
    """What a walk over the parts found."""

    line_end: str
    html: str | None = None
    text: str | None = None
    attachments: list[Attachment] = field(default_factory=list)

    def add(self, part: Part, *, related: bool) -> None:
        self.attachments.append(_attachment(part, len(self.attachments) + 1, self.line_end, related=related))


def split(message: Part, line_end: str) -> Contents:
    """Body and attachments of a parsed message."""
    contents = Contents(line_end)
    _visit(message, contents, alternative=False, related=False, depth=0)
    return contents


def _visit(part: Part, contents: Contents, *, alternative: bool, related: bool, depth: int) -> None:
    kind = content_type(part)
    children = attempt(part.get_payload, None)
    if kind.startswith("multipart/") and isinstance(children, list) and depth < MAX_DEPTH:
        alternative = alternative or (kind == "multipart/alternative" and not _has_body(contents))
        related = related or kind == "multipart/related"
        for child in cast("list[Part]", children):
            _visit(child, contents, alternative=alternative, related=related, depth=depth + 1)
    elif not _take_as_body(part, kind, contents, alternative=alternative):
        contents.add(part, related=related)


def _has_body(contents: Contents) -> bool:
    return contents.html is not None or contents.text is not None


def _take_as_body(part: Part, kind: str, contents: Contents, *, alternative: bool) -> bool:
    """True when the part is the body, one of its alternatives, or a further one that is left out."""
    is_text = kind in ("text/plain", "text/html") or kind.startswith("multipart/")
    if not is_text or _disposition(part) == "attachment" or _filename(part):
        return False
    if not alternative and _has_body(contents):
        return False
    if kind == "text/html":
        if contents.html is None:
            contents.html = text(part)
    elif contents.text is None:
        contents.text = text(part)
    return True


def content_type(part: Part) -> str:
    return clean(attempt(part.get_content_type, "application/octet-stream"))


def _disposition(part: Part) -> str:
    return clean(attempt(part.get_content_disposition, None) or "")


def _filename(part: Part) -> str:
    name = attempt(part.get_filename, None)
    return clean(str(name)) if name else ""


def _attachment(part: Part, number: int, line_end: str, *, related: bool) -> Attachment:
    kind = content_type(part)
    is_message = kind in ("message/rfc822", "message/global")
    nested = kind.startswith("message/")
    content = embedded_bytes(part, line_end) if nested else payload_bytes(part)
    content_id = (header(part, "content-id") or "").strip().removeprefix("<").removesuffix(">") or None
    disposition = _disposition(part)
    return Attachment(
        name=_filename(part) or _made_name(kind, number, content if is_message else None),
        content_type=kind,
        content=content,
        inline=bool(content_id) and disposition != "attachment" and (related or disposition == "inline"),
        content_id=content_id,
        is_message=is_message,
        calendar_method=_method(part) if kind == "text/calendar" else "",
    )


def _method(part: Part) -> str:
    value = attempt(lambda: part.get_param("method"), None)
    return clean(value).upper() if isinstance(value, str) else ""


def _made_name(kind: str, number: int, message: bytes | None) -> str:
    """What Exchange calls a part without a name: an attached message by its subject, else ATT and a number."""
    if message is not None:
        subject = header(parse(message), "subject")
        if subject:
            return subject
    extension = {"text/plain": ".txt", "text/html": ".htm", "message/rfc822": ".eml"}.get(kind)
    return f"ATT{number:05d}{extension or attempt(lambda: mimetypes.guess_extension(kind), None) or '.dat'}"
