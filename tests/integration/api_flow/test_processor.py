"""What becomes of events, whatever Graph, auth and the database answer."""

from __future__ import annotations

import asyncio
import uuid

import asyncpg
import pytest

from flovify.api.errors import AppCredentialInvalid, AuthUnavailable, ReconnectRequired
from flovify.api.providers.errors import (
    ItemNotFound,
    MailboxUnsupported,
    ProviderBadRequest,
    ProviderForbidden,
    ProviderNotFound,
    ProviderThrottled,
    ProviderUnauthorized,
    ProviderUnavailable,
)
from flovify.api.worker.errors import LOOKS_SECONDS
from flovify.common.db import Pool
from flovify.common.errors import FlovifyError
from tests.integration.api_flow.fakes import graph_message
from tests.integration.api_flow.workbench import Bench, UnreliableQueue, refusing_subjects
from tests.support.tables import Tables

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def bench(pool: Pool) -> Bench:
    return Bench(pool)


async def test_announced_messages_are_fetched_in_one_call_stored_and_settled(bench: Bench) -> None:
    bench.graph.add("a", "b", "c")
    await bench.announce("a", "b", "c")
    assert await bench.work_once()
    assert bench.graph.asked == [("a", "b", "c")]
    assert await bench.stored() == {"a", "b", "c"}
    assert await bench.ledger() == dict.fromkeys("abc", ("stored", None))
    assert await bench.waiting() == []
    assert not await bench.work_once()


async def test_several_events_of_one_message_cost_one_fetch(bench: Bench) -> None:
    bench.graph.add("a")
    await bench.announce("a")
    await bench.announce("a", change_type="updated")
    await bench.work_once()
    assert bench.graph.asked == [("a",)]
    outcomes = await bench.pool.fetch("SELECT outcome FROM api.webhook_events")
    assert [row["outcome"] for row in outcomes] == ["stored", "stored"]


async def test_a_refused_message_dies_after_three_ways_and_the_others_are_stored(bench: Bench) -> None:
    bench.graph.add("a", "c")
    bench.graph.broken["b"] = ProviderBadRequest("Id is malformed.", status=400, code="ErrorInvalidIdMalformed")
    await bench.announce("a", "b", "c")
    await bench.work_once()
    assert await bench.stored() == {"a", "c"}
    for attempts in (1, 2):
        assert await bench.waiting() == [("b", attempts, "bad_request")]
        assert not await bench.work_once(), "it backs off"
        await bench.hurry()
        await bench.work_once()
    assert await bench.dead() == {"b": "bad_request"}
    assert await bench.waiting() == []


async def test_a_message_whose_attachments_cannot_be_listed_is_stored_without_the_list(bench: Bench) -> None:
    bench.graph.messages["b"] = graph_message("b", hasAttachments=True)
    bench.graph.unlisted["b"] = ProviderBadRequest("no", status=400, code="ErrorInvalidAttachmentId")
    await bench.announce("b")
    await bench.work_once()
    await bench.hurry()
    await bench.work_once()
    assert await bench.ledger() == {"b": ("stored", None)}
    row = await bench.pool.fetchrow("SELECT has_attachments, attachments, decode_note FROM api.messages")
    assert row is not None
    assert (row["has_attachments"], row["attachments"]) == (True, [])
    assert "attachments" in row["decode_note"]


async def test_a_message_that_graph_cannot_describe_is_stored_as_its_source(bench: Bench) -> None:
    bench.graph.broken["b"] = ProviderBadRequest("cannot be converted", status=400)
    bench.graph.sources["b"] = b"Subject: b\r\n\r\nall of it"
    await bench.announce("b")
    for _ in range(3):
        await bench.work_once()
        await bench.hurry()
    assert await bench.ledger() == {"b": ("stored", None)}
    assert await bench.pool.fetchval("SELECT raw_source FROM api.messages") == bench.graph.sources["b"]


async def test_a_message_that_is_gone_is_looked_for_over_minutes_then_settled(bench: Bench) -> None:
    bench.graph.add("a")
    await bench.announce("a", "gone")
    await bench.work_once()
    for _ in LOOKS_SECONDS:
        assert await bench.waiting() == [("gone", 0, "gone")]
        assert not await bench.work_once(), "the next look takes its time"
        await bench.hurry()
        await bench.work_once()
    assert await bench.waiting() == []
    assert await bench.ledger() == {"a": ("stored", None), "gone": ("skipped", "gone")}


