from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flovify.api.intake.errors import Refused
from flovify.api.intake.handshake import has_token, read_token
from flovify.api.intake.parse import Item, parse, resource_id_and_etag, stored_json

SECRET = "1." + "A" * 22 + "." + "B" * 43
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)
fields = st.sampled_from(["clientState", "subscriptionId", "changeType", "resourceData", "tenantId", "other"])
items = st.dictionaries(fields, anything | st.just(SECRET), max_size=6)


@given(st.binary(max_size=300) | st.builds(lambda value: json.dumps(value).encode(), anything))
@example(b'{"value":2}')
@example(b'{"value":[' + b"[" * 5000)
@example(b'{"x":' + b'{"a":' * 5000)
@example(b"\xff\xfe{\x00")
def test_whatever_comes_is_parsed_or_refused_with_400(body: bytes) -> None:
    outcome = parse_or_status(body)
    assert outcome == 400 or isinstance(outcome, list)
    if isinstance(outcome, list):
        assert all(isinstance(item, Item) for item in outcome)


def parse_or_status(body: bytes) -> list[Item] | int:
    try:
        return parse(body)[0]
    except Refused as refused:
        return refused.status


@given(st.lists(items, max_size=5))
def test_a_list_of_objects_is_taken_item_by_item_and_its_trace_can_be_stored(values: list[dict[str, Any]]) -> None:
    body = json.dumps({"value": values}).encode()
    try:
        parsed, malformed = parse(body)
    except Refused:
        # Python writes NaN and infinities, which are no JSON, and lone surrogates, which are no Unicode.
        assert b"NaN" in body or b"Infinity" in body or b"\\ud" in body
        return
    assert len(parsed) + malformed == len(values)
    for item in parsed:
        resource_id_and_etag(item.notification.resource_data)
        if item.notification.client_state == SECRET:
            stored = stored_json(item)
            assert SECRET not in stored
            assert "\x00" not in json.dumps(json.loads(stored), ensure_ascii=False)


def test_a_secret_written_with_escapes_is_taken_out_of_the_trace_too() -> None:
    escaped = "\\u0031" + SECRET[1:]
    (item,), _ = parse(f'{{"value":[{{"clientState":"{escaped}","id":"x"}}]}}'.encode())
    assert item.notification.client_state == SECRET
    assert json.loads(stored_json(item)) == {"clientState": "***", "id": "x"}


def test_a_backslash_before_what_looks_like_a_nul_stays_valid_json() -> None:
    (item,), _ = parse(b'{"value":[{"a":"\\\\u0000","b":"\\u0000"}]}')
    assert json.loads(stored_json(item))["b"] == "\ufffd"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"id": "a", "@odata.etag": 'W/"1"'}, ("a", 'W/"1"')),
        ({"id": "a"}, ("a", None)),
        ({"id": "", "@odata.etag": 1}, (None, None)),
        ({"id": "a" * 1025}, (None, None)),
        ({"id": "a\x00"}, (None, None)),
        ([], (None, None)),
        (None, (None, None)),
    ],
)
def test_only_usable_ids_are_used(value: object, found: tuple[str | None, str | None]) -> None:
    assert resource_id_and_etag(value) == found


@given(st.binary(max_size=200))
def test_only_harmless_tokens_are_echoed(query: bytes) -> None:
    token = read_token(query)
    if token is not None:
        assert has_token(query)
        assert all(0x20 <= byte < 0x7F and byte not in b"<>" for byte in token)


def test_the_token_of_a_real_validation_comes_back_with_spaces() -> None:
    query = b"validationToken=Validation%3a+Testing+client+application+reachability+for+subscription+Request-Id%3a+1"
    assert read_token(b"a=b&" + query) == (
        b"Validation: Testing client application reachability for subscription Request-Id: 1"
    )
