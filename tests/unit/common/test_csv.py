from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from flovify.common.csv import line


def test_times_are_utc_and_nothing_is_an_empty_cell() -> None:
    moment = datetime(2026, 11, 22, 18, 5, 59, tzinfo=timezone(timedelta(hours=1)))
    assert line([moment, None, 7, 'a "b", c']) == '2026-11-22T17:05:59Z,,7,"a ""b"", c"\r\n'


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert line([text]).lstrip('"').startswith("'")


def test_a_line_break_stays_within_its_cell() -> None:
    assert line(["a\nb", "c\x00d"]) == '"a\nb",cd\r\n'
