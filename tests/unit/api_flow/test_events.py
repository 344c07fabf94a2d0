from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest

from flovify.api.intake.events import event_key, to_event
from flovify.api.intake.models import KnownSubscription
from flovify.api.intake.parse import parse
from flovify.api.queue.models import NewEvent, new_event_id

KNOWN = KnownSubscription(uuid.uuid4(), uuid.uuid4(), "ms365", "graph-id", b"", None, "")


def event(**fields: Any) -> NewEvent:
    (item,), _ = parse(json.dumps({"value": [{"clientState": "s", **fields}]}).encode())
    return to_event(item, KNOWN)


def change(change_type: str, message_id: str, etag: str | None = None, **fields: Any) -> NewEvent:
    data = {"id": message_id} | ({"@odata.etag": etag} if etag else {})
    return event(changeType=change_type, resourceData=data, **fields)


def test_the_key_tells_apart_message_change_and_etag_and_nothing_else() -> None:
    same = {change("created", "m", "1", more=number).event_key for number in range(3)}
    others = {
        change("updated", "m", "1").event_key,
        change("created", "n", "1").event_key,
        change("created", "m", "2").event_key,
    }
    assert len(same) == 1
    assert len(same | others) == 4


def test_without_an_etag_only_a_true_repetition_is_the_same_event() -> None:
    assert change("deleted", "m", day=1).event_key == change("deleted", "m", day=1).event_key
    assert change("deleted", "m", day=1).event_key != change("deleted", "m", day=2).event_key


def test_parts_of_a_key_do_not_run_into_each_other() -> None:
    assert event_key("a", "b", "c", "d") != event_key("a", "bc", "", "d")
    assert len(event_key("a", "\ud800", "c", "d")) == 40


def test_repeated_lifecycle_events_are_one_for_a_while_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)
    first = event(lifecycleEvent="reauthorizationRequired").event_key
    monkeypatch.setattr(time, "time", lambda: now + 200)
    assert event(lifecycleEvent="reauthorizationRequired").event_key == first
    assert event(lifecycleEvent="subscriptionRemoved").event_key != first
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert event(lifecycleEvent="reauthorizationRequired").event_key != first


def test_ids_are_version_7_and_order_by_time() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_event_id())
        start = time.time_ns() // 1_000_000
        while time.time_ns() // 1_000_000 == start:
            continue
    assert ids == sorted(ids)
    assert {(item.version, item.variant) for item in ids} == {(7, uuid.RFC_4122)}
