from __future__ import annotations

import base64
import copy
import json
import pickle
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flovify.auth.errors import VaultTampered
from flovify.auth.vault.cipher import (
    DataKey,
    Place,
    SecretText,
    data_key,
    decrypt_token,
    encrypt_token,
    prefixed,
    unwrap,
    wrap,
)
from flovify.auth.vault.keyring import Keyring, key_id

SECRET = "refresh-canary-with-ünïcode-0123456789"
KEYS = [data_key(bytes([number]) * 32) for number in range(1, 4)]
OWNERS = [uuid.UUID(int=number) for number in range(1, 4)]
PURPOSES = ["access", "refresh", "pkce_verifier/ab"]
PLACES = st.builds(Place, st.sampled_from(OWNERS), st.sampled_from(PURPOSES), st.integers(0, 3))
ROWS = st.tuples(st.sampled_from(KEYS), PLACES)


@settings(max_examples=200)
@given(ROWS, ROWS)
def test_a_value_swapped_between_rows_opens_only_in_its_own(
    written: tuple[DataKey, Place], read: tuple[DataKey, Place]
) -> None:
    sealed = encrypt_token(SECRET, *written)
    if written == read:
        assert decrypt_token(sealed, *read).reveal() == SECRET
        return
    with pytest.raises(VaultTampered):
        decrypt_token(sealed, *read)


def test_every_flipped_bit_of_the_stored_bytes_is_refused() -> None:
    key, place = KEYS[0], Place(OWNERS[0], "refresh", 7)
    blob = base64.urlsafe_b64decode(encrypt_token(SECRET, key, place))
    for position in range(len(blob) * 8):
        changed = bytearray(blob)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(VaultTampered):
            decrypt_token(base64.urlsafe_b64encode(bytes(changed)).decode(), key, place)


def test_every_changed_character_of_the_stored_text_is_refused() -> None:
    key, place = KEYS[0], Place(OWNERS[0], "refresh", 7)
    sealed = encrypt_token(SECRET, key, place)
    for position, old in enumerate(sealed):
        for new in {"A", "B", "_", "=", "\n", "é"} - {old}:
            with pytest.raises(VaultTampered):
                decrypt_token(sealed[:position] + new + sealed[position + 1 :], key, place)


@given(st.text(max_size=200))
def test_anything_else_in_the_column_is_refused(text: str) -> None:
    with pytest.raises(VaultTampered):
        decrypt_token(text, KEYS[0], Place(OWNERS[0], "access", 1))


@pytest.mark.parametrize("cut", [0, 1, 4, 5, 16, 17, 32, -1])
def test_a_truncated_value_is_refused(cut: int) -> None:
    key, place = KEYS[0], Place(OWNERS[0], "access", 1)
    blob = base64.urlsafe_b64decode(encrypt_token(SECRET, key, place))
    with pytest.raises(VaultTampered):
        decrypt_token(base64.urlsafe_b64encode(blob[:cut]).decode(), key, place)


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    place = Place(OWNERS[0], "access", 1)
    assert len({encrypt_token(SECRET, KEYS[0], place) for _ in range(50)}) == 50


def test_lengths_before_words_keep_neighbours_apart() -> None:
    assert prefixed("tenant1", "1refresh") != prefixed("tenant11", "refresh")
    assert prefixed("a", "") != prefixed("", "a")


@pytest.mark.parametrize(
    "other", [("flovify/dek/1", "k2", "o1"), ("flovify/dek/1", "k1", "o2"), ("flovify/dek/1k", "1", "o1")]
)
def test_a_wrapped_key_opens_only_with_the_words_it_was_wrapped_for(other: tuple[str, ...]) -> None:
    key = bytes(range(32))
    wrapped = wrap(b"k" * 32, key, "flovify/dek/1", "k1", "o1")
    assert unwrap(wrapped, key, "flovify/dek/1", "k1", "o1") == b"k" * 32
    with pytest.raises(VaultTampered):
        unwrap(wrapped, key, *other)
    with pytest.raises(VaultTampered):
        unwrap(wrapped, bytes(reversed(range(32))), "flovify/dek/1", "k1", "o1")


def test_the_key_id_of_the_environment_s_key_tells_nothing_of_it() -> None:
    key = bytes(range(32))
    ring = Keyring([key, b"\x05" * 32])
    assert ring.current_id == key_id(key)
    assert bytes.fromhex(ring.current_id) not in key
    assert ring.get(key_id(b"\x05" * 32)) != b"\x05" * 32
    assert "ffffffff" not in ring


def test_a_secret_shows_itself_nowhere_but_on_request() -> None:
    secret = SecretText(SECRET)
    assert SECRET not in f"{secret!r} {secret} {[secret]} {vars(Place(OWNERS[0], 'x'))}"
    assert secret.reveal() == SECRET
    for leak in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            leak(secret)
    assert KEYS[0].value.hex() not in repr(KEYS[0])


def test_a_data_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        data_key(b"short")
