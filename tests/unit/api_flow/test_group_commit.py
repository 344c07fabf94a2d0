from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Sequence

import pytest

from flovify.api.intake import group_commit
from flovify.api.intake.errors import Overloaded
from flovify.api.intake.group_commit import GroupCommit
from flovify.api.intake_log.errors import NotStored, RowsRefused
from flovify.api.intake_log.models import EventRow, to_row
from flovify.api.queue.models import NewEvent, new_event_id


def event(key: str, item: str = "{}") -> EventRow:
    made = NewEvent(new_event_id(), uuid.uuid4(), "ms365", key, uuid.uuid4(), None, "change", "created", "m", item)
    return to_row(made)


class Recorder:
    """Keeps what was written, group by group; refuses events whose item says so."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.closed = 0

    async def write(self, events: Sequence[EventRow]) -> None:
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        if any(item.item == "refuse" or item.event_key == "never" for item in events):
            raise RowsRefused("DataError")
        self.groups.append([item.event_key for item in events])

    async def close(self) -> None:
        self.closed += 1


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
async def commit(recorder: Recorder) -> AsyncIterator[GroupCommit]:
    made = GroupCommit(lambda: recorder)
    made.start()
    yield made
    recorder.gate.set()
    await made.stop()
    assert recorder.closed == 2


async def fill_both_flushers(commit: GroupCommit, recorder: Recorder) -> list[asyncio.Task[None]]:
    """Two requests that keep the flushers busy until the gate opens."""
    recorder.gate.clear()
    busy = []
    for number in range(2):
        busy.append(asyncio.create_task(commit.submit([event(f"busy-{number}")])))
        for _ in range(5):
            await asyncio.sleep(0)
    return busy


def written(recorder: Recorder) -> list[list[str]]:
    """The groups but those of the two busy requests."""
    return [group for group in recorder.groups if not group[0].startswith("busy-")]


async def test_requests_that_wait_together_are_committed_together(commit: GroupCommit, recorder: Recorder) -> None:
    busy = await fill_both_flushers(commit, recorder)
    waiting = [asyncio.create_task(commit.submit([event(f"{number}")])) for number in range(50)]
    await asyncio.sleep(0)
    assert not any(task.done() for task in [*busy, *waiting])
    recorder.gate.set()
    await asyncio.gather(*busy, *waiting)
    assert written(recorder) == [[f"{number}" for number in range(50)]]


async def test_the_same_event_of_several_requests_is_written_once(commit: GroupCommit, recorder: Recorder) -> None:
    busy = await fill_both_flushers(commit, recorder)
    waiting = [asyncio.create_task(commit.submit([event("same")])) for _ in range(100)]
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.gather(*busy, *waiting)
    assert written(recorder) == [["same"]]


async def test_groups_have_a_largest_size(
    commit: GroupCommit, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_GROUP_EVENTS", 10)
    busy = await fill_both_flushers(commit, recorder)
    waiting = [
        asyncio.create_task(commit.submit([event(f"{number}-{part}") for part in range(4)])) for number in range(5)
    ]
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.gather(*busy, *waiting)
    assert sorted(len(group) for group in written(recorder)) == [4, 8, 8]


async def test_one_bad_event_fails_only_its_own_request_and_loses_only_its_trace_if_that_helps(
    commit: GroupCommit, recorder: Recorder
) -> None:
    busy = await fill_both_flushers(commit, recorder)
    good = asyncio.create_task(commit.submit([event("good")]))
    odd = asyncio.create_task(commit.submit([event("odd", "refuse")]))
    never = asyncio.create_task(commit.submit([event("fine"), event("never")]))
    await asyncio.sleep(0)
    recorder.gate.set()
    results = await asyncio.gather(*busy, good, odd, never, return_exceptions=True)
    assert results[:4] == [None] * 4
    assert isinstance(results[4], NotStored)
    assert written(recorder) == [["good"], ["odd"], ["fine"]]


@pytest.mark.parametrize("error", [NotStored("away"), RuntimeError("a mistake")])
async def test_when_nothing_can_be_written_everybody_is_told(
    commit: GroupCommit, recorder: Recorder, error: Exception
) -> None:
    recorder.error = error
    with pytest.raises(NotStored):
        await commit.submit([event("a")])
    recorder.error = None
    await commit.submit([event("a")])
    assert recorder.groups == [["a"]]


async def test_a_request_that_gave_up_is_not_written_any_more(commit: GroupCommit, recorder: Recorder) -> None:
    busy = await fill_both_flushers(commit, recorder)
    impatient = asyncio.create_task(commit.submit([event("late")]))
    await asyncio.sleep(0)
    impatient.cancel()
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.gather(*busy)
    await commit.submit([event("next")])
    assert written(recorder) == [["next"]]


async def test_too_much_at_once_is_refused_and_the_rest_goes_on(
    commit: GroupCommit, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MAX_WAITING_EVENTS", 3)
    busy = await fill_both_flushers(commit, recorder)
    waiting = asyncio.create_task(commit.submit([event("a"), event("b")]))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await commit.submit([event("c"), event("d")])
    recorder.gate.set()
    await asyncio.gather(*busy, waiting)
    await commit.submit([event("c"), event("d")])


async def test_a_request_that_waits_too_long_is_told_so_and_what_it_brought_may_be_written_all_the_same(
    recorder: Recorder,
) -> None:
    commit = GroupCommit(lambda: recorder, wait_seconds=0.15)
    commit.start()
    busy = await fill_both_flushers(commit, recorder)
    late = asyncio.create_task(commit.submit([event("late")]))
    for request in (*busy, late):
        with pytest.raises(NotStored, match="too_slow"):
            await request
    fresh = asyncio.create_task(commit.submit([event("fresh")]))
    await asyncio.sleep(0)
    recorder.gate.set()
    await fresh
    assert written(recorder) == [["fresh"]], "who was answered is not written any more, if that had not begun"
    await commit.stop()


async def test_a_mistake_outside_of_the_database_ends_no_flusher(
    commit: GroupCommit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_group: object) -> None:
        raise RuntimeError("a mistake")

    for name in ("_distinct", "_tell"):
        with monkeypatch.context() as patch:
            patch.setattr(group_commit, name, broken)
            results = await asyncio.gather(*(commit.submit([event(f"{n}")]) for n in range(4)), return_exceptions=True)
        assert {type(result) for result in results} == {NotStored if name == "_distinct" else type(None)}
    await commit.submit([event("next")])


async def test_stopping_writes_what_waits_and_takes_no_more(recorder: Recorder) -> None:
    commit = GroupCommit(lambda: recorder)
    commit.start()
    busy = await fill_both_flushers(commit, recorder)
    waiting = asyncio.create_task(commit.submit([event("last")]))
    await asyncio.sleep(0)
    stopping = asyncio.create_task(commit.stop())
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await commit.submit([event("too late")])
    recorder.gate.set()
    await asyncio.gather(*busy, waiting, stopping)
    assert ["last"] in recorder.groups
