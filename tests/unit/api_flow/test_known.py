from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import pytest

from flovify.api.intake.errors import OverBudget
from flovify.api.intake.known import (
    DEAF_SECONDS,
    LISTENING_SECONDS,
    STALE_SECONDS,
    UNKNOWN_SECONDS,
    KnownSubscriptions,
)
from flovify.api.intake.models import KnownSubscription
from flovify.api.intake_log.errors import NotStored
from tests.support.seconds import Seconds


class Table:
    """The rows there are, and every read of them."""

    def __init__(self) -> None:
        self.rows: dict[uuid.UUID, KnownSubscription] = {}
        self.reads: list[set[uuid.UUID]] = []
        self.hold: asyncio.Event | None = None
        self.reading = asyncio.Event()
        self.away = False

    def add(self) -> uuid.UUID:
        row = KnownSubscription(uuid.uuid4(), uuid.uuid4(), "ms365", "graph-id", b"hash", None, "")
        self.rows[row.id] = row
        return row.id

    async def read(self, row_ids: Sequence[uuid.UUID]) -> list[KnownSubscription]:
        self.reads.append(set(row_ids))
        self.reading.set()
        found = [self.rows[key] for key in row_ids if key in self.rows]
        if self.hold is not None:
            await self.hold.wait()
        if self.away:
            raise NotStored("away")
        return found


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def known(table: Table, seconds: Seconds) -> KnownSubscriptions:
    return KnownSubscriptions(table.read, seconds)


