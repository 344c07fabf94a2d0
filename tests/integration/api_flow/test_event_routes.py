"""The routes of events and dead letters over a real PostgreSQL, through a listener of the api."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI, Request

from flovify.api.accounts.names import KnownAccount
from flovify.api.audit.store import AuditLog
from flovify.api.dead_letters.routes import build_router as dead_letter_router
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.events.routes import build_router as event_router
from flovify.api.events.store import EventStore
from flovify.api.queue.models import new_event_id
from flovify.api.queue.store import PostgresQueue
from flovify.common.db import Pool
from flovify.common.errors import Forbidden, Unauthorized
from flovify.common.problems import install_problem_handlers
from tests.integration.api_flow.asgi import Answer, request
from tests.integration.api_flow.queue_conformance import new_event, take

pytestmark = pytest.mark.asyncio(loop_scope="module")
EVENTS, DEAD = "/api/events", "/api/dead-letters"


def role(wanted: tuple[str, ...]) -> Callable[[Request], None]:
    """Lets those in whose header names one of the roles; who signs in, and how, is tested with the real verifier."""

    def check(incoming: Request) -> None:
        given = incoming.headers.get("X-Role")
        if given is None:
            raise Unauthorized("sign in")
        if given not in wanted:
            raise Forbidden("another role is needed")

    return check


class NoNames:
    """What the directory says while auth cannot be asked."""

    async def names(self) -> dict[uuid.UUID, KnownAccount]:
        return {}


@pytest.fixture
def app(pool: Pool) -> FastAPI:
    made = FastAPI()
    made.include_router(event_router(EventStore(pool), role(("viewer", "operator")), NoNames()))
    dead_letters = DeadLetterService(DeadLetterStore(pool), AuditLog(pool))
    made.include_router(dead_letter_router(dead_letters, role(("operator",))))
    install_problem_handlers(made)
    return made


@pytest.fixture
def queue(pool: Pool) -> PostgresQueue:
    return PostgresQueue(pool)


async def get(app: FastAPI, path: str, given: str | None = "operator", **query: Any) -> Answer:
    return await request(app, "GET", path, {"X-Role": given} if given else {}, query)


async def waiting(queue: PostgresQueue, tenant: uuid.UUID, count: int = 1) -> list[uuid.UUID]:
    events = [new_event(tenant) for _ in range(count)]
    await queue.enqueue(events)
    return [event.id for event in events]


async def settled(queue: PostgresQueue, tenant: uuid.UUID, outcome: str, reason: str | None = None) -> uuid.UUID:
    [event_id] = await waiting(queue, tenant)
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        await settlement.finish([(event, outcome, reason) for event in lease.events])
    return event_id


async def dead(queue: PostgresQueue, tenant: uuid.UUID, reason: str = "bad_request") -> uuid.UUID:
    [event_id] = await waiting(queue, tenant)
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        for event in lease.events:
            await settlement.bury(event, reason, "poison", "400 malformed id")
    return event_id


async def test_events_are_listed_newest_first_whatever_their_state(app: FastAPI, queue: PostgresQueue) -> None:
    tenant = uuid.uuid4()
    first = await settled(queue, tenant, "skipped", "gone")
    second = await dead(queue, tenant)
    [third] = await waiting(queue, tenant)
    answer = await get(app, EVENTS, "viewer")
    assert answer.status == 200
    items = answer.body["items"]
    assert [item["id"] for item in items] == [str(third), str(second), str(first)]
    assert [item["state"] for item in items] == ["waiting", "dead", "settled"]
    assert [item["due_at"] is not None for item in items] == [True, False, False]
    assert (items[2]["outcome"], items[2]["reason"], items[2]["processed_at"] is not None) == ("skipped", "gone", True)
    assert (items[1]["reason"], items[1]["last_error"]) == ("bad_request", "400 malformed id")
    assert answer.body["next"] is None


async def test_events_are_filtered(app: FastAPI, queue: PostgresQueue, pool: Pool) -> None:
    tenant, other = uuid.uuid4(), uuid.uuid4()
    stored = await settled(queue, tenant, "stored")
    skipped = await settled(queue, tenant, "skipped")
    buried = await dead(queue, tenant)
    [elsewhere] = await waiting(queue, other)

    async def found(**query: Any) -> set[str]:
        return {item["id"] for item in (await get(app, EVENTS, **query)).body["items"]}

    assert await found(tenant_id=tenant) == {str(stored), str(skipped), str(buried)}
    assert await found(tenant_id=uuid.uuid4()) == set()
    assert await found(state="waiting") == {str(elsewhere)}
    assert await found(state="dead") == {str(buried)}
    assert await found(state="settled") == {str(stored), str(skipped)}
    assert await found(outcome="stored") == {str(stored)}
    assert await found(state="waiting", outcome="stored") == set()
    await pool.execute("UPDATE api.webhook_events SET received_at = '2026-01-01T12:00Z' WHERE id = $1", stored)
    assert await found(until="2026-01-01T12:00:01Z") == {str(stored)}
    assert await found(until="2026-01-01T12:00:00Z") == set()
    assert await found(since="2026-01-01T13:00:00+01:00", until="2026-01-02T00:00:00Z") == {str(stored)}
    assert str(stored) not in await found(since="2026-01-01T12:00:01Z")


async def test_cursor_walks_over_all_once_though_new_ones_come(app: FastAPI, queue: PostgresQueue) -> None:
    tenant = uuid.uuid4()
    expected = [str(await settled(queue, tenant, "stored")) for _ in range(3)]
    expected += [str(event_id) for event_id in await waiting(queue, tenant, 4)]
    seen: list[str] = []
    page = (await get(app, EVENTS, limit=2)).body
    while True:
        seen += [item["id"] for item in page["items"]]
        await waiting(queue, uuid.uuid4())
        if page["next"] is None:
            break
        page = (await get(app, EVENTS, limit=2, after=page["next"])).body
    assert len(seen) == len(set(seen)) == 7
    assert sorted(seen) == sorted(expected)
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"tenant_id": "x"},
        {"state": "lost"},
        {"outcome": "x" * 51},
        {"outcome": "a\x00b"},
        {"since": "yesterday"},
        {"since": "2026-01-01T00:00:00"},
        {"until": "2026-13-01T00:00:00Z"},
        {"after": "x"},
        {"limit": 0},
        {"limit": 201},
        {"limit": "many"},
    ],
)
async def test_malformed_filters_are_422(app: FastAPI, query: dict[str, Any]) -> None:
    answer = await get(app, EVENTS, **query)
    assert (answer.status, answer.body["code"]) == (422, "invalid_request")
    assert answer.headers["content-type"] == "application/problem+json"
    if query.keys() <= {"tenant_id", "after", "limit"}:
        assert (await get(app, DEAD, **query)).status == 422


async def test_roles(app: FastAPI) -> None:
    dead_letter = f"{DEAD}/{uuid.uuid4()}"
    for path in (EVENTS, DEAD, dead_letter):
        assert (await get(app, path, None)).status == 401
        assert (await get(app, path, "nobody")).status == 403
    assert (await get(app, EVENTS, "viewer")).status == 200
    assert (await get(app, DEAD, "viewer")).status == 403
    for given, status in ((None, 401), ("viewer", 403), ("operator", 404)):
        headers = {"X-Role": given} if given else {}
        assert (await request(app, "POST", f"{dead_letter}/replay", headers)).status == status


async def test_dead_letters_are_listed_by_tenant_and_page(app: FastAPI, queue: PostgresQueue) -> None:
    tenant, other = uuid.uuid4(), uuid.uuid4()
    ids = [str(await dead(queue, tenant)) for _ in range(3)]
    foreign = str(await dead(queue, other))
    await waiting(queue, tenant)
    everything = (await get(app, DEAD)).body
    assert [item["id"] for item in everything["items"]] == sorted([*ids, foreign], reverse=True)
    assert everything["next"] is None
    first = (await get(app, DEAD, tenant_id=tenant, limit=2)).body
    rest = (await get(app, DEAD, tenant_id=tenant, limit=2, after=first["next"])).body
    assert [item["id"] for item in (*first["items"], *rest["items"])] == sorted(ids, reverse=True)
    assert rest["next"] is None
    assert (await get(app, DEAD, tenant_id=uuid.uuid4())).body == {"items": [], "next": None}


async def test_one_dead_letter_shows_why_and_what(app: FastAPI, queue: PostgresQueue) -> None:
    event_id = await dead(queue, uuid.uuid4(), "too_large")
    answer = await get(app, f"{DEAD}/{event_id}")
    assert answer.status == 200
    assert (answer.body["reason"], answer.body["last_error_kind"]) == ("too_large", "poison")
    assert (answer.body["item"], answer.body["replays"], answer.body["attempts"]) == ({"a": 1}, 0, 1)
    for unknown, status in ((str(uuid.uuid4()), 404), ("x", 422)):
        assert (await get(app, f"{DEAD}/{unknown}")).status == status
    [alive] = await waiting(queue, uuid.uuid4())
    assert (await get(app, f"{DEAD}/{alive}")).status == 404


async def test_a_replay_happens_once_and_is_reported_as_it_stands(app: FastAPI, queue: PostgresQueue) -> None:
    event_id = await dead(queue, uuid.uuid4())

    async def replay(given: object = event_id) -> Answer:
        return await request(app, "POST", f"{DEAD}/{given}/replay", {"X-Role": "operator"})

    first, second = await replay(), await replay()
    for answer in (first, second):
        assert answer.status == 202
        assert answer.body == {"id": str(event_id), "state": "waiting", "outcome": None, "replays": 1}
    lease = await take(queue)
    assert [(event.id, event.attempts) for event in lease.events] == [(event_id, 1)]
    async with queue.settle(lease) as settlement:
        await settlement.finish([(event, "stored", None) for event in lease.events])
    assert (await replay()).body == {"id": str(event_id), "state": "settled", "outcome": "stored", "replays": 1}
    assert (await get(app, f"{DEAD}/{event_id}")).status == 404
    for unknown, status in ((new_event_id(), 404), ("x", 422), (uuid.uuid4(), 404)):
        assert (await replay(unknown)).status == status


async def test_an_event_that_dies_again_is_a_dead_letter_again(app: FastAPI, queue: PostgresQueue) -> None:
    event_id = await dead(queue, uuid.uuid4())
    await request(app, "POST", f"{DEAD}/{event_id}/replay", {"X-Role": "operator"})
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        await settlement.bury(lease.events[0], "bad_request", "poison", "400 again")
    shown = (await get(app, f"{DEAD}/{event_id}")).body
    assert (shown["replays"], shown["last_error"]) == (1, "400 again")


async def test_what_waits_for_more_than_a_day_after_trouble_is_shown_as_stuck_and_still_waits(
    app: FastAPI, queue: PostgresQueue, pool: Pool
) -> None:
    tenant = uuid.uuid4()
    await queue.enqueue([new_event(tenant, "old"), new_event(tenant, "young")])
    lease = await take(queue)
    async with queue.settle(lease) as settlement:
        for event in lease.events:
            await settlement.retry(event, 60, "unavailable", "503", spend=False)
    await pool.execute("UPDATE api.inbox SET received_at = received_at - interval '25 hours' WHERE event_key = 'old'")
    found = (await get(app, "/api/events", tenant_id=tenant)).body["items"]
    assert sorted((item["stuck"], item["state"], item["waits"]) for item in found) == [
        (False, "waiting", 1),
        (True, "waiting", 1),
    ]
    [stuck] = (await get(app, "/api/events", tenant_id=tenant, stuck="true")).body["items"]
    assert stuck["stuck"]
    assert (await get(app, f"/api/events/{stuck['id']}")).body["stuck"]
    [other] = (await get(app, "/api/events", tenant_id=tenant, stuck="false")).body["items"]
    assert other["id"] != stuck["id"]


async def test_what_was_gone_at_last_is_listed_by_its_reason(app: FastAPI, queue: PostgresQueue) -> None:
    tenant = uuid.uuid4()
    await settled(queue, tenant, "skipped", "gone")
    await settled(queue, tenant, "skipped", "tenant_disconnected")
    found = (await get(app, "/api/events", tenant_id=tenant, reason="gone")).body["items"]
    assert [item["reason"] for item in found] == ["gone"]