async def test_without_proof_that_the_mailbox_is_served_nothing_is_gone(bench: Bench) -> None:
    bench.graph.broken["*"] = ItemNotFound("not there", status=404, code="ErrorItemNotFound")
    await bench.announce("a")
    for _ in range(2 * len(LOOKS_SECONDS)):
        await bench.work_once()
        await bench.hurry()
    assert await bench.waiting() == [("a", 0, "not_found")]
    bench.graph.broken.clear()
    bench.graph.add("a")
    await bench.work_once()
    assert await bench.stored() == {"a"}


async def test_a_404_that_is_not_about_the_item_waits_for_as_long_as_it_takes(bench: Bench) -> None:
    bench.graph.add("a")
    bench.graph.broken["b"] = ProviderNotFound("Resource not found", status=404, code="ResourceNotFound")
    await bench.announce("a", "b")
    for _ in range(2 * len(LOOKS_SECONDS)):
        await bench.work_once()
        await bench.hurry()
    assert await bench.waiting() == [("b", 0, "not_found")]
    assert await bench.dead() == {}


async def test_a_message_that_shows_at_the_second_look_is_stored(bench: Bench) -> None:
    await bench.announce("late")
    await bench.work_once()
    bench.graph.add("late")
    await bench.hurry()
    await bench.work_once()
    assert await bench.stored() == {"late"}


async def test_a_message_announced_and_removed_needs_no_second_look(bench: Bench) -> None:
    await bench.announce("brief")
    await bench.announce("brief", change_type="deleted")
    await bench.work_once()
    rows = await bench.pool.fetch("SELECT outcome FROM api.webhook_events ORDER BY id")
    assert [row["outcome"] for row in rows] == ["skipped", "deleted"]


async def test_a_removal_marks_the_message_and_keeps_its_content(bench: Bench) -> None:
    bench.graph.add("a")
    await bench.announce("a")
    await bench.work_once()
    await bench.announce("a", change_type="deleted")
    del bench.graph.messages["a"]
    await bench.work_once()
    row = await bench.pool.fetchrow("SELECT deleted_at, subject FROM api.messages")
    assert row is not None
    assert row["deleted_at"] is not None
    assert row["subject"] == "about a"


async def test_a_removal_that_is_a_move_takes_the_message_to_its_new_folder(bench: Bench) -> None:
    bench.graph.messages["a"] = graph_message("a", parentFolderId="inbox-id")
    await bench.announce("a")
    await bench.work_once()
    bench.graph.messages["a"] = graph_message("a", parentFolderId="archive-id")
    await bench.announce("a", change_type="deleted")
    await bench.work_once()
    row = await bench.pool.fetchrow("SELECT deleted_at, folder_id FROM api.messages")
    assert row is not None
    assert tuple(row) == (None, "archive-id")
    outcomes = await bench.pool.fetch("SELECT outcome FROM api.webhook_events ORDER BY id")
    assert [row["outcome"] for row in outcomes] == ["stored", "moved"]


async def test_a_message_that_comes_back_is_not_deleted_any_more_whatever_the_clocks_say(bench: Bench) -> None:
    """Its state is dated long before the deletion was heard of: nothing about it changed but its being there."""
    await bench.announce("a", change_type="deleted")
    await bench.work_once()
    assert await bench.pool.fetchval("SELECT deleted_at IS NOT NULL FROM api.messages")
    bench.graph.add("a")
    await bench.announce("a")
    await bench.work_once()
    row = await bench.pool.fetchrow("SELECT deleted_at, subject FROM api.messages")
    assert row is not None
    assert tuple(row) == (None, "about a")


async def test_what_is_known_to_be_deleted_is_not_looked_for_again(bench: Bench) -> None:
    await bench.announce("a", change_type="deleted")
    await bench.work_once()
    await bench.announce("a", change_type="updated")
    await bench.work_once()
    outcomes = await bench.pool.fetch("SELECT outcome, reason FROM api.webhook_events ORDER BY id")
    assert [tuple(row) for row in outcomes] == [("deleted", None), ("skipped", "gone")]


async def test_a_throttled_message_lets_the_mailbox_wait_as_asked_and_spends_nothing(bench: Bench) -> None:
    bench.graph.add("a", "b")
    bench.graph.broken["b"] = ProviderThrottled("slow down", status=429, retry_after=17.5)
    await bench.announce("a", "b")
    await bench.work_once()
    assert await bench.stored() == {"a"}
    assert await bench.waiting() == [("b", 0, "throttled")]
    assert 17 < await bench.blocked_seconds() < 19
    assert not await bench.work_once()


async def test_a_rejected_token_is_refreshed_once_and_the_call_repeated(bench: Bench) -> None:
    bench.graph.add("a", "b")
    bench.graph.rejected_tokens["token-1"] = ProviderUnauthorized("expired", status=401)
    await bench.announce("a", "b")
    await bench.work_once()
    assert bench.tokens.rejected == ["token-1"]
    assert await bench.stored() == {"a", "b"}


