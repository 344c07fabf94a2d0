from __future__ import annotations

import asyncio
import json
import uuid
from datetime import timedelta

import pytest

from flovify.api.graph.normalize import normalize
from flovify.api.messages.models import FeedFilter, NormalizedMessage, Outcome, StoredRef
from flovify.api.messages.source_only import minimal
from flovify.api.messages.store import MessageStore, mark_deleted, publish, upsert_messages
from flovify.common.db import Pool
from tests.integration.api_graph.samples import START, graph_message, message

pytestmark = pytest.mark.asyncio(loop_scope="module")
TENANT = uuid.UUID(int=1)
OTHER = uuid.UUID(int=2)
EVERYTHING = FeedFilter()


async def store(pool: Pool, *messages: NormalizedMessage, tenant: uuid.UUID = TENANT, at: int = 0) -> list[StoredRef]:
    """What the worker does: one transaction, the feed last."""
    async with pool.acquire() as connection, connection.transaction():
        refs = await upsert_messages(connection, tenant, "ms365", messages, fetched_at=START + timedelta(minutes=at))
        await publish(connection, refs)
        return refs


async def delete(pool: Pool, *ids: str, at: int, tenant: uuid.UUID = TENANT) -> int:
    async with pool.acquire() as connection:
        return await mark_deleted(connection, tenant, "ms365", ids, START + timedelta(minutes=at))


async def subjects(pool: Pool, wanted: FeedFilter = EVERYTHING) -> list[str | None]:
    return [item.stored.message.subject for item in await MessageStore(pool).list_after(0, 200, wanted)]


async def test_message_comes_back_as_it_was_stored(pool: Pool) -> None:
    given = normalize(
        graph_message(
            "m1",
            "Ünïcode 😀",
            ccRecipients=[{"emailAddress": {"address": "c@x.example"}}],
            replyTo=[{"emailAddress": {"name": "R", "address": "r@x.example"}}],
            attachments=[
                {"id": "a1", "name": "f.pdf", "contentType": "application/pdf", "size": 3, "isInline": False},
                {"id": "a2", "@odata.type": "#microsoft.graph.fileAttachment", "contentId": "logo@contoso.example"},
                {"id": "a3", "@odata.type": "#microsoft.graph.referenceAttachment", "name": "Plan.docx"},
            ],
            meetingMessageType="meetingRequest",
            internetMessageHeaders=[{"name": "Received", "value": "a"}, {"name": "Received", "value": "b"}],
            categories=["red"],
            isRead=False,
            importance="high",
        )
        | {"@odata.type": "#microsoft.graph.eventMessageRequest"}
    )
    [ref] = await store(pool, given)
    found = await MessageStore(pool).get(ref.id)
    assert found is not None
    assert found.message == given
    assert found.tenant_id == TENANT
    assert found.deleted_at is None


async def test_same_message_stored_100_times_at_once_is_one_row_and_one_place_in_the_feed(pool: Pool) -> None:
    results = await asyncio.gather(*(store(pool, message("m1"), at=number) for number in range(100)))
    assert len({refs[0].id for refs in results}) == 1
    assert sum(refs[0].outcome is Outcome.CREATED for refs in results) == 1
    assert await subjects(pool) == ["Hello"]
    assert await MessageStore(pool).count(TENANT) == 1


async def test_same_id_in_two_mailboxes_is_two_messages(pool: Pool) -> None:
    await store(pool, message("m1", "mine"))
    await store(pool, message("m1", "yours"), tenant=OTHER)
    assert await subjects(pool, FeedFilter(tenant_id=TENANT)) == ["mine"]
    assert await subjects(pool, FeedFilter(tenant_id=OTHER)) == ["yours"]


async def test_two_states_in_one_batch_keep_the_newer(pool: Pool) -> None:
    refs = await store(pool, message("m1", "new", minutes=5), message("m1", "old"), message("m2", "two"))
    assert len(refs) == 2
    assert await subjects(pool) == ["new", "two"]


