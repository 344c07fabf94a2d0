from __future__ import annotations

from datetime import timedelta

import pytest

from flovify.auth.audit.handouts.rules import Kind, Minute, Usual, is_unusual, unusual

DAY = timedelta(days=1)


def minute(kind: Kind, count: int, median: float, reach: timedelta = DAY) -> Minute:
    return Minute(kind, "s", count, Usual(median, reach))


@pytest.mark.parametrize(
    ("count", "median", "alarm"),
    [
        (21, 1, True),
        (20, 1, False),
        (24, 5, False),
        (25, 5, True),
        (30, 10, False),
        (31, 10, True),
        (300, 100, False),
        (301, 100, True),
        (23, 2.5, True),
        (22, 2.5, False),
    ],
)
def test_many_accounts_at_once(count: int, median: float, alarm: bool) -> None:
    assert is_unusual(minute(Kind.TENANTS, count, median)) is alarm


@pytest.mark.parametrize(
    ("count", "median", "alarm"),
    [
        (60, 1, False),
        (61, 1, True),
        (61, 6, True),
        (61, 6.1, False),
        (100, 10, False),
        (101, 10, True),
        (61, 0.5, True),
    ],
)
def test_one_account_over_and_over(count: int, median: float, alarm: bool) -> None:
    assert is_unusual(minute(Kind.ONE_TENANT, count, median)) is alarm


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_is_unusual_before_half_an_hour_is_known(kind: Kind) -> None:
    assert not is_unusual(Minute(kind, "s", 10_000, None))
    assert not is_unusual(minute(kind, 10_000, 1, timedelta(minutes=29)))
    assert is_unusual(minute(kind, 10_000, 1, timedelta(minutes=30)))


def test_only_what_is_unusual_is_left() -> None:
    quiet, loud = minute(Kind.ONE_TENANT, 3, 1), minute(Kind.ONE_TENANT, 500, 1)
    assert unusual([quiet, loud]) == [loud]
