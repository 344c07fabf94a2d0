"""RabbitMQ. Its server takes seven seconds to start, twice: `make nightly`."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator

import aio_pika
import pytest
import pytest_asyncio

from flovify.api.intake_log.errors import EngineAway, NotStored
from flovify.api.intake_log.rabbitmq import QUEUE, REFUSED, RabbitEngine, RabbitSource
from flovify.common.db import Pool
from flovify.common.settings import SettingError
from tests.integration.engines.conformance import EngineConformance
from tests.integration.engines.ground import Ground, carry_events, rows, standing_on
from tests.integration.engines.through import built, check_an_outage_of_the_database
from tests.support.engines import RabbitServer, running
from tests.support.net import free_port
from tests.support.postgres import Cluster, running_cluster
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.nightly]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitServer]:
    with running(RabbitServer(tmp_path_factory.mktemp("rabbitmq"))) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def ground(pool: Pool, server: RabbitServer) -> AsyncIterator[Ground]:
    engine = RabbitEngine([server.url])
    await until(lambda: _checked(engine), 20, "RabbitMQ")
    await _empty(engine.source())
    async with standing_on(Ground(pool, engine)) as made:
        yield made


async def test_a_queue_that_somebody_removed_is_made_again_and_nothing_is_confirmed_meanwhile(
    ground: Ground, server: RabbitServer
) -> None:
    front = ground.front()
    await front.write(rows("removed"))
    async with await aio_pika.connect(server.url) as admin, admin.channel() as channel:
        await channel.queue_delete(QUEUE)
    with pytest.raises(NotStored, match="PublishError"):
        await front.write(rows("refused"))
    await front.write(rows("after"))
    await carry_events(ground.back(), 1)
    assert list(await ground.inbox()) == ["after"]


async def test_a_queue_of_another_kind_and_a_wrong_password_are_refused_at_start(server: RabbitServer) -> None:
    engine = RabbitEngine([server.url])
    await until(lambda: _checked(engine), 20, "RabbitMQ")
    await engine.close()
    async with await aio_pika.connect(server.url) as admin, admin.channel() as channel:
        await channel.queue_delete(REFUSED)
        await channel.declare_queue(REFUSED, durable=True)
        with pytest.raises(SettingError, match="QUEUE_URL: RabbitMQ has a queue .* of another kind"):
            await engine.check()
        await channel.queue_delete(REFUSED)
    await engine.close()
    wrong = RabbitEngine([server.url.replace("guest:guest", "guest:s3cret-canary")])
    with pytest.raises(SettingError, match="QUEUE_URL: RabbitMQ refuses its user") as caught:
        await wrong.check()
    assert "canary" not in str(caught.value)
    await wrong.close()


async def test_of_several_nodes_the_next_one_is_asked(server: RabbitServer, pool: Pool) -> None:
    async with standing_on(Ground(pool, RabbitEngine([f"amqp://127.0.0.1:{free_port()}/", server.url]))) as ground:
        front = ground.front()
        with pytest.raises(NotStored):
            await front.write(rows("at the dead one"))
        await front.write(rows("at the living one"))


@pytest.fixture(scope="module")
def stoppable() -> Iterator[Cluster]:
    with running_cluster() as made:
        yield made


async def test_an_outage_of_the_database_is_not_noticed_outside(
    stoppable: Cluster, server: RabbitServer, ground: Ground
) -> None:
    await ground.close()
    async with built(stoppable, QUEUE_BACKEND="rabbitmq", QUEUE_URL=server.url) as house:
        await check_an_outage_of_the_database(house)


async def _checked(engine: RabbitEngine) -> bool:
    """An open port is not yet an answer."""
    with contextlib.suppress(EngineAway):
        await engine.check()
        return True
    return False


async def _empty(source: RabbitSource) -> None:
    """Not by deleting the queues: one that is made anew outlives no crash in its first seconds."""
    while left := [*await source.read(64, 0.1), *await source.refused(64)]:
        await source.acknowledge(left)
    await source.close()


class TestRabbit(EngineConformance):
    """All of it."""

    kind = "rabbitmq"