async def test_newer_state_replaces_older_and_keeps_its_place(pool: Pool) -> None:
    [first] = await store(pool, message("m1", "one"))
    await store(pool, message("m2", "two"))
    [again] = await store(pool, message("m1", "one changed", minutes=3), at=4)
    assert again.outcome is Outcome.UPDATED
    assert not again.unpublished
    assert again.id == first.id
    assert await subjects(pool) == ["one changed", "two"]


async def test_older_state_fetched_later_does_not_overwrite(pool: Pool) -> None:
    await store(pool, message("m1", "newest", minutes=9), at=10)
    [ref] = await store(pool, message("m1", "stale", minutes=2), at=11)
    assert ref.outcome is Outcome.UNCHANGED
    assert await subjects(pool) == ["newest"]


async def test_state_without_a_time_replaces_only_when_fetched_later(pool: Pool) -> None:
    def undated(subject: str) -> NormalizedMessage:
        return message("m1", subject, lastModifiedDateTime=None, changeKey=subject, etag=None)

    await store(pool, undated("first"), at=5)
    await store(pool, undated("earlier fetch"), at=4)
    assert await subjects(pool) == ["first"]
    await store(pool, undated("later fetch"), at=6)
    assert await subjects(pool) == ["later fetch"]


async def test_raw_source_is_kept_until_the_message_can_be_decoded(pool: Pool) -> None:
    [ref] = await store(pool, minimal("m1", b"\x00\xffraw", "Graph answered 500 for this message"), at=0)
    found = await MessageStore(pool).get(ref.id)
    assert found is not None
    assert found.message.raw_source == b"\x00\xffraw"
    assert found.message.decode_note == "Graph answered 500 for this message"
    await store(pool, message("m1", "decoded"), at=1)
    assert await subjects(pool) == ["decoded"]
    await store(pool, minimal("m1", b"again", "broken again"), at=2)
    assert await subjects(pool) == ["decoded"]


async def test_deletion_marks_the_message_and_keeps_its_content(pool: Pool) -> None:
    [ref] = await store(pool, message("m1", "kept"))
    assert await delete(pool, "m1", at=5) == 1
    assert await delete(pool, "m1", at=6) == 0
    found = await MessageStore(pool).get(ref.id)
    assert found is not None
    assert found.deleted_at == START + timedelta(minutes=5)
    assert found.message.subject == "kept"


async def test_deletion_of_a_message_never_seen_leaves_a_tombstone_nobody_reads(pool: Pool) -> None:
    assert await delete(pool, "m1", at=5) == 1
    assert await subjects(pool) == []
    assert await MessageStore(pool).count(TENANT) == 0


@pytest.mark.parametrize("minutes", [1, 8])
async def test_a_state_fetched_after_the_deletion_brings_the_message_back_however_it_is_dated(
    pool: Pool, minutes: int
) -> None:
    """What the provider hands out is there; when it was last modified is said by another clock."""
    await store(pool, message("m1", "moved out", minutes=minutes))
    await delete(pool, "m1", at=5)
    [ref] = await store(pool, message("m1", "moved out", minutes=minutes), at=9)
    found = await MessageStore(pool).get(ref.id)
    assert found is not None
    assert found.deleted_at is None


async def test_a_tombstone_gets_its_content_and_its_place_when_the_message_comes(pool: Pool) -> None:
    await delete(pool, "m1", at=5)
    [ref] = await store(pool, message("m1", "late", minutes=1), at=6)
    assert ref.unpublished
    found = await MessageStore(pool).get(ref.id)
    assert found is not None
    assert found.deleted_at is None
    assert await subjects(pool) == ["late"]


async def test_a_message_in_another_folder_is_brought_up_to_date_though_its_dates_are_the_same(pool: Pool) -> None:
    await store(pool, message("m1", "here", minutes=1, parentFolderId="inbox-id"))
    [ref] = await store(pool, message("m1", "here", minutes=1, parentFolderId="archive-id"), at=2)
    found = await MessageStore(pool).get(ref.id)
    assert found is not None
    assert found.message.folder_id == "archive-id"


async def test_deletion_in_one_mailbox_leaves_the_other_alone(pool: Pool) -> None:
    await store(pool, message("m1"))
    await delete(pool, "m1", at=5, tenant=OTHER)
    [item] = await MessageStore(pool).list_after(0, 10, FeedFilter(tenant_id=TENANT))
    assert item.stored.deleted_at is None