async def test_a_known_subscription_is_read_once(known: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()
    for _ in range(3):
        assert (await known.find([row_id]))[row_id] is table.rows[row_id]
    assert table.reads == [{row_id}]


async def test_whoever_asks_at_one_moment_shares_one_read(known: KnownSubscriptions, table: Table) -> None:
    ids = [table.add() for _ in range(20)]
    found = await asyncio.gather(*(known.find([first, second]) for first in ids for second in ids[:3]))
    assert all(None not in answer.values() for answer in found)
    assert table.reads == [set(ids)]


@pytest.mark.parametrize(("listening", "life"), [(True, LISTENING_SECONDS), (False, DEAF_SECONDS)])
async def test_what_is_known_is_trusted_longer_while_changes_are_announced(
    known: KnownSubscriptions, table: Table, seconds: Seconds, listening: bool, life: float
) -> None:
    row_id = table.add()
    known.listening = listening
    await known.find([row_id])
    seconds.now += life - 0.1
    await known.find([row_id])
    assert len(table.reads) == 1
    seconds.now += 0.2
    await known.find([row_id])
    assert len(table.reads) == 2


async def test_an_unknown_id_is_remembered_for_a_moment_only(
    known: KnownSubscriptions, table: Table, seconds: Seconds
) -> None:
    stranger = uuid.uuid4()
    for _ in range(3):
        assert await known.find([stranger]) == {stranger: None}
    assert len(table.reads) == 1
    seconds.now += UNKNOWN_SECONDS + 0.1
    await known.find([stranger])
    assert len(table.reads) == 2


async def test_made_up_ids_do_not_fill_the_memory(known: KnownSubscriptions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flovify.api.intake.known.MAX_UNKNOWN", 100)
    for _ in range(20):
        await known.find([uuid.uuid4() for _ in range(50)])
    assert len(known._unknown) <= 200


async def test_a_change_during_the_read_is_not_overlooked(known: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()
    table.hold = asyncio.Event()
    asking = asyncio.create_task(known.find([row_id]))
    await table.reading.wait()
    known.forget(row_id)
    table.hold.set()
    await asking
    await known.find([row_id])
    assert len(table.reads) == 2


async def test_reading_again_sees_what_has_changed(known: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()
    await known.find([row_id])
    del table.rows[row_id]
    assert await known.read_again(row_id) is None
    assert await known.find([row_id]) == {row_id: None}


async def test_one_who_gives_up_takes_the_answer_from_nobody(known: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()
    table.hold = asyncio.Event()
    impatient = asyncio.create_task(known.find([row_id]))
    patient = asyncio.create_task(known.find([row_id]))
    await table.reading.wait()
    impatient.cancel()
    table.hold.set()
    assert (await patient)[row_id] is not None


async def test_without_the_database_nobody_is_told_unknown(known: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()
    table.away = True
    with pytest.raises(NotStored):
        await known.find([row_id])
    table.away = False
    assert (await known.find([row_id]))[row_id] is not None


async def test_what_nobody_has_heard_of_is_looked_up_as_far_as_the_budget_goes(
    known: KnownSubscriptions, table: Table
) -> None:
    asked: list[int] = []

    def never(number: int) -> bool:
        asked.append(number)
        return False

    with pytest.raises(OverBudget):
        await known.find([uuid.uuid4(), uuid.uuid4()], never)
    assert (asked, table.reads) == ([2], [])


async def test_what_was_known_or_announced_is_read_at_no_charge(
    known: KnownSubscriptions, table: Table, seconds: Seconds
) -> None:
    def never(number: int) -> bool:
        raise AssertionError(f"{number} were charged")

    learnt, announced = table.add(), table.add()
    known.learn([table.rows[learnt]])
    assert (await known.find([learnt], never))[learnt] is table.rows[learnt]
    assert table.reads == []
    known.forget(announced)
    assert (await known.find([announced], never))[announced] is table.rows[announced]
    seconds.now += LISTENING_SECONDS + 1
    await known.find([learnt, announced], never)
    known.forget_all()
    await known.find([learnt, announced], never)
    assert table.reads == [{announced}, {learnt, announced}, {learnt, announced}]


async def test_a_miss_is_answered_from_memory_and_costs_nothing_again(known: KnownSubscriptions) -> None:
    stranger, asked = uuid.uuid4(), []

    def once(number: int) -> bool:
        asked.append(number)
        return len(asked) == 1

    for _ in range(3):
        assert await known.find([stranger], once) == {stranger: None}
    assert asked == [1]


async def test_of_too_many_made_up_ids_the_oldest_is_forgotten_first(
    known: KnownSubscriptions, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flovify.api.intake.known.MAX_UNKNOWN", 3)
    ids = [uuid.uuid4() for _ in range(4)]
    for row_id in ids:
        await known.find([row_id])
    await known.find(ids[1:])
    assert len(table.reads) == 4
    await known.find(ids[:1])
    assert len(table.reads) == 5


@pytest.fixture
def outliving(table: Table, seconds: Seconds) -> KnownSubscriptions:
    """With the database's absence outlived."""
    return KnownSubscriptions(table.read, seconds, stale_seconds=STALE_SECONDS)


async def test_what_is_known_outlives_the_database_for_an_hour(
    outliving: KnownSubscriptions, table: Table, seconds: Seconds
) -> None:
    row_id, quiet = table.add(), table.add()
    outliving.listening = True
    outliving.learn(table.rows.values())
    seconds.now += 100_000
    table.away = True
    outliving.forget_all()
    outliving.listening = False
    for _ in range(3):
        assert (await outliving.find([row_id, quiet]))[quiet] is table.rows[quiet]
    assert len(table.reads) == 1, "while it is away it is asked every two seconds only"
    with pytest.raises(NotStored):
        await outliving.find([row_id, uuid.uuid4()])
    seconds.now += STALE_SECONDS - 1
    assert (await outliving.find([row_id]))[row_id] is table.rows[row_id]
    seconds.now += 2
    with pytest.raises(NotStored):
        await outliving.find([row_id])


async def test_coming_and_going_does_not_make_the_hour_longer(
    outliving: KnownSubscriptions, table: Table, seconds: Seconds
) -> None:
    row_id = table.add()
    outliving.listening = True
    outliving.learn(table.rows.values())
    table.away = True
    for listening in (False, True, False):
        outliving.forget_all()
        outliving.listening = listening
        seconds.now += STALE_SECONDS / 4
        assert (await outliving.find([row_id]))[row_id] is table.rows[row_id]
    seconds.now += STALE_SECONDS / 4
    with pytest.raises(NotStored):
        await outliving.find([row_id])


async def test_a_change_that_was_heard_ends_what_was_known(outliving: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()
    outliving.learn(table.rows.values())
    table.away = True
    outliving.forget(row_id)
    with pytest.raises(NotStored):
        await outliving.find([row_id])


async def test_a_wrong_secret_takes_nothing_from_the_others_while_the_database_is_away(
    outliving: KnownSubscriptions, table: Table
) -> None:
    row_id = table.add()
    outliving.learn(table.rows.values())
    table.away = True
    with pytest.raises(NotStored):
        await outliving.read_again(row_id)
    assert (await outliving.find([row_id]))[row_id] is table.rows[row_id]
    entry = outliving.entry(row_id)
    assert entry is not None, "so that a secret found right is believed as long"
    assert outliving.entry(row_id) is entry


async def test_without_an_engine_nothing_outlives_the_database(
    known: KnownSubscriptions, table: Table, seconds: Seconds
) -> None:
    row_id = table.add()
    known.listening = True
    known.learn(table.rows.values())
    table.away = True
    seconds.now += LISTENING_SECONDS + 1
    with pytest.raises(NotStored):
        await known.find([row_id])


async def test_what_is_announced_while_all_are_read_is_read_again(outliving: KnownSubscriptions, table: Table) -> None:
    changed, same = table.add(), table.add()

    async def read_all() -> list[KnownSubscription]:
        outliving.forget(changed)
        return list(table.rows.values())

    await outliving.learn_all(read_all)
    assert outliving.entry(changed) is None
    assert outliving.entry(same) is not None
    assert await outliving.read_heard() is False
    assert outliving.entry(changed) is not None


async def test_what_was_read_before_a_gap_is_not_learnt_after_it(outliving: KnownSubscriptions, table: Table) -> None:
    row_id = table.add()

    async def read_all() -> list[KnownSubscription]:
        outliving.forget_all()
        return list(table.rows.values())

    await outliving.learn_all(read_all)
    assert outliving.entry(row_id) is None
