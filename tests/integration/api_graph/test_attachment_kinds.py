"""Attachments that are no plain files, and inline pictures, from the sandbox's Graph to our API."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from flovify.api.messages.store import publish, upsert_messages
from tests.integration.api_graph.running import Api
from tests.integration.api_graph.samples import message
from tests.integration.api_graph.test_message_routes import PATH, delivered, mail

pytestmark = pytest.mark.asyncio(loop_scope="module")
LINK = {"id": "link", "@odata.type": "#microsoft.graph.referenceAttachment", "name": "Plan.docx", "isInline": True}


def with_picture_and_message() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ada@contoso.example", "bob@fabrikam.example", "Look"
    made.set_content('<p>See <img src="cid:logo@contoso.example"></p>', subtype="html")
    made.add_related(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", cid="<logo@contoso.example>")
    made.make_mixed()
    made.add_attachment(mail("Within"))
    return made


async def test_content_ids_and_kinds_come_with_the_message(api: Api) -> None:
    _, _, message_id, _ = await delivered(api, with_picture_and_message())
    found = (await api.call("GET", f"{PATH}/{message_id}", role="viewer")).body
    assert found["kind"] == "message"
    assert [(item["kind"], item["content_id"]) for item in found["attachments"]] == [
        ("file", "logo@contoso.example"),
        ("item", None),
    ]


async def test_an_attached_message_is_saved_as_its_source(api: Api) -> None:
    _, _, message_id, _ = await delivered(api, with_picture_and_message())
    attachment = (await api.call("GET", f"{PATH}/{message_id}")).body["attachments"][1]
    answer = await api.call("GET", f"{PATH}/{message_id}/attachments/{attachment['id']}", role="viewer")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "message/rfc822")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Within.eml"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"Subject: Within" in answer.content
    assert b"%PDF" not in answer.content[:10]


async def test_a_link_is_said_to_be_one_without_asking_microsoft(api: Api) -> None:
    """There is no such message at Microsoft: asked, it would answer 404."""
    tenant, _ = await api.connect()
    stored = message("never-there", attachments=[LINK])
    async with api.deps.pool.acquire() as connection, connection.transaction():
        [ref] = await upsert_messages(connection, tenant, "ms365", [stored], fetched_at=datetime.now(UTC))
        await publish(connection, [ref])
    answer = await api.call("GET", f"{PATH}/{ref.id}/attachments/link", role="viewer")
    assert (answer.status, answer.body["code"]) == (409, "attachment_is_a_link")
    assert (await api.call("GET", f"{PATH}/{ref.id}/attachments/{uuid.uuid4()}")).status == 404


async def test_a_link_of_a_row_of_before_is_known_by_microsofts_answer(api: Api) -> None:
    _, _, message_id, _ = await delivered(api)
    attachment = (await api.call("GET", f"{PATH}/{message_id}")).body["attachments"][0]
    await api.sandbox.fault("GET", "*/attachments/*/$value", status=405)
    answer = await api.call("GET", f"{PATH}/{message_id}/attachments/{attachment['id']}")
    assert (answer.status, answer.body["code"]) == (409, "attachment_is_a_link")
