from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flovify.api.subscriptions import client_state

KEY, OLD_KEY = "k" * 20, "o" * 20


@given(st.uuids())
def test_row_id_comes_out_of_the_secret(row_id: uuid.UUID) -> None:
    secret = client_state.make(row_id)
    assert len(secret) == 68
    assert secret.isascii()
    assert client_state.parse(secret) == row_id


def test_two_secrets_of_one_row_differ() -> None:
    row_id = uuid.uuid4()
    assert client_state.make(row_id) != client_state.make(row_id)


@given(st.text(max_size=200))
def test_any_text_is_judged_without_an_error(value: str) -> None:
    assert client_state.parse(value) is None
    assert not client_state.validate_client_state(value, [client_state.digest("other", KEY), None], [KEY])


@pytest.mark.parametrize(
    "value",
    ["", "é", "\ud800", "\x00", "1..", "2." + "A" * 22 + "." + "A" * 43, "1." + "A" * 22 + "." + "A" * 43 + "\n"],
)
def test_what_is_not_our_form_has_no_row(value: str) -> None:
    assert client_state.parse(value) is None


def test_secret_is_valid_under_either_key_and_either_hash() -> None:
    secret = client_state.make(uuid.uuid4())
    new, old = client_state.digest(secret, KEY), client_state.digest(secret, OLD_KEY)
    unrelated = client_state.digest("x", KEY)
    assert client_state.validate_client_state(secret, [new], [KEY])
    assert client_state.validate_client_state(secret, [unrelated, old], [KEY, OLD_KEY])
    assert not client_state.validate_client_state(secret, [old], [KEY])
    assert not client_state.validate_client_state(secret, [None, None], [KEY])
    assert not client_state.validate_client_state(secret[:-1] + ("A" if secret[-1] != "A" else "B"), [new], [KEY])


def test_hash_tells_nothing_without_the_key() -> None:
    secret = client_state.make(uuid.uuid4())
    assert client_state.digest(secret, KEY) != client_state.digest(secret, OLD_KEY)
    assert secret.encode() not in client_state.digest(secret, KEY)
