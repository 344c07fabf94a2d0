from __future__ import annotations

import pytest

from flovify.common import api_keys


def test_a_key_is_long_random_and_recognised() -> None:
    made = {api_keys.make() for _ in range(200)}
    assert len(made) == 200
    for key in made:
        assert key.startswith("flv_")
        assert len(key) == 50
        assert key.isascii()
        assert key[4:].isalnum()
        assert api_keys.is_key(key)
        assert api_keys.is_well_formed(key)
    assert len({api_keys.digest(key) for key in made}) == 200


def test_a_slip_of_the_pen_is_noticed() -> None:
    key = api_keys.make()
    for place in range(4, len(key)):
        other = "A" if key[place] != "A" else "B"
        assert not api_keys.is_well_formed(key[:place] + other + key[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "flv_", "flv_é" + "x" * 45, "FLV_" + "0" * 46, "eyJhbGciOiJFZERTQSJ9.e30.x", "flv_\x00"]
)
def test_what_is_no_key(text: str) -> None:
    assert not api_keys.is_well_formed(text)
    assert not api_keys.is_well_formed(api_keys.make() + text[:1] + " ")