async def test_a_token_rejected_for_a_source_is_refreshed_once_too(bench: Bench) -> None:
    bench.graph.broken["b"] = ProviderBadRequest("cannot be converted", status=400)
    bench.graph.sources["b"] = b"Subject: b\r\n\r\nall of it"
    await bench.announce("b")
    for _ in range(2):
        await bench.work_once()
        await bench.hurry()
    bench.graph.rejected_tokens["token-1"] = ProviderUnauthorized("expired", status=401)
    await bench.work_once()
    assert bench.tokens.rejected == ["token-1"]
    assert await bench.stored() == {"b"}


async def test_a_second_rejection_lets_the_mailbox_wait_with_all_its_events(bench: Bench) -> None:
    bench.graph.add("a")
    bench.graph.whole = ProviderUnauthorized("no", status=401)
    await bench.announce("a")
    await bench.work_once()
    assert bench.tokens.rejected == ["token-1"]
    assert await bench.waiting() == [("a", 0, "unauthorized")]
    assert 200 < await bench.blocked_seconds() < 400


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ReconnectRequired("sign in again"), "reconnect_required"),
        (AuthUnavailable("auth is away"), "auth_unavailable"),
        (AuthUnavailable("locked", code="vault_locked"), "vault_locked"),
        (AppCredentialInvalid("our secret is wrong"), "app_credential_invalid"),
    ],
)
async def test_without_a_token_the_mailbox_waits_and_spends_nothing(
    bench: Bench, error: FlovifyError, reason: str
) -> None:
    bench.tokens.error = error
    await bench.announce("a")
    for _ in range(5):
        await bench.hurry()
        await bench.work_once()
    assert await bench.waiting() == [("a", 0, reason)]
    assert await bench.block_reason() == reason
    assert await bench.dead() == {}
    bench.tokens.error = None
    bench.graph.add("a")
    await bench.hurry()
    await bench.work_once()
    assert await bench.stored() == {"a"}


@pytest.mark.parametrize(
    "error",
    [
        ProviderUnavailable("no answer"),
        ProviderUnavailable("broken", status=503),
        ProviderThrottled("slow down", status=429),
        MailboxUnsupported("on-premises", status=404),
        ProviderForbidden("policy", status=403),
    ],
)
async def test_while_graph_is_away_the_mailbox_waits_ever_longer_and_spends_nothing(
    bench: Bench, error: ProviderUnavailable
) -> None:
    bench.graph.add("a", "b")
    bench.graph.whole = error
    await bench.announce("a", "b")
    waits = []
    for _ in range(6):
        await bench.hurry()
        await bench.work_once()
        waits.append(await bench.blocked_seconds())
    assert [(key, attempts) for key, attempts, _ in await bench.waiting()] == [("a", 0), ("b", 0)]
    assert waits[-1] > waits[0] or waits[0] > 200
    assert await bench.dead() == {}
    bench.graph.whole = None
    for _ in range(2):
        await bench.hurry()
        await bench.work_once()
    assert await bench.stored() == {"a", "b"}


async def test_when_every_message_fails_it_is_an_outage_even_if_the_call_succeeds(bench: Bench) -> None:
    bench.graph.broken["*"] = ProviderUnavailable("broken", status=500)
    await bench.announce("a")
    for _ in range(5):
        await bench.hurry()
        await bench.work_once()
    assert await bench.waiting() == [("a", 0, "unavailable")]


async def test_a_message_that_always_fails_while_the_mailbox_is_served_waits_alone_and_never_dies(
    bench: Bench,
) -> None:
    bench.graph.broken["bad"] = ProviderUnavailable("broken", status=500)
    await bench.announce("bad")
    for number in range(1, 6):
        await bench.work_once()
        assert await bench.waiting() == [("bad", 0, "unavailable")]
        assert await bench.pool.fetchval("SELECT waits FROM api.inbox") == number
        assert not await bench.work_once(), "it backs off"
        assert await bench.blocked_seconds() <= 0, "its mailbox does not"
        await bench.hurry()
    bench.graph.broken.clear()
    bench.graph.add("bad")
    await bench.work_once()
    assert await bench.stored() == {"bad"}


