from __future__ import annotations

import uuid

from flovify.common.uuid7 import neighbours, uuid7

EARLY, LATE = uuid.UUID("019aa000-0000-7000-8000-000000000000"), uuid.UUID("019aa000-2710-7fff-bfff-ffffffffffff")


def test_ids_are_version_7_and_order_by_their_making() -> None:
    made = [uuid7() for _ in range(1000)]
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)
    assert len(set(made)) == len(made)


def test_neighbours_are_what_was_made_within_some_seconds() -> None:
    low, high = neighbours(EARLY, 10.0) or (LATE, EARLY)
    assert low < EARLY <= LATE <= high
    assert (high.int >> 80) - (low.int >> 80) == 20_000
    assert neighbours(uuid.UUID(int=7 << 76 | 8 << 60), 10.0) is not None, "the first one of all has no earlier ones"


def test_another_version_does_not_say_when_it_was_made() -> None:
    assert neighbours(uuid.uuid4(), 10.0) is None
