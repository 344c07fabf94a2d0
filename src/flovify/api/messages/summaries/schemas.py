"""The shapes of the list of messages."""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from flovify.api.messages.models import MessageKind
from flovify.api.messages.schemas import AddressOut
from flovify.api.messages.summaries.models import Place
from flovify.common.errors import InvalidRequest

_MARK = "at:"
_MAX_CURSOR = 120


class MessageSummary(BaseModel):
    """One line of the list. `preview` is the beginning of the text as Microsoft gives it."""

    model_config = ConfigDict(populate_by_name=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    subject: str | None
    from_: AddressOut | None = Field(alias="from")
    preview: str | None
    received_at: datetime | None
    stored_at: datetime
    has_attachments: bool
    is_read: bool | None
    importance: str | None
    kind: MessageKind = Field(description="Whether it is about a meeting; see `kind` of a message.")
    meeting_message_type: str | None
    deleted_at: datetime | None = Field(description="When its removal from the folder at Microsoft was heard of.")
    decode_note: str | None = Field(description="What could not be decoded or had to be replaced.")


class MessageSummaryPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[MessageSummary]
    next: str | None
    total_estimate: int = Field(description="How many match; exact up to a thousand, beyond that an estimate.")


def encode_place(place: Place) -> str:
    """The opaque cursor of a place in the list."""
    plain = f"{_MARK}{place.at.isoformat()} {place.id}"
    return base64.urlsafe_b64encode(plain.encode()).rstrip(b"=").decode()


def decode_place(cursor: str) -> Place:
    """The place behind a cursor. Raises InvalidRequest for anything that `encode_place` did not make."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        plain = base64.urlsafe_b64decode(padded).decode("ascii")
        at, _, message_id = plain.removeprefix(_MARK).partition(" ")
        place = Place(datetime.fromisoformat(at), uuid.UUID(message_id))
    except (binascii.Error, ValueError):
        place = None
    if place is None or not plain.startswith(_MARK) or place.at.tzinfo is None or len(cursor) > _MAX_CURSOR:
        raise InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor")
    return place
