from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.sandbox.graph.errors import GraphError
from flovify.sandbox.graph.filters import compile_filter

MESSAGE: dict[str, Any] = {
    "receivedDateTime": "2026-11-23T09:00:00Z",
    "isRead": False,
    "subject": "It's an Order",
    "from/emailAddress/address": "Ada@example.com",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("receivedDateTime ge 2026-11-23T09:00:00Z", True),
        ("receivedDateTime gt 2026-11-23T09:00:00Z", False),
        ("receivedDateTime lt 2026-11-23T09:59:59.1234567+01:00", False),
        ("receivedDateTime le 2026-11-23T10:30:00+01:00", True),
        ("receivedDateTime ge 2026-11-24", False),
        ("isRead eq false", True),
        ("isRead ne false", False),
        ("not (isRead eq true)", True),
        ("subject eq 'it''s an order'", True),
        ("startswith(subject,'it')", True),
        ("contains(subject, 'none') or endswith(subject,'ORDER')", True),
        ("from/emailAddress/address eq 'ada@EXAMPLE.com' and isRead eq true", False),
        ("isRead eq true or isRead eq false and isRead eq true", False),
        ("isRead gt 'text'", False),
        ("subject eq null", False),
        ("subject ne null", True),
    ],
)
def test_filters_choose_as_odata_says(text: str, expected: bool) -> None:
    assert compile_filter(text).matches(MESSAGE.get) is expected


@pytest.mark.parametrize(
    "text",
    ["isRead", "isRead eq", "isRead is true", "(isRead eq true", "isRead eq true)", "eq eq eq", "'a' eq 'a'", "§",
     "contains(subject)", "isRead eq true and", "(" * 100 + "isRead eq true", "isRead eq true " * 400,
     "receivedDateTime ge 2026-99-99T00:00:00Z"],
)  # fmt: skip
def test_what_cannot_be_read_is_a_bad_request(text: str) -> None:
    with pytest.raises(GraphError) as refused:
        compile_filter(text)
    assert refused.value.status == 400


@given(st.text(alphabet="abc ()',.eqandotr0123456789-TZ:/$", max_size=60))
def test_no_filter_makes_it_fail_otherwise(text: str) -> None:
    try:
        compile_filter(text).matches(MESSAGE.get)
    except GraphError as error:
        assert error.status == 400  # noqa: PT017 - both outcomes are good, any other exception is not
