"""What was stored of a disconnected account goes when an administrator orders it, and nothing of another's."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from flovify.api.audit.store import AuditLog
from flovify.api.messages.removal.models import RemovalRow
from flovify.api.messages.removal.store import RemovalStore
from flovify.api.messages.removal.work import RemovalWork
from flovify.common.db import Pool, create_pool
from flovify.common.timetable import Timetable
from tests.integration.api_console.messages.house import House, message
from tests.integration.api_graph.fake_auth import Tenant
from tests.support.postgres import Database
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLES = ("messages", "message_feed", "inbox", "webhook_events", "event_attempts", "discarded_dead_letters")


async def rows(house: House, tenant: uuid.UUID) -> dict[str, int]:
    return {
        table: await house.pool.fetchval(f"SELECT count(*) FROM api.{table} WHERE tenant_id = $1", tenant)
        for table in TABLES
    }


async def fill(house: House, tenant: uuid.UUID) -> None:
    await house.store(*(message(f"m{number}") for number in range(5)), tenant=tenant)
    await house.queue.enqueue([house.event("m1", tenant)])
    await house.work()
    discarded, _, again = await house.dead(3, tenant=tenant)
    await house.post("/api/dead-letters/discard", {"ids": [str(discarded)], "reason": "x"})
    await house.post(f"/api/dead-letters/{again}/replay", status=202)
    await house.work("dead")
    assert set((await house.states()).values()) >= {"stored", "discarded", "dead"}
    assert all(count > 0 for count in (await rows(house, tenant)).values())


async def no_pause(_stop: asyncio.Event, _seconds: float) -> None:
    return


async def carry_out(pool: Pool, pause: Callable[[asyncio.Event, float], Awaitable[None]] = no_pause) -> None:
    """As the worker does, but two at a time and without rest."""
    await RemovalWork(pool, RemovalStore(pool, batch=2), AuditLog(pool), pause=pause).carry_out(asyncio.Event())


async def order(house: House, tenant: uuid.UUID | None = None) -> RemovalRow:
    return await house.console.removal.order(tenant or house.tenant, "anna@contoso.com", "ada@example.org")


async def shown(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await house.get("/api/removals", role="viewer"))["items"]
    return found


async def audited(house: House) -> list[tuple[str, dict[str, Any]]]:
    return [(actor, details) for actor, action, details in await house.audited() if action == "messages.deleted"]


async def test_everything_of_the_account_goes_and_nothing_of_another(house: House, other: uuid.UUID) -> None:
    await fill(house, house.tenant)
    await fill(house, other)
    kept = await rows(house, other)
    del house.tenants[house.tenant]
    path = f"/api/tenants/{house.tenant}/messages"
    answer = await house.call("DELETE", path, role="administrator")
    assert (answer.status, answer.body["total"], answer.body["deleted"]) == (202, None, 0)
    waiting = await rows(house, house.tenant)
    assert (waiting["inbox"], waiting["messages"]) == (0, 5)
    assert await shown(house) == [answer.body]
    await carry_out(house.pool)
    assert set((await rows(house, house.tenant)).values()) == {0}
    assert await rows(house, other) == kept
    [done] = await shown(house)
    assert (done["total"], done["deleted"], done["last_error"]) == (5, 5, None)
    assert done["finished_at"]
    kinds = await house.pool.fetch("SELECT actor_kind FROM api.audit_log WHERE action = 'messages.deleted'")
    assert [row["actor_kind"] for row in kinds] == ["user"]
    assert await audited(house) == [("administrator@example.org", {"messages": 5})]
    again = await house.call("DELETE", path, role="administrator")
    assert again.body["id"] != answer.body["id"]
    await carry_out(house.pool)
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(0, 0), (5, 5)]


async def test_ordered_again_while_it_is_open_it_is_the_same_order(house: House) -> None:
    await house.store(message("first"))
    made = await order(house)
    assert await RemovalStore(house.pool, batch=2).take_step(made.id, _unexpected)
    await house.store(message("second"))
    both = await asyncio.gather(*(house.console.removal.order(house.tenant, "", "bob@example.org") for _ in range(2)))
    assert [(one.id, one.label, one.ordered_by, one.ordered_at) for one in both] == [
        (made.id, made.label, made.ordered_by, made.ordered_at)
    ] * 2
    await carry_out(house.pool)
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(2, 2)]


async def _unexpected(*_args: object) -> None:
    raise AssertionError("it is not at its end")


async def test_what_is_stored_after_the_order_stays(house: House) -> None:
    """The account may have been connected again while it was being disconnected."""
    await house.store(message("before"))
    await order(house)
    [kept] = await house.store(message("after"))
    await house.queue.enqueue([house.event("after")])
    await house.work()
    await carry_out(house.pool)
    assert [row["id"] for row in await house.pool.fetch("SELECT id FROM api.messages")] == [kept]
    assert (await rows(house, house.tenant))["webhook_events"] == 1
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(1, 1)]


async def test_a_worker_that_dies_between_two_batches_neither_loses_nor_doubles_the_count(house: House) -> None:
    await house.store(*(message(f"m{number}") for number in range(7)))
    await order(house)
    pauses: list[float] = []

    async def dies(_stop: asyncio.Event, seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:  # the first step counts
            raise ConnectionAbortedError

    with pytest.raises(ConnectionAbortedError):
        await carry_out(house.pool, dies)
    [half] = await shown(house)
    assert (half["total"], half["deleted"], half["finished_at"]) == (7, 4, None)
    assert (await rows(house, house.tenant))["messages"] == 3
    assert min(pauses) > 0
    await carry_out(house.pool)
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(7, 7)]
    assert await audited(house) == [("ada@example.org", {"messages": 7})]


async def test_a_worker_that_dies_within_a_batch_has_done_nothing_of_it(house: House) -> None:
    ids = await house.store(message("a"), message("b"))
    await order(house)
    async with house.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM api.messages WHERE id = $1 FOR UPDATE", ids[1])
        work = asyncio.create_task(carry_out(house.pool))
        await until(lambda: _somebody_waits(house), 10, "the worker at the locked message")
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    [half] = await shown(house)
    assert (half["total"], half["deleted"]) == (2, 0)
    assert (await rows(house, house.tenant))["messages"] == 2
    await carry_out(house.pool)
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(2, 2)]


async def _somebody_waits(house: House) -> bool:
    return bool(
        await house.pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    )


async def test_two_workers_at_once_count_each_message_once(house: House, other: uuid.UUID) -> None:
    for tenant in (house.tenant, other):
        await house.store(*(message(f"m{number}") for number in range(9)), tenant=tenant)
        await order(house, tenant)
    await asyncio.gather(*(carry_out(house.pool) for _ in range(3)))
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(9, 9)] * 2
    assert await audited(house) == [("ada@example.org", {"messages": 9})] * 2


async def test_a_failure_is_kept_holds_up_nobody_else_and_is_tried_again(
    house: House, other: uuid.UUID, database: Database
) -> None:
    [held] = await house.store(message("held"))
    await house.store(message("m"), tenant=other)
    stuck, free = await order(house), await order(house, other)
    impatient = await create_pool(database.api_dsn, application_name="test", server_settings={"lock_timeout": "50ms"})
    async with house.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM api.messages WHERE id = $1 FOR UPDATE", held)
        await carry_out(impatient)
    found = {one["id"]: (one["last_error"], one["deleted"], bool(one["finished_at"])) for one in await shown(house)}
    assert found == {str(stuck.id): ("LockNotAvailableError", 0, False), str(free.id): (None, 1, True)}
    await carry_out(impatient)
    impatient.terminate()
    assert {(one["last_error"], one["deleted"], bool(one["finished_at"])) for one in await shown(house)} == {
        (None, 1, True)
    }


async def test_a_running_worker_finds_an_order_also_for_an_account_without_anything(house: House) -> None:
    work, stop = RemovalWork(house.pool, RemovalStore(house.pool), AuditLog(house.pool)), asyncio.Event()
    # As a worker before has left it; the first look of all only makes this row.
    await house.pool.execute("INSERT INTO api.periodic_tasks (name) VALUES ('removals')")
    made = await order(house)
    running = asyncio.create_task(Timetable(house.pool, "api", [work.task()]).run(stop))

    async def finished() -> bool:
        return (await shown(house))[0]["finished_at"] is not None

    await until(finished, 15, "the end of the order")
    stop.set()
    await running
    assert [(one["id"], one["total"], one["deleted"]) for one in await shown(house)] == [(str(made.id), 0, 0)]


async def test_a_worker_told_to_stop_leaves_the_rest(house: House) -> None:
    await house.store(*(message(f"m{number}") for number in range(5)))
    await order(house)
    stop = asyncio.Event()

    async def stopping(_stop: asyncio.Event, _seconds: float) -> None:
        stop.set()

    await RemovalWork(house.pool, RemovalStore(house.pool), AuditLog(house.pool), pause=stopping).carry_out(stop)
    assert [(one["total"], one["deleted"]) for one in await shown(house)] == [(5, 0)]


async def test_finished_orders_are_shown_for_a_day_and_kept_for_a_month(house: House, other: uuid.UUID) -> None:
    old, newer = await order(house), await order(house, other)
    await carry_out(house.pool)
    assert [one["id"] for one in await shown(house)] == [str(newer.id), str(old.id)]
    age = "UPDATE api.removal_orders SET finished_at = now() - make_interval(days => $2) WHERE id = $1"
    await house.pool.executemany(age, [(old.id, 31), (newer.id, 29)])
    assert await shown(house) == []
    await carry_out(house.pool)
    assert [row["id"] for row in await house.pool.fetch("SELECT id FROM api.removal_orders")] == [newer.id]


@pytest.mark.parametrize("refusal", [None, (409, "reconnect_required"), (503, "vault_locked")])
async def test_a_connected_account_keeps_its_messages(house: House, refusal: tuple[int, str] | None) -> None:
    await house.store(message("m"))
    house.tenants[house.tenant].refusal = refusal
    answer = await house.call("DELETE", f"/api/tenants/{house.tenant}/messages", role="administrator")
    code = "vault_locked" if refusal == (503, "vault_locked") else "still_connected"
    assert (answer.status, answer.body["code"]) == (503 if code == "vault_locked" else 409, code)
    await carry_out(house.pool)
    assert (await rows(house, house.tenant))["messages"] == 1


async def test_a_worker_that_has_some_in_hand_brings_nothing_back(house: House) -> None:
    await house.queue.enqueue([house.event("m")])
    lease = await house.queue.take("worker", 30)
    assert lease is not None
    await order(house)
    assert await house.queue.extend(lease, 30) is False
    assert set((await rows(house, house.tenant)).values()) == {0}


async def test_roles(house: House) -> None:
    house.tenants[house.tenant] = Tenant()
    for role, status in ((None, 401), ("viewer", 403), ("operator", 403)):
        answer = await house.call("DELETE", f"/api/tenants/{house.tenant}/messages", role=role)
        assert answer.status == status
    assert (await house.call("GET", "/api/removals", role=None)).status == 401
