from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from flovify.api.graph.normalize import normalize
from flovify.api.messages.clean import Cleaner
from flovify.api.messages.models import Address, Attachment, NormalizedMessage
from flovify.api.messages.rows import MAX_SEARCH_CHARACTERS, from_row, search_text, to_row
from flovify.api.messages.source_only import minimal

_KEYS = [
    "id subject body from sender toRecipients ccRecipients bccRecipients replyTo receivedDateTime sentDateTime isRead",
    "internetMessageHeaders attachments hasAttachments importance categories lastModifiedDateTime bodyPreview",
    "@odata.etag @odata.type meetingMessageType",
]
KEYS = " ".join(_KEYS).split()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
INNER = [
    "emailAddress",
    "address",
    "name",
    "contentType",
    "content",
    "id",
    "value",
    "size",
    "isInline",
    "contentId",
    "@odata.type",
]
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(INNER) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


def sample(graph_reference: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((graph_reference / "payloads" / name).read_text())
    return found


def test_documented_message_in_every_field(graph_reference: Path) -> None:
    message = normalize(sample(graph_reference, "message-get-response.json"))
    adele = Address("Adele Vance", "adelev@contoso.OnMicrosoft.com")
    assert message.provider_message_id == "AAMkADhMGAAA="
    assert message.subject == "9/9/2018: concert"
    assert message.from_ == message.sender == adele
    assert message.to == (Address("Alex Wilber", "AlexW@contoso.OnMicrosoft.com"),)
    assert message.cc == message.bcc == message.reply_to == ()
    assert message.received_at == datetime(2018, 9, 9, 3, 15, 8, tzinfo=UTC)
    assert message.sent_at == datetime(2018, 9, 9, 3, 15, 6, tzinfo=UTC)
    assert message.last_modified_at == datetime(2018, 9, 9, 3, 15, 8, tzinfo=UTC)
    assert message.internet_message_id == "<MWHPR6E1BE060@MWHPR1120.namprd22.prod.outlook.com>"
    assert message.body_text == "The group represents Nevada."
    assert message.body_html is not None
    assert message.body_html.startswith("<html>")
    assert message.preview == "The group represents Nevada."
    assert (message.is_read, message.is_draft, message.importance) == (True, False, "normal")
    assert message.etag == 'W/"CQAAABYAAAC4ofQHEIqCSbQPot83AFcbAAAnjjuZ"'
    assert message.folder_id == "AAMkADcbAAAAAAEJAAA="
    assert message.raw is not None
    assert message.raw["inferenceClassification"] == "focused"
    assert "body" not in message.raw
    assert message.decode_note is None


def test_text_body_leaves_html_empty(graph_reference: Path) -> None:
    message = normalize(sample(graph_reference, "message-get-text-body-response.json"))
    assert message.body_html is None
    assert message.body_text is not None
    assert message.body_text.startswith("Welcome to our group, Dana!")
    assert "😊" in message.body_text


def test_headers_keep_their_order(graph_reference: Path) -> None:
    message = normalize(sample(graph_reference, "message-get-internet-headers-response.json"))
    assert [header.name for header in message.headers][:2] == ["MIME-Version", "Content-Type"]
    assert message.headers[-1].value == "WA001"


def test_list_items_with_few_fields_are_taken(graph_reference: Path) -> None:
    [item] = sample(graph_reference, "message-list-response.json")["value"]
    message = normalize(item)
    assert message.sender == Address("Microsoft Planner", "noreply@Planner.Office365.com")
    assert message.from_ is None


def test_all_kinds_of_attachments(graph_reference: Path) -> None:
    names = ("file", "item", "reference")
    attachments = [sample(graph_reference, f"attachment-get-{name}-response.json") for name in names]
    message = normalize({"id": "m", "hasAttachments": False, "attachments": attachments})
    assert message.has_attachments
    assert [item.name for item in message.attachments] == [
        "Draft sales invoice template.docx",
        "Reminder - please bring laptop",
        "Sales Invoice Template.docx",
    ]
    assert message.attachments[1] == Attachment(
        "AAMkADA1MCJKtzmnlcqVgqI=", "Reminder - please bring laptop", None, 32005, inline=False, kind="item"
    )
    assert [item.kind for item in message.attachments] == ["file", "item", "reference"]
    assert message.attachments[2].inline


def test_only_inline_attachments_count_as_none_but_are_listed() -> None:
    inline = {"id": "a", "name": "logo.png", "size": 5, "isInline": True}
    message = normalize({"id": "m", "hasAttachments": False, "attachments": [inline]})
    assert not message.has_attachments
    assert len(message.attachments) == 1


def test_microsofts_own_odd_types_are_understood() -> None:
    message = normalize(
        {"id": "m", "isRead": "true", "importance": "HIGH", "receivedDateTime": "2026-03-01T12:00:00.1234567+05:30"}
    )
    assert message.is_read is True
    assert message.importance == "high"
    assert message.received_at == datetime(2026, 3, 1, 6, 30, 0, 123456, tzinfo=UTC)


def test_what_cannot_be_stored_is_replaced_and_noted() -> None:
    message = normalize(
        {"id": "m", "subject": "a\x00b\ud800c", "body": {"contentType": "text", "content": "\udfff"}, "x": float("nan")}
    )
    assert message.subject == "a\ufffdb\ufffdc"
    assert message.body_text == "\ufffd"
    assert message.raw == {"id": "m", "subject": "a\ufffdb\ufffdc", "x": None}
    assert message.decode_note is not None
    assert "U+FFFD" in message.decode_note


def test_absurd_depth_is_cut() -> None:
    deep: Any = "bottom"
    for _ in range(500):
        deep = {"a": [deep]}
    message = normalize({"id": "m", "deep": deep})
    assert message.decode_note is not None
    assert "bottom" not in json.dumps(message.raw)


def test_missing_id_is_the_one_that_was_asked_for() -> None:
    assert normalize({}, "asked").provider_message_id == "asked"


def test_minimal_message_has_source_and_reason() -> None:
    message = minimal("m", b"raw", "why\x00")
    assert (message.raw_source, message.decode_note, message.raw) == (b"raw", "why\ufffd", None)


@given(st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), JSON, max_size=12))
def test_any_json_object_becomes_a_message_that_can_be_stored(given_json: dict[str, Any]) -> None:
    message = normalize(given_json, "asked")
    assert isinstance(message, NormalizedMessage)
    row = to_row(message)
    text = json.dumps(row, allow_nan=False, ensure_ascii=False)
    assert "\\u0000" not in text
    text.encode()
    assert len(search_text(message)) <= MAX_SEARCH_CHARACTERS


@given(st.dictionaries(st.sampled_from(KEYS), JSON, max_size=12))
def test_row_gives_back_the_message(given_json: dict[str, Any]) -> None:
    message = normalize(given_json, "asked")
    row = to_row(message)
    for name in ("received_at", "sent_at", "last_modified_at"):
        row[name] = datetime.fromisoformat(row[name]) if row[name] else None
    extra = {
        "id": None,
        "tenant_id": None,
        "provider": "ms365",
        "stored_at": None,
        "updated_at": None,
        "deleted_at": None,
    }
    assert from_row({**row, **extra}).message == message


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner) | st.tuples(inner),
    max_leaves=20,
)


@given(_json)
def test_what_fits_is_left_alone_and_the_rest_is_mended(value: object) -> None:
    """The quick look must come to the same as the slow walk, whatever it is given."""
    quick, slow = Cleaner(), Cleaner()
    assert quick.value(value) == slow._value(value, 0)
    assert quick.note() == slow.note()
