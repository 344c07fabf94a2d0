from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flovify.api.overview import series
from flovify.api.overview.schemas import Period
from flovify.common.errors import InvalidRequest

NOW = datetime(2026, 11, 22, 18, 5, 59, tzinfo=UTC)


@pytest.mark.parametrize(("period", "seconds", "count"), [("1h", 60, 60), ("24h", 1800, 48), ("7d", 21_600, 28)])
def test_columns_are_even_and_the_last_one_has_now_in_it(period: Period, seconds: int, count: int) -> None:
    begun = series.starts(period, NOW, UTC)
    assert len(begun) == count
    assert {after - before for before, after in itertools.pairwise(begun)} == {timedelta(seconds=seconds)}
    assert begun[-1] <= NOW < begun[-1] + timedelta(seconds=seconds)


def test_a_day_on_which_the_clock_changes_is_one_column_of_25_hours() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begun = series.starts("30d", NOW, berlin)
    lengths = [after - before for before, after in itertools.pairwise(begun)]
    assert lengths.count(timedelta(hours=25)) == 1, "25 October 2026"
    assert set(lengths) == {timedelta(hours=24), timedelta(hours=25)}
    assert {moment.astimezone(berlin).hour for moment in begun} == {0}


def test_utc_needs_no_time_zone_data_and_nonsense_is_refused() -> None:
    assert series.zone("UTC") is UTC
    for name in ("Mars/Olympus", "", "/etc/passwd", "../x"):
        with pytest.raises(InvalidRequest):
            series.zone(name)