async def test_waits_grow_only_without_any_success_between_them(bench: Bench) -> None:
    """429 with a time and 503 among good answers: the mailbox is never put away for long."""
    bench.graph.add("a", "b", "c")
    bench.graph.broken = {
        "x": ProviderThrottled("slow down", status=429, retry_after=1.0),
        "y": ProviderUnavailable("broken", status=503),
    }
    await bench.announce("a", "x", "y")
    await bench.work_once()
    assert await bench.blocked_seconds() <= 2.1
    for later in ("b", "c"):
        await bench.announce(later)
        await bench.hurry()
        await bench.work_once()
        assert await bench.blocked_seconds() <= 2.1
    assert await bench.stored() == {"a", "b", "c"}
    assert await bench.pool.fetchval("SELECT failures FROM api.mailbox_leases") == 0


async def test_a_wait_that_was_asked_for_adds_nothing_to_the_backoff_of_an_outage(bench: Bench) -> None:
    await bench.announce("a")
    failures = []
    for error in (
        ProviderUnavailable("away"),
        ProviderThrottled("slow down", status=429, retry_after=1.0),
        ProviderUnavailable("away"),
    ):
        bench.graph.whole = error
        await bench.hurry()
        await bench.work_once()
        failures.append(await bench.pool.fetchval("SELECT failures FROM api.mailbox_leases"))
    assert failures == [1, 1, 2]


async def test_a_call_that_fails_because_of_one_message_is_taken_apart(bench: Bench) -> None:
    bench.graph.add("a", "b")
    bench.graph.time_outs = {"bad"}
    await bench.announce("a", "bad", "b")
    await bench.work_once()
    assert await bench.stored() == {"a", "b"}
    assert await bench.waiting() == [("bad", 0, "unavailable")]


async def test_a_message_the_database_refuses_is_stored_as_its_source_and_spoils_no_other(
    bench: Bench, tables: Tables
) -> None:
    bench.graph.add("a", "b")
    bench.graph.messages["odd"] = graph_message("odd", subject="refuse me")
    bench.graph.sources["odd"] = b"Subject: odd\r\n\r\nbytes \x00\xff"
    async with refusing_subjects(tables.owner):
        await bench.announce("a", "odd", "b")
        await bench.work_once()
        assert await bench.stored() == {"a", "b"}
        await bench.hurry()
        await bench.work_once()
        assert await bench.stored() == {"a", "b", "odd"}
    row = await bench.pool.fetchrow("SELECT raw_source, decode_note FROM api.messages WHERE raw_source IS NOT NULL")
    assert row is not None
    assert row["raw_source"] == bench.graph.sources["odd"]
    assert row["decode_note"]


async def test_the_result_of_a_worker_that_lost_its_mailbox_is_dropped(bench: Bench) -> None:
    bench.graph.add("a")
    await bench.announce("a")
    bench.graph.hold = asyncio.Event()
    slow = await bench.queue.take("slow", 0.2)
    assert slow is not None
    working = asyncio.create_task(bench.processor.process(slow))
    await bench.graph.entered.wait()
    await bench.pool.execute("UPDATE api.mailbox_leases SET lease_until = clock_timestamp() - interval '1 s'")
    hold, bench.graph.hold = bench.graph.hold, None
    await bench.work_once()
    assert await bench.ledger() == {"a": ("stored", None)}
    bench.graph.messages["a"]["subject"] = "too late"
    bench.graph.messages["a"]["lastModifiedDateTime"] = "2026-11-21T10:00:00Z"
    hold.set()
    await working
    assert await bench.pool.fetchval("SELECT subject FROM api.messages") == "about a"
    assert await bench.pool.fetchval("SELECT count(*) FROM api.webhook_events") == 1


async def test_a_commit_whose_answer_is_lost_has_its_effects_once(bench: Bench) -> None:
    lost = asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")
    queue = UnreliableQueue(bench.pool, [lost], after=True)
    bench.use_queue(queue)
    bench.graph.add("a")
    await bench.announce("a")
    await bench.work_once()
    assert queue.errors == []
    assert await bench.ledger() == {"a": ("stored", None)}
    assert await bench.stored() == {"a"}
    assert not await bench.work_once()


async def test_a_settlement_is_tried_again_while_the_database_is_away(bench: Bench) -> None:
    errors: list[Exception] = [
        asyncpg.CannotConnectNowError("starting up"),
        OSError("refused"),
        asyncpg.DeadlockDetectedError("40P01"),
    ]
    bench.use_queue(UnreliableQueue(bench.pool, errors))
    bench.graph.add("a")
    await bench.announce("a")
    await bench.work_once()
    assert errors == []
    assert await bench.stored() == {"a"}
    assert await bench.waiting() == []


