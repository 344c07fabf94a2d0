from __future__ import annotations

import json

from flovify.common.readings.models import Reading, Values, from_json, to_json

VALUES: Values = {"a": {(): 1.5}, "b": {("x",): 1.0, ("y",): 2.0}, "c": {("x", "y"): 3.0}, "d": {}}


def test_a_reading_comes_back_as_it_was_kept() -> None:
    assert from_json(json.loads(json.dumps(to_json(VALUES)))) == VALUES


def test_what_is_not_known_is_none() -> None:
    reading = Reading(VALUES, 0.0)
    assert (reading.get("a"), reading.get("b", "y"), reading.get("c", "x", "y")) == (1.5, 2.0, 3.0)
    assert (reading.get("b"), reading.get("b", "z"), reading.get("d"), reading.get("e")) == (None,) * 4
