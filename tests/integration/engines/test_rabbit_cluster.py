"""Three nodes of RabbitMQ: one is killed, one is cut off, and notifications go on."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flovify.api.intake_log.errors import NotStored
from flovify.api.intake_log.mover import Mover
from flovify.api.intake_log.protocol import Front
from flovify.api.intake_log.rabbitmq import RabbitEngine
from flovify.common.db import Pool
from tests.integration.engines.ground import Ground, rows, standing_on, write_again
from tests.support.networks import may_make_networks
from tests.support.rabbit_cluster import three_nodes
from tests.support.wait import until

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.nightly,
    pytest.mark.skipif(not may_make_networks(), reason="only root makes networks, with iproute2"),
]


async def test_with_a_node_killed_and_one_cut_off_nothing_is_lost_and_nothing_doubled(
    pool: Pool, tmp_path: Path
) -> None:
    confirmed, stop, enough = list[str](), asyncio.Event(), asyncio.Event()

    async def write(front: Front, name: str) -> None:
        number = 0
        while not enough.is_set():
            await write_again(front, rows(f"{name}-{number}"), 60)
            confirmed.append(f"{name}-{number}")
            number += 1

    async def some_more(number: int, when: str) -> None:
        goal = len(confirmed) + number
        await until(lambda: len(confirmed) >= goal, 60, f"{number} confirmed {when}", 0.01)

    with three_nodes(tmp_path) as nodes:
        urls = [node.url for node in nodes]
        async with standing_on(Ground(pool, RabbitEngine(urls))) as ground:
            await write_again(ground.front(), rows("first"))
            for url in urls:
                one = RabbitEngine([url])
                assert (await one.depth()).events == 1, "one queue, not one on each node"
                await one.close()
            await until(lambda: all(node.is_settled for node in nodes), 20, "the nodes to have written their own")
            moving = [asyncio.create_task(Mover(ground.back(), sweep_seconds=0.05).run(stop)) for _ in range(2)]
            writing = [asyncio.create_task(write(ground.front(), name)) for name in "ab"]
            await some_more(200, "with all three")
            nodes[0].kill9()
            await some_more(200, "with one killed")
            await asyncio.to_thread(nodes[0].start)
            await some_more(200, "with all three again")
            nodes[1].cut_off()
            await some_more(200, "with one cut off")
            nodes[1].join_again()
            await some_more(200, "after all")
            enough.set()
            await asyncio.gather(*writing)

            async def all_there() -> bool:
                return {*confirmed, "first"} <= set(await ground.inbox())

            await until(all_there, 60, "all that was confirmed")
            assert await pool.fetchval("SELECT count(*) - count(DISTINCT event_key) FROM api.inbox") == 0
            stop.set()
            await asyncio.gather(*moving)
            nodes[0].kill9()
            nodes[2].kill9()
            front = ground.front()
            for _ in nodes:
                with pytest.raises(NotStored):
                    await front.write(rows("by one of three"))
