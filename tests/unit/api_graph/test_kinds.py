"""What Graph says of the kind of a message and of its attachments, and rows that do not say it yet."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from flovify.api.graph.normalize import normalize
from flovify.api.messages.downloads import item_file_name
from flovify.api.messages.items import form_of, look_into
from flovify.api.messages.models import Attachment
from flovify.api.messages.rows import from_row, to_row
from flovify.api.messages.schemas import AttachmentOut, message_out
from flovify.api.providers.errors import ProviderUnavailable

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
NOT_LISTED = "the attachments could not be listed"


def attachment(**fields: Any) -> Attachment:
    [found] = normalize({"id": "m", "attachments": [{"id": "a", **fields}]}).attachments
    return found


def row(message: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A row as PostgreSQL gives it back."""
    added = {"id": uuid.uuid4(), "tenant_id": uuid.uuid4(), "provider": "ms365", "deleted_at": None}
    return {**to_row(normalize(message)), **added, "stored_at": MOMENT, "updated_at": MOMENT, **changes}


@pytest.mark.parametrize(
    ("odata_type", "kind"),
    [
        ("#microsoft.graph.fileAttachment", "file"),
        ("#microsoft.graph.itemAttachment", "item"),
        ("#Microsoft.Graph.ReferenceAttachment", "reference"),
        ("microsoft.graph.itemAttachment", "item"),
        ("#microsoft.graph.hologramAttachment", "file"),
        (None, "file"),
        (7, "file"),
    ],
)
def test_an_attachments_type_is_its_kind(odata_type: object, kind: str) -> None:
    assert attachment(**{"@odata.type": odata_type}).kind == kind


@pytest.mark.parametrize(
    ("given", "kept"),
    [("logo@host", "logo@host"), ("<Logo@host>", "Logo@host"), ("", None), ("<>", None), (None, None), (5, None)],
)
def test_a_content_id_is_kept_without_brackets(given: object, kept: str | None) -> None:
    assert attachment(contentId=given).content_id == kept


@pytest.mark.parametrize(
    ("odata_type", "kind"),
    [
        ("#microsoft.graph.eventMessage", "eventMessage"),
        ("#microsoft.graph.eventMessageRequest", "eventMessageRequest"),
        ("#MICROSOFT.GRAPH.EVENTMESSAGERESPONSE", "eventMessageResponse"),
        ("#microsoft.graph.message", "message"),
        ("#microsoft.graph.calendarSharingMessage", "message"),
        (["#microsoft.graph.eventMessage"], "message"),
    ],
)
def test_a_messages_type_is_its_kind(odata_type: object, kind: str) -> None:
    assert normalize({"id": "m", "@odata.type": odata_type}).kind == kind


def test_a_plain_message_names_no_type_and_a_meetings_is_taken_when_it_comes() -> None:
    assert (normalize({"id": "m"}).kind, normalize({"id": "m"}).meeting_message_type) == ("message", None)
    assert normalize({"id": "m", "meetingMessageType": "meetingCancelled"}).meeting_message_type == "meetingCancelled"


def test_attachments_that_were_not_listed_are_noted() -> None:
    message = normalize({"id": "m", "hasAttachments": True})
    assert (message.has_attachments, message.attachments, message.decode_note) == (True, (), NOT_LISTED)


@pytest.mark.parametrize(
    "given",
    [{"hasAttachments": False}, {}, {"hasAttachments": True, "attachments": []}],
)
def test_nothing_is_noted_where_nothing_is_missing(given: dict[str, Any]) -> None:
    assert normalize({"id": "m", **given}).decode_note is None


def test_rows_of_before_say_neither_content_id_nor_kind() -> None:
    old = {"id": "a", "name": "a.png", "content_type": "image/png", "size": 3, "inline": True}
    [found] = from_row(row({"id": "m"}, attachments=[old])).message.attachments
    assert found == Attachment("a", "a.png", "image/png", 3, inline=True, content_id=None, kind="file")


def test_an_attachment_that_a_later_version_wrote_can_be_read() -> None:
    """Programs of two versions run side by side while one replaces the other."""
    stored = row({"id": "m", "attachments": [{"id": "a", "contentId": "c"}]})
    stored["attachments"][0]["colour"] = "red"
    assert from_row(stored).message.attachments[0].content_id == "c"


def test_the_api_shows_kinds_and_content_ids() -> None:
    given = {
        "id": "m",
        "@odata.type": "#microsoft.graph.eventMessageResponse",
        "meetingMessageType": "meetingAccepted",
        "attachments": [{"id": "a", "contentId": "c@host", "@odata.type": "#microsoft.graph.fileAttachment"}],
    }
    shown = message_out(from_row(row(given)))
    assert (shown.kind, shown.meeting_message_type) == ("eventMessageResponse", "meetingAccepted")
    assert shown.attachments == [
        AttachmentOut(id="a", name=None, content_type=None, size=None, inline=False, content_id="c@host", kind="file")
    ]


@pytest.mark.parametrize(
    ("beginning", "ending"),
    [
        (b"Received: from x", ".eml"),
        (b"", ".eml"),
        (b"BEGIN:VCALENDAR\r\n", ".ics"),
        (b"\xef\xbb\xbf\r\nbegin:vcard\r\n", ".vcf"),
        (b"X: BEGIN:VCARD", ".eml"),
    ],
)
def test_an_items_source_says_what_it_is(beginning: bytes, ending: str) -> None:
    assert form_of(beginning).ending == ending


async def test_looking_into_a_source_takes_nothing_from_it() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in (b"BEGIN:VCARD\n", b"FN:Ada\n", b"END:VCARD\n"):
            yield part

    form, whole = await look_into(chunks())
    assert form.media_type == "text/vcard"
    assert [part async for part in whole] == [b"BEGIN:VCARD\n", b"FN:Ada\n", b"END:VCARD\n"]


async def test_a_source_that_breaks_off_at_once_is_explained() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for part in list[bytes]():
            yield part
        raise aiohttp.ClientPayloadError

    with pytest.raises(ProviderUnavailable):
        await look_into(chunks())


@pytest.mark.parametrize(
    ("name", "file_name"),
    [("Re: plans", "Re_ plans.eml"), ("kept.EML", "kept.EML"), (None, "item.eml"), ("../x", "_x.eml")],
)
def test_an_items_name_gets_an_ending(name: str | None, file_name: str) -> None:
    assert item_file_name(name, ".eml") == file_name
