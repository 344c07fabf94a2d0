"""A message's body as a page, its own pictures, and the note of who opened it."""

from __future__ import annotations

import base64
import uuid
from dataclasses import replace

import pytest

from flovify.api.providers.models import InlineContent
from tests.integration.api_console.messages.house import House, message, picture
from tests.integration.api_graph.fake_auth import Tenant

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50
POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'none'; frame-ancestors 'self'"
)
HTML = '<p>Hello</p><img src="cid:one@host"><img src="cid:two@host"><img src="https://evil.example/pixel">'


async def test_the_page_comes_under_its_own_policy(house: House) -> None:
    [message_id] = await house.store(message("m", body_html="<p onclick=x()>Hello<script>alert(1)</script></p>"))
    answer = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer")
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<p>Hello</p>" in answer.text
    assert "alert" not in answer.text
    assert answer.headers["x-blocked-images"] == "0"


async def test_each_opening_is_audited_without_content(house: House) -> None:
    [message_id] = await house.store(message("m", body_html="secret words"))
    await house.call("GET", f"/api/messages/{message_id}/body", role="viewer")
    [(actor, action, details)] = await house.audited()
    assert (actor, action) == ("viewer@example.org", "message.body_opened")
    assert details == {"tenant_id": str(house.tenant), "images": False}


async def test_pictures_of_the_message_come_only_when_asked_for(house: House) -> None:
    [message_id] = await house.store(
        message("m", body_html=HTML, attachments=(picture("a"), picture("b", inline=False), picture("c")))
    )
    house.provider.files["m/a"] = InlineContent("one@host", "image/png", PNG)
    house.provider.files["m/b"] = InlineContent("<TWO@host>", "image/png", PNG)
    path = f"/api/messages/{message_id}/body"
    without = await house.call("GET", path, role="viewer")
    assert (without.headers["x-blocked-images"], without.headers["x-inline-images"]) == ("3", "2")
    assert "data:image" not in without.text
    shown = await house.call("GET", path, role="viewer", images="true")
    assert shown.headers["x-blocked-images"] == "1"
    assert shown.text.count(f'src="data:image/png;base64,{base64.b64encode(PNG).decode()}"') == 2
    assert "evil.example" not in shown.text


async def test_a_content_id_that_is_known_says_which_attachment_is_the_picture(house: House) -> None:
    """The provider's answers are wrong here, to show that it is the row that decides, and what is not asked for."""
    known = (picture("a", content_id="other@host"), picture("b", inline=False, content_id="ONE@host"))
    link = replace(picture("d", content_id="one@host"), kind="reference")
    [message_id] = await house.store(message("m", body_html=HTML, attachments=(*known, picture("c"), link)))
    house.provider.files["m/a"] = InlineContent("one@host", "image/png", PNG + b"a")
    house.provider.files["m/b"] = InlineContent("", "image/png", PNG + b"b")
    house.provider.files["m/c"] = InlineContent("two@host", "image/png", PNG + b"c")
    house.provider.files["m/d"] = InlineContent("", "image/png", PNG + b"d")
    shown = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer", images="true")
    data = [base64.b64encode(PNG + end).decode() for end in (b"a", b"b", b"c", b"d")]
    assert [item in shown.text for item in data] == [False, True, True, False]


async def test_pictures_that_are_known_to_be_of_no_use_leave_room_for_others(house: House) -> None:
    """Only so many are fetched: those that the text does not show must not use that up."""
    others = tuple(picture(f"x{number}", content_id=f"x{number}@host") for number in range(30))
    [message_id] = await house.store(
        message("m", body_html=HTML, attachments=(*others, picture("b", inline=False, content_id="one@host")))
    )
    house.provider.files["m/b"] = InlineContent("one@host", "image/png", PNG)
    shown = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer", images="true")
    assert shown.text.count("data:image/png") == 1


@pytest.mark.parametrize(
    "content",
    [
        InlineContent("one@host", "image/png", b"<svg onload=alert(1)>"),
        InlineContent("one@host", "image/svg+xml", b"<svg/>"),
        InlineContent("one@host", "image/png", PNG + b"x" * 2**20),
        InlineContent("", "image/png", PNG),
        InlineContent("one@host", "image/webp", b"RIFF1234nope"),
    ],
)
async def test_what_is_no_small_picture_is_not_shown(house: House, content: InlineContent) -> None:
    [message_id] = await house.store(message("m", body_html=HTML, attachments=(picture("a"),)))
    house.provider.files["m/a"] = content
    answer = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer", images="true")
    assert answer.status == 200
    assert "data:image" not in answer.text
    assert answer.headers["x-blocked-images"] == "3"


async def test_all_pictures_together_are_limited(house: House) -> None:
    html = "".join(f'<img src="cid:p{number}">' for number in range(8))
    attachments = tuple(picture(f"a{number}", 900_000) for number in range(8))
    [message_id] = await house.store(message("m", body_html=html, attachments=attachments))
    for number in range(8):
        house.provider.files[f"m/a{number}"] = InlineContent(f"p{number}", "image/png", PNG + b"x" * 900_000)
    answer = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer", images="true")
    assert answer.text.count("data:image/png") == 4
    assert answer.headers["x-blocked-images"] == "4"


@pytest.mark.parametrize("refusal", [(503, "token_endpoint_unavailable"), (409, "reconnect_required")])
async def test_the_body_is_shown_also_when_pictures_cannot_be_had(house: House, refusal: tuple[int, str]) -> None:
    [message_id] = await house.store(message("m", body_html=HTML, attachments=(picture("a"),)))
    house.tenants[house.tenant] = Tenant(refusal=refusal)
    answer = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer", images="true")
    assert answer.status == 200
    assert "<p>Hello</p>" in answer.text
    assert answer.headers["x-blocked-images"] == "3"


async def test_without_html_the_text_is_shown(house: House) -> None:
    [text, nothing] = await house.store(
        message("t", body_html=None, body_text="1 < 2\nsecond line"),
        message("n", body_html=None, body_text=None, preview=None),
    )
    assert "1 &lt; 2\nsecond line" in (await house.call("GET", f"/api/messages/{text}/body", role="viewer")).text
    assert "has no text" in (await house.call("GET", f"/api/messages/{nothing}/body", role="viewer")).text


async def test_a_mail_without_measure_is_shown_as_text(house: House) -> None:
    [message_id] = await house.store(message("m", body_html="<b>" * 1_700_000, body_text="the text"))
    answer = await house.call("GET", f"/api/messages/{message_id}/body", role="viewer")
    assert "too long" in answer.text
    assert "the text" in answer.text


async def test_unknown_messages_and_roles(house: House) -> None:
    path = f"/api/messages/{uuid.uuid4()}/body"
    assert (await house.call("GET", path, role="viewer")).status == 404
    assert (await house.call("GET", path, role=None)).status == 401
    assert await house.audited() == []
