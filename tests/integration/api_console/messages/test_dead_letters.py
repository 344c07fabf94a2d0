"""Dead letters: looked through, grouped, given up and taken back."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from tests.integration.api_console.messages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

DEAD = "/api/dead-letters"


async def ids(house: House, **query: Any) -> list[str]:
    return [item["id"] for item in (await house.get(DEAD, **query))["items"]]


async def test_groups_say_what_it_means_and_what_to_do(house: House, other: uuid.UUID) -> None:
    assert await house.get("/api/dead-letter-groups") == {"items": [], "total": 0}
    await house.dead(2)
    await house.dead(1, tenant=other)
    await house.dead(1, "a_reason_nobody_knows")
    found = await house.get("/api/dead-letter-groups")
    assert found["total"] == 4
    assert [(group["reason"], group["count"], group["accounts"]) for group in found["items"]] == [
        ("bad_request", 3, 2),
        ("a_reason_nobody_knows", 1, 1),
    ]
    assert all(group["words"]["meaning"] and group["words"]["fix"] for group in found["items"])
    assert found["items"][0]["first_at"] < found["items"][0]["last_at"]


async def test_filters(house: House, other: uuid.UUID) -> None:
    [first] = await house.dead(1)
    [second] = await house.dead(1, "too_large")
    [third] = await house.dead(1, tenant=other)
    assert await ids(house) == [str(third), str(second), str(first)]
    assert await ids(house, reason="too_large") == [str(second)]
    assert await ids(house, tenant_id=other) == [str(third)]
    assert await ids(house, q=f"r-{first}") == [str(first)]
    assert await ids(house, q=str(second)) == [str(second)]
    assert await ids(house, q="%") == []
    died = (await house.get(f"{DEAD}/{second}"))["died_at"]
    assert await ids(house, since=died) == [str(third), str(second)]
    page = await house.get(DEAD, limit=2)
    assert await ids(house, after=page["next"]) == [str(first)]


async def test_a_discarded_one_is_settled_can_be_seen_and_restored(house: House) -> None:
    [event_id] = await house.dead()
    before = await house.get(f"{DEAD}/{event_id}")
    assert await house.post(f"{DEAD}/discard", {"ids": [str(event_id)], "reason": "spam"}) == {"discarded": 1}
    assert await ids(house) == []
    assert (await house.states())[event_id] == "discarded"
    [kept] = (await house.get(f"{DEAD}/discarded"))["items"]
    assert (kept["id"], kept["discard_reason"], kept["discarded_by"]) == (str(event_id), "spam", "operator@example.org")
    assert await house.post(f"{DEAD}/restore", {"ids": [str(event_id)]}) == {"restored": 1}
    assert await house.get(f"{DEAD}/{event_id}") == before
    assert (await house.get(f"{DEAD}/discarded"))["items"] == []
    assert (await house.states())[event_id] == "dead"


async def test_a_redelivery_of_a_discarded_event_is_known(house: House) -> None:
    event = house.event("m")
    await house.queue.enqueue([event])
    await house.work("dead")
    await house.post(f"{DEAD}/discard", {"filter": {}, "reason": "x"})
    assert await house.queue.enqueue([event]) == 0
    await house.post(f"{DEAD}/restore", {"ids": [str(event.id)]})
    assert await house.queue.enqueue([event]) == 0
    await house.post(f"{DEAD}/{event.id}/replay", status=202)
    assert await house.work() == 1
    assert await house.states() == {event.id: "stored"}


async def test_by_filter_and_no_more_than_that(house: House, other: uuid.UUID) -> None:
    kept = await house.dead(2, "too_large")
    gone = await house.dead(2)
    elsewhere = await house.dead(1, tenant=other)
    wanted = {"reason": "bad_request", "tenant_id": str(house.tenant)}
    assert await house.post(f"{DEAD}/discard", {"filter": wanted, "reason": "x"}) == {"discarded": 2}
    states = await house.states()
    assert {states[one] for one in gone} == {"discarded"}
    assert {states[one] for one in kept + elsewhere} == {"dead"}


async def test_restoring_twice_or_what_was_never_discarded_changes_nothing(house: House) -> None:
    [event_id] = await house.dead()
    assert await house.post(f"{DEAD}/restore", {"ids": [str(event_id), str(uuid.uuid4())]}) == {"restored": 0}
    await house.post(f"{DEAD}/discard", {"filter": {}, "reason": "x"})
    answers = await asyncio.gather(*(house.post(f"{DEAD}/restore", {"ids": [str(event_id)]}) for _ in range(5)))
    assert sum(answer["restored"] for answer in answers) == 1


async def test_a_waiting_event_cannot_be_discarded(house: House) -> None:
    event = house.event("m")
    await house.queue.enqueue([event])
    assert await house.post(f"{DEAD}/discard", {"ids": [str(event.id)], "reason": "x"}) == {"discarded": 0}
    assert (await house.states())[event.id] == "waiting"


async def test_malformed_requests(house: House) -> None:
    one = str(uuid.uuid4())
    for body in (
        {},
        {"reason": "x"},
        {"ids": [], "reason": "x"},
        {"ids": [one]},
        {"ids": [one], "reason": ""},
        {"ids": [one], "reason": "a\x00b"},
        {"ids": [one], "filter": {}, "reason": "x"},
        {"filter": {"since": "2026-01-01T00:00:00"}, "reason": "x"},
        {"filter": {"reason": "\x00"}, "reason": "x"},
    ):
        await house.post(f"{DEAD}/discard", body, status=422)


async def test_roles(house: House) -> None:
    for method, path in (
        ("GET", "/api/dead-letter-groups"),
        ("GET", f"{DEAD}/discarded"),
        ("POST", f"{DEAD}/discard"),
        ("POST", f"{DEAD}/restore"),
        ("POST", f"{DEAD}/{uuid.uuid4()}/replay"),
    ):
        assert (await house.call(method, path, {}, role=None)).status == 401
        assert (await house.call(method, path, {}, role="viewer")).status == 403


async def test_acts_are_audited_with_who_and_why(house: House) -> None:
    [event_id] = await house.dead()
    await house.post(f"{DEAD}/discard", {"filter": {"reason": "bad_request"}, "reason": "why"})
    await house.post(f"{DEAD}/restore", {"ids": [str(event_id)]})
    await house.post(f"{DEAD}/{event_id}/replay", status=202)
    audited = await house.audited()
    assert [(actor, action) for actor, action, _ in audited] == [
        ("operator@example.org", "dead_letter.discarded"),
        ("operator@example.org", "dead_letter.restored"),
        ("operator@example.org", "dead_letter.replayed"),
    ]
    assert audited[0][2] == {"count": 1, "reason": "why", "cause": "bad_request"}
