from __future__ import annotations

import re

import pytest

from flovify.api.subscriptions import client_state
from flovify.api.subscriptions.keys.models import Keyring, KeyState

NEW, OLD, GONE = "new-key-0123456789abcdef", "old-key-0123456789abcdef", "gone-key-0123456789abcde"
NEW_ID, OLD_ID, GONE_ID = map(client_state.key_id, (NEW, OLD, GONE))


def test_a_keys_id_is_always_the_same_eight_digits() -> None:
    # Written in rows: another way to make it would leave every subscription under a key that nobody has.
    assert client_state.key_id(NEW) == "f5e71b75"
    assert len({NEW_ID, OLD_ID, GONE_ID}) == 3
    assert all(re.fullmatch("[0-9a-f]{8}", one) for one in (NEW_ID, OLD_ID, GONE_ID))


def test_the_ids_label_can_be_no_secret() -> None:
    assert client_state.parse(client_state.KEY_ID_LABEL) is None


@pytest.mark.parametrize(
    ("keys", "key_id", "outdated", "missing"),
    [
        ([NEW, OLD], NEW_ID, False, False),
        ([NEW, OLD], OLD_ID, True, False),
        ([NEW, OLD], None, True, False),
        ([NEW, OLD], GONE_ID, False, True),
        ([NEW], None, True, False),
        ([NEW], OLD_ID, False, True),
        ([NEW, OLD, NEW], NEW_ID, False, False),
    ],
)
def test_what_changes_over_to_the_first_key(keys: list[str], key_id: str | None, outdated: bool, missing: bool) -> None:
    keyring = Keyring(keys)
    assert (keyring.is_outdated(key_id), keyring.is_missing(key_id)) == (outdated, missing)


def test_every_key_stands_in_the_table_once_with_its_rows() -> None:
    uses = Keyring([NEW, OLD]).uses({OLD_ID: 3, GONE_ID: 2, None: 1})
    assert [(use.id, use.state, use.subscriptions) for use in uses] == [
        (NEW_ID, KeyState.FIRST, 0),
        (OLD_ID, KeyState.ACCEPTED, 3),
        (GONE_ID, KeyState.MISSING, 2),
        (None, KeyState.UNKNOWN, 1),
    ]
    assert [use.id for use in Keyring([NEW]).uses({NEW_ID: 1})] == [NEW_ID]


def test_new_hashes_are_made_by_the_first_key() -> None:
    assert Keyring([NEW, OLD]).digest("secret") == client_state.digest("secret", NEW)
    assert NEW not in repr(Keyring([NEW]))
