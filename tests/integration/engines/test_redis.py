"""Redis Streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import redis

from flovify.api.intake.guard import IntakeGuard
from flovify.api.intake_log.engines import back_of
from flovify.api.intake_log.errors import EngineAway, NotStored
from flovify.api.intake_log.models import LogDepth
from flovify.api.intake_log.protocol import Back
from flovify.api.intake_log.redis_streams import STREAM, RedisEngine, RedisSource
from flovify.api.readings.figures import LOGGED, WAITING
from flovify.api.readings.store import FigureReader
from flovify.api.system.service import SystemService
from flovify.api.system.store import SystemStore
from flovify.common.clock import SystemClock
from flovify.common.db import Pool
from flovify.common.settings import SettingError
from tests.integration.engines.conformance import EngineConformance
from tests.integration.engines.ground import Ground, carry_events, rows, standing_on, write_again
from tests.integration.engines.through import built, check_an_outage_of_the_database
from tests.support.engines import RedisServer, running
from tests.support.net import free_port
from tests.support.postgres import Cluster, running_cluster
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    at_once = {"repl-diskless-sync-delay": "0"}
    with running(RedisServer(tmp_path_factory.mktemp("redis"), **at_once)) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def ground(pool: Pool, server: RedisServer) -> AsyncIterator[Ground]:
    with redis.Redis.from_url(server.url) as admin:
        admin.flushall()
    engine = RedisEngine(server.url, idle_seconds=0.3)
    await engine.check()
    async with standing_on(Ground(pool, engine)) as made:
        yield made


class TestRedis(EngineConformance):
    """All of it."""

    kind = "redis"


@pytest.mark.parametrize(
    ("name", "weak"), [("appendonly", "no"), ("appendfsync", "everysec"), ("maxmemory-policy", "allkeys-lru")]
)
async def test_what_would_lose_is_refused_at_start_with_its_mend(server: RedisServer, name: str, weak: str) -> None:
    with redis.Redis.from_url(server.url) as admin:
        good = admin.config_get(name)[name]
        admin.config_set(name, weak)
        engine = RedisEngine(server.url)
        try:
            with pytest.raises(SettingError, match=f"QUEUE_URL: Redis must have {name} {good}, or .* it has {weak}"):
                await engine.check()
        finally:
            admin.config_set(name, good)
            await engine.close()


async def test_the_rights_that_the_page_names_are_enough_and_a_wrong_password_is_named(server: RedisServer) -> None:
    page = (Path(__file__).parents[3] / "docs" / "scaling.md").read_text()
    rights = page.partition("`~flovify:* ")[2].partition("`")[0].split()
    with redis.Redis.from_url(server.url) as admin:
        admin.flushall()
        admin.execute_command("ACL", "SETUSER", "flovify", "on", ">secret", "~flovify:*", *rights)
        engine = RedisEngine(server.url.replace("redis://", "redis://flovify:secret@"))
        front, source = engine.front(), engine.source()
        await engine.check()
        for name in ("one", "two"):
            await front.write(rows(name))
        one, two = await source.read(10, 1)
        await source.refuse(one, "why")
        await source.acknowledge([two, *await source.refused(10)])
        assert await engine.depth() == LogDepth(0, 0.0, 0)
        for opened in (front, source, engine):
            await opened.close()
        admin.execute_command("ACL", "SETUSER", "flovify", "-config")
        with pytest.raises(SettingError, match="CONFIG GET"):
            await engine.check()
        await engine.close()
    wrong = RedisEngine(server.url.replace("redis://", "redis://flovify:s3cret-canary@"))
    with pytest.raises(SettingError, match="QUEUE_URL: Redis refuses its user") as caught:
        await wrong.check()
    assert "canary" not in str(caught.value)
    await wrong.close()


async def test_an_address_that_nobody_answers_is_named_without_its_password() -> None:
    engine = RedisEngine(f"redis://me:s3cret-canary@127.0.0.1:{free_port()}/0")
    with pytest.raises(EngineAway, match="Redis of QUEUE_URL") as caught:
        await engine.check()
    assert "canary" not in caught.value.detail
    with pytest.raises(NotStored, match="^ConnectionError$"):
        await engine.front().write(rows("lost"))


async def test_every_replica_confirms_or_nothing_is_stored(ground: Ground, server: RedisServer, tmp_path: Path) -> None:
    replica = RedisServer(tmp_path, replicaof=f"127.0.0.1 {server.port}")
    with running(replica), redis.Redis.from_url(server.url) as admin, redis.Redis.from_url(replica.url) as copy:
        await until(lambda: admin.info("replication").get("slave0", {}).get("state") == "online", 15, "the replica")
        front = ground.front()
        for number in range(1, 21):
            await front.write(rows(f"both-{number}"))
            assert copy.xlen(STREAM) == number, "confirmed is there, and not soon"
        replica.pause()
        try:
            with pytest.raises(NotStored, match="replicas|TimeoutError"):
                await front.write(rows("one only"))
        finally:
            replica.resume()
        await write_again(front, rows("both again"))
        assert copy.xlen(STREAM) >= 22, "at least: what was not confirmed is offered again"


async def test_what_a_dead_worker_had_in_hand_is_another_s_after_a_while(ground: Ground) -> None:
    await ground.write(rows("left behind"))
    dead = ground.back()
    await dead.wait(asyncio.Event(), 1)
    other = ground.back()
    assert (await other.carry(64, 2000)).groups == 0, "not yet"
    await carry_events(other, 1)
    assert list(await ground.inbox()) == ["left behind"]


async def test_the_names_of_dead_workers_are_not_kept_for_ever(
    ground: Ground, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, other = RedisSource(server.url), ground.back()
    await ground.write(rows("one"))
    await dead.acknowledge(await dead.read(1, 1))
    stopped = RedisSource(server.url)
    await ground.write(rows("two"))
    assert len(await stopped.read(1, 1)) == 1

    def names() -> set[str]:
        with redis.Redis.from_url(server.url) as admin:
            return {one["name"].decode() for one in admin.xinfo_consumers(STREAM, "flovify")}

    await stopped.close()
    assert names() == {dead._consumer, stopped._consumer}, "with something in hand that would be nobody's then"
    monkeypatch.setattr("flovify.api.intake_log.redis_streams._LONG_IDLE", 0)
    await until(lambda: _gone(other, names), 10, "no name but the one at work", 0.01)
    assert list(await ground.inbox()) == ["two"]
    await dead.close()


async def _gone(back: Back, names: Callable[[], set[str]]) -> bool:
    """Once what was left in hand is carried by another, its name goes too."""
    await back.carry(64, 2000)
    return len(names()) <= 1 and not (await back.depth()).events


async def test_a_stream_that_somebody_removed_is_made_again(ground: Ground, server: RedisServer) -> None:
    back = ground.back()
    assert (await back.carry(64, 2000)).groups == 0
    with redis.Redis.from_url(server.url) as admin:
        admin.flushall()
    with pytest.raises(EngineAway):
        await back.carry(64, 2000)
    await ground.write(rows("after"))
    await carry_events(back, 1)


async def test_what_somebody_else_put_into_the_stream_is_put_aside(ground: Ground, server: RedisServer) -> None:
    with redis.Redis.from_url(server.url) as admin:
        admin.xadd(STREAM, {"group": b"\xff\x00 no group", "events": "x"})
        admin.xadd(STREAM, {"other": "fields"})
    await ground.write(rows("good"))
    back = ground.back()
    await carry_events(back, 1)
    assert (await back.depth()).refused == 2


async def test_what_waits_counts_wherever_depth_is_shown(ground: Ground, tmp_path: Path) -> None:
    nothing: Any = None
    await ground.write(rows("a", "b", "c"))
    guard = IntakeGuard(ground.pool, tmp_path, min_free_bytes=0, max_waiting=2, engine=ground.engine)
    await guard.look()
    assert guard.reason == "depth"
    system = SystemService(SystemStore(ground.pool), nothing, nothing, SystemClock(), ground.engine)
    assert (await system.depth()).waiting == 3
    back = back_of(ground.engine, ground.pool)
    values = await FigureReader(ground.pool, back).take()
    assert (values[WAITING.name][()], values[LOGGED.name][()]) == (3, 3)
    await back.close()


async def test_while_it_is_away_everything_else_is_still_known(pool: Pool, tmp_path: Path) -> None:
    nothing: Any = None
    engine = RedisEngine(f"redis://127.0.0.1:{free_port()}")
    guard = IntakeGuard(pool, tmp_path, min_free_bytes=0, max_waiting=2, engine=engine)
    await guard.look()
    assert guard.reason is None
    assert (await SystemService(SystemStore(pool), nothing, nothing, SystemClock(), engine).depth()).waiting == 0
    values = await FigureReader(pool, back_of(engine, pool)).take()
    assert values[WAITING.name][()] == 0
    assert LOGGED.name not in values


async def test_what_stands_in_postgresql_s_log_from_before_is_carried_too(ground: Ground) -> None:
    former = Ground(ground.pool)
    await former.write(rows("before"))
    await former.close()
    await ground.write(rows("after"))
    assert ground.engine is not None
    back = back_of(ground.engine, ground.pool)
    assert (await back.depth()).events == 2
    await carry_events(back, 2)
    assert list(await ground.inbox()) == ["before", "after"]
    assert await back.carry_singly(64) == 0
    await back.close()


@pytest.fixture(scope="module")
def stoppable() -> Iterator[Cluster]:
    with running_cluster() as made:
        yield made


async def test_an_outage_of_the_database_is_not_noticed_outside(stoppable: Cluster, server: RedisServer) -> None:
    async with built(stoppable, QUEUE_BACKEND="redis", QUEUE_URL=server.url) as house:
        await check_an_outage_of_the_database(house)
