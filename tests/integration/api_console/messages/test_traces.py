"""The way of events through the real processor: smooth, with failures, dead, replayed, waiting."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from flovify.api.coverage.store import CoverageStore
from flovify.api.errors import AuthUnavailable
from flovify.api.messages.traces.models import Trace
from flovify.api.messages.traces.service import TraceService
from flovify.api.messages.traces.store import TraceStore
from flovify.api.providers.errors import ProviderBadRequest, ProviderConflict, ProviderThrottled
from flovify.api.worker.errors import LOOKS_SECONDS
from flovify.common.db import Pool
from flovify.common.errors import NotFound
from tests.integration.api_console.messages.house import House, message
from tests.integration.api_flow.workbench import Bench

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def bench(pool: Pool) -> Bench:
    return Bench(pool)


@pytest.fixture
def traces(pool: Pool) -> TraceService:
    return TraceService(TraceStore(pool), CoverageStore(pool))


async def announce(bench: Bench, message_id: str = "m", **changes: Any) -> uuid.UUID:
    event = bench.event(message_id, **changes)
    await bench.queue.enqueue([event])
    return event.id


async def work(bench: Bench, times: int = 1) -> None:
    for _ in range(times):
        await bench.hurry()
        assert await bench.work_once()


async def our_id(pool: Pool) -> uuid.UUID:
    found: uuid.UUID = await pool.fetchval("SELECT id FROM api.messages")
    return found


def shown(trace: Trace) -> list[tuple[str, str]]:
    return [(step.name.value, step.state.value) for step in trace.steps]


def tried(trace: Trace) -> list[tuple[str, str, str | None, int]]:
    return [(one.outcome, one.stage, one.error_kind, one.times) for one in trace.attempts]


DONE = [(name, "done") for name in ("received", "notified", "queued", "fetched", "stored")]


async def test_a_smooth_way_has_a_time_at_each_step_and_no_attempts(
    bench: Bench, traces: TraceService, pool: Pool
) -> None:
    bench.graph.add("m")
    bench.graph.messages["m"]["receivedDateTime"] = "2026-11-20T10:00:00Z"
    event_id = await announce(bench)
    await work(bench)
    trace = await traces.of_message(await our_id(pool))
    assert (trace.event_id, trace.correlation_id, trace.state) == (event_id, event_id, "stored")
    assert shown(trace) == DONE
    times = [step.at for step in trace.steps]
    assert None not in times
    assert times == sorted(times)  # type: ignore[type-var]
    assert trace.steps[0].since_previous_ms is None
    assert all(step.since_previous_ms is not None and step.since_previous_ms >= 0 for step in trace.steps[1:])
    assert (trace.attempts, trace.other_events) == ([], [])
    assert await pool.fetchval("SELECT count(*) FROM api.event_attempts") == 0
    assert await traces.of_event(event_id) == trace


async def test_a_retried_event_shows_each_failure_and_the_good_end(
    bench: Bench, traces: TraceService, pool: Pool
) -> None:
    bench.graph.add("m", "other")
    bench.graph.broken["m"] = ProviderConflict("being changed", status=409, code="Conflict", request_id="request-7")
    event_id = await announce(bench)
    await work(bench, 2)
    waiting = await traces.of_event(event_id)
    assert waiting.state == "waiting"
    assert shown(waiting)[2:] == [("queued", "waiting"), ("fetched", "waiting"), ("stored", "waiting")]
    assert "Asked for 2 times" in waiting.steps[2].detail
    assert "changed by somebody else" in waiting.steps[2].detail
    bench.graph.broken.clear()
    await work(bench)
    trace = await traces.of_message(await our_id(pool))
    assert shown(trace) == DONE
    assert tried(trace) == [
        ("waited", "fetch", "conflict", 2),
        ("done", "store", None, 1),
    ]
    first = trace.attempts[0]
    assert (first.number, first.status, first.request_id) == (1, 409, "request-7")
    assert first.error is not None
    assert "being changed" in first.error
    assert first.wait_seconds is not None
    assert first.wait_seconds > 0


async def test_a_dead_event_shows_where_it_failed_and_a_replay_goes_on_from_there(
    bench: Bench, traces: TraceService, house: House
) -> None:
    bench.graph.add("m")
    bench.graph.broken["m"] = ProviderBadRequest("malformed id", status=400, code="ErrorInvalidIdMalformed")
    event_id = await announce(bench)
    await work(bench, 3)
    trace = await traces.of_event(event_id)
    assert (trace.state, trace.message_id) == ("dead", None)
    assert shown(trace)[3:] == [("fetched", "failed"), ("stored", "skipped")]
    assert "malformed id" in trace.steps[3].detail
    assert tried(trace) == [("retry", "fetch", "bad_request", 1)] * 2 + [("dead", "fetch", "bad_request", 1)]
    bench.graph.broken.clear()
    await house.post(f"/api/dead-letters/{event_id}/replay", status=202)
    await work(bench)
    trace = await traces.of_event(event_id)
    assert (trace.state, shown(trace)) == ("stored", DONE)
    assert [one.outcome for one in trace.attempts] == ["retry", "retry", "dead", "replayed", "done"]
    assert [one.number for one in trace.attempts] == [1, 2, 3, 4, 5]
    assert trace.message_id is not None


async def test_what_the_database_refuses_failed_at_storing(bench: Bench, traces: TraceService) -> None:
    bench.graph.add("m")
    bench.graph.messages["m"]["id"] = "m"
    bench.graph.mistakes.add("m")
    event_id = await announce(bench)
    await work(bench, 3)
    trace = await traces.of_event(event_id)
    assert trace.state == "dead"
    assert shown(trace)[3:] == [("fetched", "done"), ("stored", "failed")]
    assert tried(trace) == [("retry", "decode", "decode_failed", 1)] * 2 + [("dead", "decode", "decode_failed", 1)]


async def test_a_mailbox_that_waits_says_for_what_and_repeated_waits_are_one_row(
    bench: Bench, traces: TraceService
) -> None:
    bench.graph.add("m")
    bench.graph.whole = ProviderThrottled("slow down", status=429, code="TooMany", retry_after=30, request_id="r-1")
    event_id = await announce(bench)
    await work(bench)
    trace = await traces.of_event(event_id)
    assert "Microsoft asked to wait" in trace.steps[2].detail
    await work(bench, 3)
    trace = await traces.of_event(event_id)
    assert tried(trace) == [("waited", "fetch", "throttled", 4)]
    assert (trace.attempts[0].status, trace.attempts[0].request_id) == (429, "r-1")
    assert trace.attempts[0].wait_seconds is not None
    assert trace.attempts[0].wait_seconds >= 30
    bench.graph.whole = None
    bench.tokens.error = AuthUnavailable("auth is away")
    await work(bench, 2)
    bench.tokens.error = None
    await work(bench)
    trace = await traces.of_event(event_id)
    assert tried(trace) == [
        ("waited", "fetch", "throttled", 4),
        ("waited", "token", "auth_unavailable", 2),
        ("done", "store", None, 1),
    ]


async def test_what_was_gone_is_skipped_and_says_so(bench: Bench, traces: TraceService) -> None:
    event_id = await announce(bench)
    await work(bench, 1 + len(LOOKS_SECONDS))
    trace = await traces.of_event(event_id)
    assert (trace.state, shown(trace)[4]) == ("skipped", ("stored", "skipped"))
    assert "no longer there" in trace.steps[4].detail
    assert tried(trace) == [("waited", "fetch", "gone", len(LOOKS_SECONDS)), ("done", "store", None, 1)]


async def test_other_events_of_the_message_are_listed(bench: Bench, traces: TraceService, pool: Pool) -> None:
    bench.graph.add("m", "n")
    created = await announce(bench)
    await work(bench)
    updated = await announce(bench, change_type="updated")
    await announce(bench, "n")
    await work(bench)
    deleted = await announce(bench, change_type="deleted")
    del bench.graph.messages["m"]
    message_id = await pool.fetchval("SELECT id FROM api.messages WHERE provider_message_id = 'm'")
    trace = await traces.of_message(message_id)
    assert trace.event_id == created
    assert [(one.id, one.change_type, one.outcome) for one in trace.other_events] == [
        (updated, "updated", "unchanged"),
        (deleted, "deleted", None),
    ]
    await work(bench)
    late = await traces.of_event(deleted)
    assert late.message_id == message_id
    assert shown(late)[3:] == [("fetched", "skipped"), ("stored", "done")]


async def test_another_account_with_the_same_message_id_is_another_message(
    bench: Bench, traces: TraceService, pool: Pool
) -> None:
    stranger = Bench(pool)
    for one in (bench, stranger):
        one.graph.add("m")
    mine = await announce(bench)
    theirs = await announce(stranger)
    for _ in range(2):
        await work(bench)
    trace = await traces.of_event(mine)
    assert trace.other_events == []
    assert trace.message_id != (await traces.of_event(theirs)).message_id


async def test_a_message_whose_event_is_not_kept_has_what_its_row_says(house: House, traces: TraceService) -> None:
    [message_id] = await house.store(message("m"))
    trace = await traces.of_message(message_id)
    assert (trace.event_id, trace.correlation_id, trace.state) == (None, None, "stored")
    assert [state for _, state in shown(trace)] == ["done", "skipped", "skipped", "done", "done"]


async def test_a_worker_that_has_it_in_hand(bench: Bench, traces: TraceService) -> None:
    event_id = await announce(bench)
    assert "until a worker takes it" in (await traces.of_event(event_id)).steps[2].detail
    await bench.queue.take("worker", 30)
    trace = await traces.of_event(event_id)
    assert (trace.state, shown(trace)[2:4]) == ("waiting", [("queued", "done"), ("fetched", "waiting")])


async def test_unknown_ids_and_roles(house: House, traces: TraceService) -> None:
    with pytest.raises(NotFound):
        await traces.of_event(uuid.uuid4())
    for path in (f"/api/messages/{uuid.uuid4()}/trace", f"/api/events/{uuid.uuid4()}/trace"):
        assert (await house.call("GET", path, role="viewer")).status == 404
        assert (await house.call("GET", path, role=None)).status == 401
