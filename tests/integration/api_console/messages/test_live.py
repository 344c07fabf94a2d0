"""What changes is told in an order that skips nothing, and can be followed on behind what was seen last."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from flovify.api.live.hub import LiveHub
from flovify.api.live.models import LiveEvent
from flovify.api.live.store import LiveStore
from flovify.api.live.stream import stream
from flovify.common.db import Connection, Pool
from tests.integration.api_console.messages.house import House, message

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Reader:
    """A stream as a browser reads it."""

    def __init__(self, blocks: AsyncIterator[bytes]) -> None:
        self._blocks = blocks
        self.last_id: str | None = None

    async def next(self, seconds: float = 20) -> tuple[str, str | None]:
        """(kind, ref) of the next event; comments and blocks without data are passed over."""
        async with asyncio.timeout(seconds):
            async for block in self._blocks:
                fields = dict(line.split(": ", 1) for line in block.decode().splitlines() if ": " in line)
                self.last_id = fields.get("id", self.last_id)
                if "data" in fields:
                    data = json.loads(fields["data"])
                    assert data["kind"] == fields["event"]
                    return data["kind"], data["ref"]
        return "end", None

    async def place(self) -> str:
        """The id that comes before any event."""
        block = (await anext(self._blocks)).decode()
        self.last_id = block.split("id: ")[1].strip()
        return self.last_id


@asynccontextmanager
async def reading(
    hub: LiveHub, last_event_id: str | None = None, expires_at: datetime | None = None
) -> AsyncIterator[Reader]:
    async with aclosing(stream(hub, last_event_id, expires_at)) as blocks:
        yield Reader(blocks)


async def collected(store: LiveStore, after: int = 0) -> list[tuple[str, str | None]]:
    await store.collect()
    return [(event.kind, event.ref) for event in await store.read(after)]


@pytest.fixture
def live(house: House) -> LiveStore:
    return house.console.live


async def announce(connection: Connection, ref: str) -> None:
    await connection.execute("SELECT api.announce('health.changed', $1)", ref)


async def test_a_stored_message_is_told_once_a_transaction_and_account(house: House, live: LiveStore) -> None:
    await house.store(message("a"), message("b"), message("c"))
    assert await collected(live) == [("message.created", str(house.tenant))]


async def test_changes_of_messages_are_told(house: House, live: LiveStore) -> None:
    await house.store(message("a"))
    await live.collect()
    last = (await live.extent()).last
    later = datetime(2026, 11, 21, tzinfo=UTC)
    await house.store(message("a", subject="another", last_modified_at=later))
    assert await collected(live, last) == [("message.updated", str(house.tenant))]
    last += 1
    await house.store(message("a", subject="another", last_modified_at=later))
    assert await collected(live, last) == []
    await house.delete_at_provider("a")
    assert await collected(live, last) == [("message.updated", str(house.tenant))]


async def test_deaths_and_their_ends_are_told_and_takes_are_not(house: House, live: LiveStore) -> None:
    tenant = str(house.tenant)
    [event_id] = await house.dead()
    assert await collected(live) == [("deadletter.created", tenant)]
    await house.post(f"/api/dead-letters/{event_id}/replay", status=202)
    assert await collected(live, 1) == [("deadletter.resolved", tenant)]
    await house.work()
    assert await collected(live, 2) == []
    await house.dead()
    await house.post("/api/dead-letters/discard", {"filter": {}, "reason": "x"})
    kinds = [kind for kind, _ in await collected(live, 2)]
    assert sorted(kinds) == ["deadletter.created", "deadletter.resolved"]


async def test_subscriptions_replays_and_waiting_mailboxes_are_told(house: House, live: LiveStore, pool: Pool) -> None:
    row = await pool.fetchval(
        "INSERT INTO api.webhook_subscriptions (tenant_id, provider, resource, change_types, expires_at) "
        "VALUES ($1, 'x', 'r', '{created}', now()) RETURNING id",
        house.tenant,
    )
    assert await collected(live) == [("subscription.updated", str(row))]
    await pool.execute("UPDATE api.webhook_subscriptions SET updated_at = now()")
    assert await collected(live, 1) == []
    await pool.execute("UPDATE api.webhook_subscriptions SET status = 'active'")
    assert await collected(live, 1) == [("subscription.updated", str(row))]
    replay = await house.post("/api/replays", {"filter": {}, "key": "key-00000001"}, status=202)
    assert await collected(live, 2) == [("replay.progress", replay["id"])]
    await pool.execute("INSERT INTO api.mailbox_leases (tenant_id) VALUES ($1)", house.tenant)
    assert await collected(live, 3) == []
    await pool.execute("UPDATE api.mailbox_leases SET block_reason = 'throttled'")
    assert await collected(live, 3) == [("account.updated", str(house.tenant))]


async def test_many_equal_changes_are_one_event_and_what_fails_is_told_by_nobody(pool: Pool, live: LiveStore) -> None:
    for _ in range(5):
        await live.announce("health.changed", "x")
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await announce(connection, "never")
        await transaction.rollback()
    assert await collected(live) == [("health.changed", "x")]


async def test_two_transactions_at_once_never_make_a_resume_skip(pool: Pool, live: LiveStore) -> None:
    """The one that noted its change first commits last, after others were read."""
    async with pool.acquire() as slow, pool.acquire() as fast:
        transaction = slow.transaction()
        await transaction.start()
        await announce(slow, "first")
        await announce(fast, "second")
        await live.collect()
        [seen] = await live.read(0)
        assert seen.ref == "second"
        await transaction.commit()
    await live.collect()
    assert [event.ref for event in await live.read(seen.id)] == ["first"]


async def test_many_writers_and_readers_miss_nothing(pool: Pool, live: LiveStore) -> None:
    """Each reader goes on behind the last id it saw, as a browser does, while everybody writes."""
    wanted = {f"{writer}.{number}" for writer in range(6) for number in range(15)}
    writing = True

    async def write(writer: int) -> None:
        for number in range(15):
            async with pool.acquire() as connection, connection.transaction():
                await announce(connection, f"{writer}.{number}")
                await asyncio.sleep(0.003 * ((writer + number) % 3))

    async def read() -> list[LiveEvent]:
        seen: list[LiveEvent] = []
        while True:
            last_round = not writing
            await live.collect()
            seen += await live.read(seen[-1].id if seen else 0, 7)
            if last_round and {event.ref for event in seen} >= wanted:
                return seen

    readers = [asyncio.create_task(read()) for _ in range(3)]
    await asyncio.gather(*(write(writer) for writer in range(6)))
    writing = False
    for seen in await asyncio.wait_for(asyncio.gather(*readers), 60):
        assert {event.ref for event in seen} == wanted
        assert [event.id for event in seen] == sorted({event.id for event in seen})


async def test_a_stream_tells_what_happens_and_goes_on_where_it_was_left(house: House, live: LiveStore) -> None:
    hub = house.console.hub
    async with reading(hub) as reader:
        await reader.place()
        await live.announce("health.changed", "one")
        assert await reader.next() == ("health.changed", "one")
        last_id = reader.last_id
    await live.announce("health.changed", "two")
    await live.announce("health.changed", "three")
    async with reading(hub, last_id) as reader:
        assert await reader.place() == last_id
        assert await reader.next() == ("health.changed", "two")
        assert await reader.next() == ("health.changed", "three")
        await live.announce("health.changed", "four")
        assert await reader.next() == ("health.changed", "four")


async def test_a_stream_that_saw_nothing_goes_on_too(house: House, live: LiveStore) -> None:
    await live.announce("health.changed", "before")
    async with reading(house.console.hub) as reader:
        place = await reader.place()
    await live.announce("health.changed", "between")
    async with reading(house.console.hub, place) as reader:
        assert await reader.next() == ("health.changed", "between")


async def test_every_stream_is_told_everything_once(house: House, live: LiveStore) -> None:
    async def follow(count: int) -> list[str | None]:
        async with reading(house.console.hub) as reader:
            await reader.place()
            started.release()
            return [(await reader.next())[1] for _ in range(count)]

    started = asyncio.Semaphore(0)
    following = [asyncio.create_task(follow(20)) for _ in range(9)]
    for _ in following:
        await started.acquire()
    for number in range(20):
        await live.announce("health.changed", str(number))
    wanted = [str(number) for number in range(20)]
    for refs in await asyncio.wait_for(asyncio.gather(*following), 30):
        assert sorted(refs, key=str) == sorted(wanted)


async def test_what_is_too_old_must_be_asked_for_anew(house: House, live: LiveStore, pool: Pool) -> None:
    for ref in ("a", "b", "c"):
        await live.announce("health.changed", ref)
        await live.collect()
    await pool.execute("UPDATE api.live_events SET at = at - interval '6 minutes' WHERE ref <> 'c'")
    await live.prune()
    async with reading(house.console.hub, "1") as reader:
        assert await reader.next() == ("resync", None)
        assert reader.last_id == "3"
    async with reading(house.console.hub, "2") as reader:
        assert await reader.next() == ("health.changed", "c")
    await pool.execute("DELETE FROM api.live_events")
    async with reading(house.console.hub, "2") as reader:
        assert await reader.next() == ("resync", None)


@pytest.mark.parametrize("last_event_id", ["99999", "nonsense", "-1", "1" * 30])
async def test_an_id_of_another_life_must_be_asked_for_anew(house: House, last_event_id: str) -> None:
    async with reading(house.console.hub, last_event_id) as reader:
        assert await reader.next() == ("resync", None)


async def test_who_is_too_slow_must_ask_anew(house: House, live: LiveStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flovify.api.live.hub.MAX_BEHIND", 5)
    async with reading(house.console.hub) as reader, reading(house.console.hub) as other:
        await reader.place()
        await other.place()
        for number in range(12):
            await live.announce("health.changed", str(number))
        while (await other.next())[1] != "11":
            pass
        assert await reader.next() == ("resync", None)


async def test_the_session_ends_the_stream_and_says_so_a_minute_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flovify.api.live.stream.WARN_SECONDS", 1.0)
    ends = datetime.now(UTC) + timedelta(seconds=2)
    async with reading(house.console.hub, expires_at=ends) as reader:
        assert await reader.next() == ("session.expiring", None)
        assert datetime.now(UTC) < ends
        assert await reader.next() == ("end", None)
        assert datetime.now(UTC) >= ends - timedelta(milliseconds=50)


async def test_a_quiet_stream_says_that_it_lives(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flovify.api.live.stream.PING_SECONDS", 0.1)
    async with aclosing(stream(house.console.hub, None, None)) as blocks:
        await anext(blocks)
        assert await asyncio.wait_for(anext(blocks), 10) == b": ping\n\n"


async def test_a_shutdown_ends_all_streams_at_once(house: House) -> None:
    stop = asyncio.Event()
    ending = asyncio.create_task(house.console.hub.close_when(stop))
    async with reading(house.console.hub) as reader:
        await reader.place()
        stop.set()
        assert await reader.next(5) == ("end", None)
    await ending
    async with reading(house.console.hub) as reader:
        assert await reader.next(5) == ("end", None)


async def test_nobody_listens_when_nobody_follows(house: House, pool: Pool) -> None:
    async def listening() -> int:
        found: int = await pool.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        return found

    async with reading(house.console.hub) as reader:
        await reader.place()
    assert await listening() == 0
    assert house.console.hub._tasks == []


async def test_the_log_is_kept_short(live: LiveStore, pool: Pool) -> None:
    await live.announce("health.changed", "old")
    await live.collect()
    await live.announce("health.changed", "never collected")
    await pool.execute("UPDATE api.live_events SET at = at - interval '6 minutes'")
    await pool.execute("UPDATE api.live_outbox SET at = at - interval '6 minutes'")
    await live.announce("health.changed", "new")
    await live.prune()
    assert await collected(live) == [("health.changed", "new")]


async def test_only_who_may_look_may_follow(house: House) -> None:
    assert (await house.call("GET", "/api/stream", role=None)).status == 401