async def test_another_tenant_gets_nothing(pool: Pool) -> None:
    [ref] = await store(pool, message("m1", "secret plan"))
    reader = MessageStore(pool)
    assert await reader.get(ref.id, OTHER) is None
    assert await reader.get(ref.id, TENANT) is not None
    assert await reader.list_after(0, 10, FeedFilter(tenant_id=OTHER)) == []
    assert await reader.list_after(0, 10, FeedFilter(tenant_id=OTHER, query="secret")) == []
    assert await reader.list_before(None, 10, FeedFilter(tenant_id=OTHER)) == []
    assert await reader.count(OTHER) == 0


async def test_search_finds_words_people_and_attachments(pool: Pool) -> None:
    await store(pool, message("m1", "Quarterly figures"), message("m2", "Lunch"))
    await store(
        pool,
        message("m3", "Drawing", attachments=[{"id": "a", "name": "bridge-plan.dwg", "size": 1}]),
        message("m4", "Note", body={"contentType": "html", "content": "<p>Grüße aus <b>Köln</b></p>"}),
    )
    assert await subjects(pool, FeedFilter(query="quarterly")) == ["Quarterly figures"]
    assert await subjects(pool, FeedFilter(query='"quarterly figures" -lunch')) == ["Quarterly figures"]
    assert await subjects(pool, FeedFilter(query="köln")) == ["Note"]
    assert await subjects(pool, FeedFilter(query="dwg")) == ["Drawing"]
    assert len(await subjects(pool, FeedFilter(query="contoso"))) == 4
    assert len(await subjects(pool, FeedFilter(query="ada@contoso.example"))) == 4
    assert await subjects(pool, FeedFilter(query="elephant")) == []


async def test_any_search_text_is_taken(pool: Pool) -> None:
    await store(pool, message("m1"))
    for query in ("'", '"', "a & | !", "a:*", "((", "\\", "%", "-", "or", "😀", "\ud7ff"):
        await subjects(pool, FeedFilter(query=query))


async def test_filters_narrow_the_list(pool: Pool) -> None:
    await store(
        pool,
        message("m1", "read", isRead=True, parentFolderId="inbox"),
        message("m2", "unread", isRead=False, parentFolderId="inbox"),
        message("m3", "old", isRead=True, parentFolderId="junk", receivedDateTime="2020-01-01T00:00:00Z"),
    )
    assert await subjects(pool, FeedFilter(unread=True)) == ["unread"]
    assert await subjects(pool, FeedFilter(unread=False)) == ["read", "old"]
    assert await subjects(pool, FeedFilter(folder_id="junk")) == ["old"]
    assert await subjects(pool, FeedFilter(since=START - timedelta(days=1))) == ["read", "unread"]


async def test_huge_and_hostile_bodies_are_stored(pool: Pool) -> None:
    many_words = " ".join(f"w{number:06d}" for number in range(200_000))
    wide = " ".join("😀" * 2 + chr(0x4E00 + number) for number in range(20_000))
    hostile = json.loads('"nul \\u0000 and \\ud800 surrogate"')
    hyphens = "-".join(f"part{number}" for number in range(30_000))
    urls = " ".join(f"https://h{number}.example/p{number}/q?x={number}" for number in range(20_000))
    for number, text in enumerate((many_words, wide, hostile, hyphens, urls)):
        body = {"contentType": "text", "content": text}
        [ref] = await store(pool, message(f"m{number}", "big", body=body))
        found = await MessageStore(pool).get(ref.id)
        assert found is not None
        assert len(found.message.body_text or "") == len(text)


async def test_extreme_dates_are_stored(pool: Pool) -> None:
    await store(
        pool,
        message("m1", receivedDateTime="0001-01-01T00:00:00Z", sentDateTime="9999-12-31T23:59:59.9999999Z"),
        message("m2", receivedDateTime="10000-01-01T00:00:00Z", sentDateTime="0001-01-01T00:00:00+14:00"),
    )
    assert len(await subjects(pool)) == 2