async def test_what_the_database_goes_on_refusing_waits_and_spends_nothing(bench: Bench) -> None:
    errors: list[Exception] = [asyncpg.InsufficientPrivilegeError("42501")] * 5
    bench.use_queue(UnreliableQueue(bench.pool, errors))
    bench.graph.add("a")
    await bench.announce("a")
    await bench.work_once()
    assert await bench.waiting() == [("a", 0, "database_refuses")]
    assert await bench.blocked_seconds() > 30


async def test_when_our_own_code_fails_the_events_come_one_by_one_and_only_the_bad_one_dies(bench: Bench) -> None:
    bench.graph.add("a", "bad", "b")
    bench.graph.mistakes = {"bad"}
    await bench.announce("a", "bad", "b")
    for _ in range(8):
        await bench.hurry()
        await bench.work_once()
    assert await bench.stored() == {"a", "b"}
    assert await bench.dead() == {"bad": "decode_failed"}


async def test_an_event_that_killed_three_workers_is_buried_without_another_try(bench: Bench) -> None:
    bench.graph.add("a")
    await bench.announce("a")
    for _ in range(3):
        assert await bench.queue.take("dies", 0.001) is not None
        await bench.pool.execute("UPDATE api.mailbox_leases SET lease_until = clock_timestamp() - interval '1 s'")
    await bench.work_once()
    assert bench.graph.asked == []
    assert await bench.dead() == {"a": "worker_died"}


async def test_a_cancelled_worker_gives_its_events_back_at_once(bench: Bench) -> None:
    bench.graph.add("a")
    await bench.announce("a")
    bench.graph.hold = asyncio.Event()
    lease = await bench.queue.take("leaves", 30)
    assert lease is not None
    working = asyncio.create_task(bench.processor.process(lease))
    await bench.graph.entered.wait()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    bench.graph.hold = None
    again = await bench.queue.take("next", 30)
    assert again is not None
    assert [event.attempts for event in again.events] == [1]


async def test_what_the_ledger_knows_is_not_done_again(bench: Bench) -> None:
    bench.graph.add("a")
    event = bench.event("a")
    await bench.queue.enqueue([event])
    await bench.pool.execute(
        "INSERT INTO api.webhook_events (tenant_id, provider, event_key, correlation_id, message_id) "
        "VALUES ($1, 'ms365', $2, $3, 'a')",
        bench.tenant,
        event.event_key,
        uuid.uuid4(),
    )
    await bench.work_once()
    assert bench.graph.asked == []
    assert await bench.waiting() == []
    assert await bench.pool.fetchval("SELECT count(*) FROM api.webhook_events") == 1


async def test_what_this_version_does_not_understand_is_looked_up_in_the_folder(bench: Bench) -> None:
    known = bench.event("a", "archived", kind="unknown")
    await bench.pool.execute(
        "INSERT INTO api.webhook_subscriptions (id, tenant_id, provider, resource, change_types, expires_at, status) "
        "VALUES ($1, $2, 'ms365', 'users/x/mailFolders(''inbox'')/messages', '{created}', now(), 'active')",
        known.subscription_row_id,
        bench.tenant,
    )
    await bench.queue.enqueue([known])
    await bench.queue.enqueue([bench.event(None, "created", kind="unknown")])
    await bench.work_once()
    rows = await bench.pool.fetch("SELECT change_type, outcome, reason FROM api.webhook_events ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("archived", "looked_up", "unknown_kind"),
        ("created", "looked_up", "no_message_id"),
    ]
    gaps = await bench.pool.fetch("SELECT tenant_id, reasons, closed_at FROM api.coverage_gaps")
    assert [tuple(row) for row in gaps] == [(bench.tenant, ["not_understood"], None)]


async def test_many_messages_that_are_not_there_have_their_folder_looked_through(bench: Bench) -> None:
    event = bench.event("gone-0")
    await bench.pool.execute(
        "INSERT INTO api.webhook_subscriptions (id, tenant_id, provider, resource, change_types, expires_at, status) "
        "VALUES ($1, $2, 'ms365', 'users/x/mailFolders(''inbox'')/messages', '{created}', now(), 'active')",
        event.subscription_row_id,
        bench.tenant,
    )
    await bench.queue.enqueue([event])
    for number in range(1, 6):
        await bench.queue.enqueue([bench.event(f"gone-{number}")])
    await bench.pool.execute("UPDATE api.inbox SET subscription_row_id = $1", event.subscription_row_id)
    for _ in range(1 + len(LOOKS_SECONDS)):
        await bench.work_once()
        await bench.hurry()
    assert await bench.waiting() == []
    gaps = await bench.pool.fetch("SELECT reasons FROM api.coverage_gaps")
    assert [row["reasons"] for row in gaps] == [["storm_of_404"]]
