"""What every queue engine must do; a test module per engine subclasses this and gives the `queue` fixture."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from flovify.api.queue.errors import FencedOut
from flovify.api.queue.models import Event, EventKind, Lease, NewEvent, new_event_id
from flovify.api.queue.store import PostgresQueue
from tests.support.wait import until


def new_event(tenant_id: uuid.UUID, key: str | None = None, **changes: Any) -> NewEvent:
    fields: dict[str, Any] = {
        "id": new_event_id(),
        "tenant_id": tenant_id,
        "provider": "ms365",
        "event_key": key or uuid.uuid4().hex,
        "subscription_row_id": uuid.uuid4(),
        "subscription_id": "graph-subscription",
        "kind": EventKind.CHANGE.value,
        "change_type": "created",
        "message_id": f"message-{uuid.uuid4().hex}",
        "item": '{"a":1}',
    }
    return NewEvent(**(fields | changes))


async def take(queue: PostgresQueue, owner: str = "worker", lease_seconds: float = 30, limit: int = 20) -> Lease:
    lease = await queue.take(owner, lease_seconds, limit)
    assert lease is not None
    return lease


async def finish_all(queue: PostgresQueue, lease: Lease, outcome: str = "stored") -> None:
    async with queue.settle(lease) as settlement:
        await settlement.finish([(event, outcome, None) for event in lease.events])


def keys(events: tuple[Event, ...]) -> list[str]:
    return [event.event_key for event in events]


class QueueConformance:
    """The suite."""

    async def test_an_event_goes_in_comes_out_and_is_settled_once(self, queue: PostgresQueue) -> None:
        tenant = uuid.uuid4()
        event = new_event(tenant)
        assert await queue.enqueue([event]) == 1
        lease = await take(queue)
        assert (lease.tenant_id, keys(lease.events)) == (tenant, [event.event_key])
        taken = lease.events[0]
        assert (taken.id, taken.attempts, taken.settled, taken.kind) == (event.id, 1, False, EventKind.CHANGE)
        await finish_all(queue, lease)
        assert await queue.take("worker", 30) is None
        assert (await queue.depth()).waiting == 0

    async def test_a_known_event_is_passed_over_waiting_taken_and_settled(self, queue: PostgresQueue) -> None:
        tenant = uuid.uuid4()
        assert await queue.enqueue([new_event(tenant, "same")]) == 1
        assert await queue.enqueue([new_event(tenant, "same"), new_event(tenant, "other")]) == 1
        lease = await take(queue)
        assert await queue.enqueue([new_event(tenant, "same")]) == 0
        await finish_all(queue, lease)
        assert await queue.enqueue([new_event(tenant, "same")]) == 0

    async def test_an_event_enqueued_while_it_is_being_settled_comes_marked_as_settled_or_not_at_all(
        self, queue: PostgresQueue
    ) -> None:
        tenant = uuid.uuid4()
        await queue.enqueue([new_event(tenant, "same")])
        lease = await take(queue)
        async with queue.settle(lease) as settlement:
            await settlement.finish([(lease.events[0], "stored", None)])
            again = asyncio.create_task(queue.enqueue([new_event(tenant, "same")]))
            await asyncio.wait([again], timeout=0.3)  # it may have to wait for this settlement
        if await again:
            second = await take(queue)
            assert [event.settled for event in second.events] == [True]
            await finish_all(queue, second, "duplicate")
        assert (await queue.depth()).waiting == 0

    async def test_many_at_once_enqueue_the_same_events_without_locking_each_other_out(
        self, queue: PostgresQueue
    ) -> None:
        tenant = uuid.uuid4()
        names = [f"key-{number}" for number in range(50)]

        async def one(start: int) -> int:
            order = names[start:] + names[:start]
            return await queue.enqueue([new_event(tenant, name) for name in order])

        added = await asyncio.gather(*(one(start) for start in range(20)))
        assert sum(added) == 50

    async def test_a_mailbox_is_held_by_one_and_the_next_goes_to_another(self, queue: PostgresQueue) -> None:
        first, second = uuid.uuid4(), uuid.uuid4()
        await queue.enqueue([new_event(first)])
        await queue.enqueue([new_event(second)])
        await queue.enqueue([new_event(first)])
        assert {(await take(queue, "a")).tenant_id, (await take(queue, "b")).tenant_id} == {first, second}
        assert await queue.take("c", 30) is None

    @pytest.mark.parametrize("backlog", [100, 1000])
    async def test_mailboxes_get_one_batch_each_in_turn_however_long_anothers_backlog(
        self, queue: PostgresQueue, backlog: int
    ) -> None:
        """1,000 waiting events are more than a take looks at, so they hide what came later."""
        busy = sorted(uuid.uuid4() for _ in range(3))
        for tenant in busy:
            await queue.enqueue([new_event(tenant) for _ in range(backlog)])
        turns = []
        for _ in range(7):
            lease = await take(queue)
            turns.append(lease.tenant_id)
            await finish_all(queue, lease)
        assert all(turns.count(tenant) in (2, 3) for tenant in busy)
        fresh = uuid.uuid4()
        await queue.enqueue([new_event(fresh)])
        turns = []
        for _ in range(4):
            lease = await take(queue)
            turns.append(lease.tenant_id)
            await finish_all(queue, lease)
        assert sorted(turns) == sorted([*busy, fresh])

    async def test_after_a_failure_one_event_goes_ahead_alone(self, queue: PostgresQueue) -> None:
        tenant = uuid.uuid4()
        await queue.enqueue([new_event(tenant) for _ in range(5)])
        lease = await take(queue)
        async with queue.settle(lease) as settlement:
            await settlement.give_back(lease.events)
            await settlement.block(0.0, "outage", 1)
        probe = await take(queue)
        assert (len(probe.events), probe.failures) == (1, 1)
        await finish_all(queue, probe)
        assert len((await take(queue)).events) == 4

    async def test_at_most_the_asked_number_of_events_oldest_first(self, queue: PostgresQueue) -> None:
        tenant = uuid.uuid4()
        for number in range(25):
            await queue.enqueue([new_event(tenant, f"{number:02}")])
        lease = await take(queue, limit=20)
        assert keys(lease.events) == [f"{number:02}" for number in range(20)]
        await finish_all(queue, lease)
        assert len((await take(queue)).events) == 5

    async def test_a_hundred_takers_at_once_get_each_event_once(self, queue: PostgresQueue) -> None:
        tenants = [uuid.uuid4() for _ in range(30)]
        await queue.enqueue([new_event(tenant) for tenant in tenants for _ in range(3)])
        seen: list[uuid.UUID] = []

        async def worker(name: str) -> None:
            while (await queue.depth()).waiting:
                lease = await queue.take(name, 30)
                if lease is not None:
                    await finish_all(queue, lease)
                    seen.extend(event.id for event in lease.events)

        await asyncio.gather(*(worker(str(number)) for number in range(12)))
        assert len(seen) == len(set(seen)) == 90

    async def test_after_the_lease_has_ended_another_gets_the_mailbox_and_the_first_is_fenced_out(
        self, queue: PostgresQueue
    ) -> None:
        await queue.enqueue([new_event(uuid.uuid4())])
        first = await take(queue, "slow", lease_seconds=0.2)
        second = await until(lambda: queue.take("quick", 30), 5, "the end of the lease")
        assert [event.attempts for event in second.events] == [2]
        assert not await queue.extend(first, 30)
        with pytest.raises(FencedOut):
            await finish_all(queue, first)
        await finish_all(queue, second)
        with pytest.raises(FencedOut):
            await finish_all(queue, second)

    async def test_effects_and_verdicts_of_a_failed_settlement_are_undone(self, queue: PostgresQueue) -> None:
        await queue.enqueue([new_event(uuid.uuid4())])
        lease = await take(queue)

        async def fail_after_the_verdict() -> None:
            async with queue.settle(lease) as settlement:
                await settlement.finish([(lease.events[0], "stored", None)])
                raise RuntimeError("after the verdict")

        with pytest.raises(RuntimeError, match="after the verdict"):
            await fail_after_the_verdict()
        assert (await queue.depth()).waiting == 1
        await finish_all(queue, lease)

    async def test_an_extended_lease_outlives_its_first_end(self, queue: PostgresQueue) -> None:
        await queue.enqueue([new_event(uuid.uuid4())])
        lease = await take(queue, lease_seconds=0.4)
        assert await queue.extend(lease, 30)
        await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=0.6)
        assert await queue.take("other", 30) is None
        await finish_all(queue, lease)

    async def test_a_retry_spends_an_attempt_and_comes_back_when_due(self, queue: PostgresQueue) -> None:
        await queue.enqueue([new_event(uuid.uuid4())])
        lease = await take(queue)
        async with queue.settle(lease) as settlement:
            await settlement.retry(lease.events[0], 0.4, "transient", "it failed", spend=True)
        assert await queue.take("worker", 30) is None
        again = await until(lambda: queue.take("worker", 30), 5, "the retry")
        assert [(event.attempts, event.last_error_kind) for event in again.events] == [(2, "transient")]

    async def test_what_is_given_back_spends_nothing_and_is_due_at_once(self, queue: PostgresQueue) -> None:
        await queue.enqueue([new_event(uuid.uuid4())])
        for _ in range(5):
            lease = await take(queue)
            assert [event.attempts for event in lease.events] == [1]
            async with queue.settle(lease) as settlement:
                await settlement.give_back(lease.events, "outage", "not now")

    async def test_a_blocked_mailbox_waits_with_all_its_events_and_others_do_not(self, queue: PostgresQueue) -> None:
        blocked, other = uuid.uuid4(), uuid.uuid4()
        await queue.enqueue([new_event(blocked)])
        lease = await take(queue)
        async with queue.settle(lease) as settlement:
            await settlement.give_back(lease.events)
            await settlement.block(0.6, "throttled", 0)
        await queue.enqueue([new_event(blocked), new_event(other)])
        assert (await take(queue)).tenant_id == other
        assert await queue.take("worker", 30) is None
        after = await until(lambda: queue.take("worker", 30), 5, "the end of the wait")
        assert (after.tenant_id, len(after.events), after.failures) == (blocked, 2, 0)
        await finish_all(queue, after)
        await queue.enqueue([new_event(blocked)])
        assert (await take(queue)).failures == 0

    async def test_a_mailbox_with_a_deep_backlog_hides_no_other(self, queue: PostgresQueue) -> None:
        deep, late = uuid.uuid4(), uuid.uuid4()
        await queue.enqueue([new_event(deep) for _ in range(600)])
        await queue.enqueue([new_event(late)])
        assert {(await take(queue, "a")).tenant_id, (await take(queue, "b")).tenant_id} == {deep, late}
        assert await queue.take("c", 30) is None

    async def test_a_buried_event_is_gone_from_the_queue_and_stays_known(self, queue: PostgresQueue) -> None:
        tenant = uuid.uuid4()
        await queue.enqueue([new_event(tenant, "bad"), new_event(tenant, "good")])
        lease = await take(queue)
        bad, good = sorted(lease.events, key=lambda event: event.event_key)
        async with queue.settle(lease) as settlement:
            await settlement.bury(bad, "poison", "bad_request", "NUL \x00 and \ud800 in the text")
            await settlement.finish([(good, "stored", None)])
        assert await queue.take("worker", 30) is None
        assert await queue.enqueue([new_event(tenant, "bad")]) == 0
        depth = await queue.depth()
        assert (depth.waiting, depth.dead) == (0, 1)

    async def test_after_a_crash_the_events_come_one_by_one_so_that_a_killer_takes_no_others_along(
        self, queue: PostgresQueue
    ) -> None:
        tenant = uuid.uuid4()
        for name in ("a", "b", "c"):
            await queue.enqueue([new_event(tenant, name)])
        await take(queue, lease_seconds=0.1)  # and never heard of again
        first = await until(lambda: queue.take("next", 30), 5, "the end of the lease")
        assert [(event.event_key, event.attempts) for event in first.events] == [("a", 2)]
        await finish_all(queue, first)
        second = await take(queue)
        assert keys(second.events) == ["b"]
        await finish_all(queue, second)
        await finish_all(queue, await take(queue))
        await queue.enqueue([new_event(tenant, "d"), new_event(tenant, "e")])
        assert len((await take(queue)).events) == 2

    async def test_the_age_of_the_oldest_due_event_is_known(self, queue: PostgresQueue) -> None:
        assert (await queue.depth()).oldest_seconds == 0
        await queue.enqueue([new_event(uuid.uuid4())])

        async def aged() -> bool:
            return (await queue.depth()).oldest_seconds > 0.05

        await until(aged)
