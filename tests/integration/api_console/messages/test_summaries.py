"""The list of messages for people."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flovify.api.messages.models import Address
from tests.integration.api_console.messages.house import House, message

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/message-summaries"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


async def subjects(house: House, **query: Any) -> list[str]:
    return [item["subject"] for item in (await house.get(PATH, role="viewer", **query))["items"]]


async def test_the_last_received_first_whatever_was_stored_when(house: House) -> None:
    for hours in (2, 0, 3, 1):
        await house.store(message(f"m{hours}", received_at=NOON + timedelta(hours=hours)))
    assert await subjects(house) == ["about m3", "about m2", "about m1", "about m0"]
    assert await subjects(house, order="oldest") == ["about m0", "about m1", "about m2", "about m3"]


async def test_a_line_has_what_a_list_shows_and_no_body(house: House) -> None:
    kind = {"kind": "eventMessage", "meeting_message_type": "meetingCancelled"}
    [message_id] = await house.store(message("m", importance="high", is_read=False, preview="x" * 1000, **kind))
    found = await house.get(PATH, role="viewer")
    [line] = found["items"]
    assert (line["id"], line["tenant_id"]) == (str(message_id), str(house.tenant))
    assert line["from"] == {"name": "Ada", "address": "ada@example.org"}
    assert (line["importance"], line["is_read"], line["deleted_at"]) == ("high", False, None)
    assert {name: line[name] for name in kind} == kind
    assert len(line["preview"]) == 300
    assert not {"body_text", "body_html", "headers", "raw"} & set(line)
    assert (found["next"], found["total_estimate"]) == (None, 1)


async def test_pages_have_every_message_once_also_those_of_one_moment(house: House) -> None:
    await house.store(*(message(f"m{number}", received_at=NOON) for number in range(5)))
    await house.store(message("late", received_at=NOON + timedelta(hours=1)), message("no time", received_at=None))
    for order in ("newest", "oldest"):
        seen: list[str] = []
        after: dict[str, Any] = {}
        while True:
            page = await house.get(PATH, order=order, limit=2, **after)
            seen += [item["subject"] for item in page["items"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert len(seen) == len(set(seen)) == 7
        assert seen == await subjects(house, order=order)


async def test_filters(house: House, other: uuid.UUID) -> None:
    await house.store(message("plain"), message("with", has_attachments=True, received_at=NOON))
    await house.store(message("elsewhere"), tenant=other)
    await house.delete_at_provider("plain")
    assert set(await subjects(house, tenant_id=house.tenant)) == {"about plain", "about with"}
    assert await subjects(house, has_attachments="true") == ["about with"]
    assert set(await subjects(house, has_attachments="false")) == {"about plain", "about elsewhere"}
    assert await subjects(house, deleted="true") == ["about plain"]
    assert set(await subjects(house, deleted="false")) == {"about with", "about elsewhere"}
    assert await subjects(house, since=NOON.isoformat()) == ["about with"]
    assert set(await subjects(house, until=NOON.isoformat())) == {"about plain", "about elsewhere"}


async def test_words_addresses_and_message_ids_are_found(house: House) -> None:
    await house.store(
        message("a", subject="Quarterly invoice", from_=Address("Grace Hopper", "grace.hopper@navy.example")),
        message("b", subject="Other things", body_text="nothing about money"),
    )
    assert await subjects(house, q="invoice") == ["Quarterly invoice"]
    assert await subjects(house, q="grace.hopper@navy.example") == ["Quarterly invoice"]
    assert await subjects(house, q="hopper -invoice") == []
    assert await subjects(house, q='"about money"') == ["Other things"]
    assert await subjects(house, q="nowhere") == []


async def test_an_internet_message_id_finds_its_message_of_any_account(house: House, other: uuid.UUID) -> None:
    event = house.event("b", other)
    await house.queue.enqueue([event])
    await house.work()
    await house.store(message("a"), message("b"), tenant=other)
    assert await subjects(house, q="<b@example.org>") == ["about b"]
    assert await subjects(house, q="<c@example.org>") == []


async def test_a_message_of_which_only_the_deletion_was_heard_is_not_listed(house: House) -> None:
    await house.delete_at_provider("never seen")
    assert await house.get(PATH) == {"items": [], "next": None, "total_estimate": 0}


async def test_beyond_a_thousand_the_number_is_an_estimate(house: House) -> None:
    await house.store(*(message(f"m{number}") for number in range(1200)))
    found = await house.get(PATH, limit=1)
    assert found["total_estimate"] > 1000


async def test_malformed_queries(house: House) -> None:
    for query in (
        {"q": "a\x00b"},
        {"after": "nonsense"},
        {"after": "YXQ6MjAyNg"},
        {"since": "2026-01-01T00:00:00"},
        {"limit": 0},
        {"order": "x"},
        {"tenant_id": "x"},
    ):
        assert (await house.call("GET", PATH, **query)).status == 422, query
    assert (await house.call("GET", PATH, role=None)).status == 401
