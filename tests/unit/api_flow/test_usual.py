"""The short way of a usual request comes to what the long way comes to, or leaves the request to it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flovify.api.intake.events import to_event
from flovify.api.intake.known import KnownSubscriptions
from flovify.api.intake.models import KnownSubscription
from flovify.api.intake.parse import parse
from flovify.api.intake.usual import usual_rows
from flovify.api.intake.verified import VerifiedSecrets
from flovify.api.intake_log.models import SEPARATOR, EventRow, to_row

CORRELATION = "018f3a5e-0000-7000-8000-000000000001"
TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"


class House:
    """Two known subscriptions whose secrets were found right; the second is a personal account's."""

    def __init__(self) -> None:
        self.now = 0.0
        self.rows = [
            KnownSubscription(uuid.uuid4(), uuid.uuid4(), "ms365", f"sub-{n}", b"", None, tenant)
            for n, tenant in enumerate((TENANT.upper(), ""))
        ]
        self.known = KnownSubscriptions(self._read, lambda: self.now)
        self.known.learn(self.rows)
        self.verified = VerifiedSecrets(self.known)
        for number, row in enumerate(self.rows):
            self.verified.remember(f"secret-{number}", row)

    async def _read(self, _ids: object) -> list[KnownSubscription]:
        raise AssertionError("nothing is to be read")

    def usual(self, *items: Any, body: bytes | None = None) -> list[EventRow] | None:
        content = json.dumps({"value": list(items)}).encode() if body is None else body
        return usual_rows(content, self.verified, CORRELATION)

    def long_way(self, body: bytes) -> list[EventRow]:
        items, malformed = parse(body)
        assert not malformed
        by_secret = {f"secret-{number}": row for number, row in enumerate(self.rows)}
        return [
            to_row(to_event(item, by_secret[item.notification.client_state], uuid.UUID(CORRELATION))) for item in items
        ]


@pytest.fixture(scope="module")
def house() -> House:
    return House()


def item(number: int = 0, message_id: str = "AAMk=", **more: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "subscriptionId": f"sub-{number}",
        "subscriptionExpirationDateTime": "2026-12-01T11:00:00.0000000+05:30",
        "changeType": "created",
        "resource": f"Users/u/Messages/{message_id}",
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": f"Users/u/Messages/{message_id}",
            "@odata.etag": 'W/"CQAAABYA+/="',
            "id": message_id,
        },
        "clientState": f"secret-{number}",
        "tenantId": TENANT if number == 0 else "",
    }
    return {key: value for key, value in (made | more).items() if value is not ...}


def same(one: list[EventRow], other: list[EventRow]) -> bool:
    """All but the events' own ids, and how their JSON is written."""

    def bare(row: EventRow) -> EventRow:
        return row._replace(id="", item=json.dumps(json.loads(row.item), sort_keys=True))

    return [bare(row) for row in one] == [bare(row) for row in other]


@pytest.mark.parametrize(
    "items",
    [
        [item()],
        [item(0, "a"), item(1, "b"), item(0, "c", changeType="deleted")],
        [item(id="lsgTZMr9KwAAA")],
        [item(tenantId=None)],
        [item(tenantId=...)],
        [item(resource=..., subscriptionExpirationDateTime=...)],
        [item(0, '\u00e4\u6f22\U0001f4e7/+"\\')],
        [item(0, "m" * 1024)],
    ],
)  # fmt: skip
def test_a_usual_request_gives_the_long_way_s_events(house: House, items: list[Any]) -> None:
    body = json.dumps({"value": items}).encode()
    rows = house.usual(body=body)
    assert rows is not None
    assert same(rows, house.long_way(body))
    assert "secret" not in str(rows)
    assert len({row.id for row in rows}) == len(items)
    assert sorted(row.id for row in rows) == [row.id for row in rows], "in the order of the request"
    assert all(uuid.UUID(row.id).version == 7 for row in rows)


@pytest.mark.parametrize(
    "items",
    [
        [],
        [item(clientState="secret-9")],
        [item(clientState=...)],
        [item(), item(1, clientState="secret-0")],
        [item(subscriptionId="SUB-0")],
        [item(tenantId="another")],
        [item(changeType="created,updated")],
        [item(changeType=..., lifecycleEvent="missed")],
        [item(resourceData=...)],
        [item(resourceData={"id": "m"})],
        [item(resourceData={"id": "", "@odata.etag": "e"})],
        [item(resourceData={"id": "m", "@odata.etag": ""})],
        [item(resourceData={"id": "m", "@odata.etag": "e", "number": 1})],
        [item(0, "m" * 1025)],
        [item(0, "a\x00b")],
        [item(0, f"a{SEPARATOR}b")],
        [item(sequenceNumber=1)],
        [item(resource="of secret-0 here")],
        [item(encryptedContent={})],
        [item()] * 1001,
    ],
)
def test_whatever_is_otherwise_takes_the_long_way(house: House, items: list[Any]) -> None:
    assert house.usual(*items) is None


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"value":1}', b'{"value":[]}', b"\xff", b'{"value":[{"clientState":"\xff"}]}', b"[" * 100_000],
)
def test_what_is_no_notification_takes_the_long_way_which_refuses_it(house: House, body: bytes) -> None:
    assert house.usual(body=body) is None


_SPECIAL = ("", "m", "\u0000", "\u001e", "sub-0", "secret-1", "created", 'W/"1"', TENANT)
_TEXTS = st.sampled_from(_SPECIAL) | st.text(max_size=8)
_FIELDS = st.sampled_from([*item(), "lifecycleEvent", "id", "x"])
_VALUES = st.none() | st.integers() | st.floats(allow_nan=False) | _TEXTS | st.lists(st.integers(), max_size=2)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.dictionaries(_FIELDS, _VALUES, max_size=2), min_size=1, max_size=3), st.booleans())
def test_no_change_of_any_field_makes_the_two_ways_differ(
    house: House, changes: list[dict[str, Any]], plain: bool
) -> None:
    body = json.dumps(
        {"value": [item(number % 2, **change) for number, change in enumerate(changes)]}, ensure_ascii=plain
    ).encode("utf-8", "surrogatepass")
    rows = house.usual(body=body)
    assert rows is None or same(rows, house.long_way(body))


def test_a_secret_is_believed_only_while_what_is_known_of_its_subscription_is_the_same() -> None:
    house = House()
    assert house.usual(item(), item(1)) is not None
    house.known.forget(house.rows[0].id)
    assert house.usual(item()) is None, "something was announced"
    house.known.learn(house.rows[:1])
    assert house.usual(item()) is None, "it has to be found right again"
    house.verified.remember("secret-0", house.rows[0])
    assert house.usual(item()) is not None
    house.now = 1000.0
    assert house.usual(item(1)) is None, "what is known is too old"


def test_a_secret_is_not_remembered_for_what_is_known_no_more_or_has_no_id_yet() -> None:
    house = House()
    stranger = KnownSubscription(uuid.uuid4(), uuid.uuid4(), "ms365", "sub-0", b"", None, "")
    house.verified.remember("stranger", stranger)
    assert house.usual(item(clientState="stranger")) is None
    creating = KnownSubscription(uuid.uuid4(), uuid.uuid4(), "ms365", None, b"", None, "")
    house.known.learn([creating])
    house.verified.remember("creating", creating)
    assert house.usual(item(clientState="creating")) is None
