"""A worker's mover that is killed after its commit and before its acknowledgement; started by tests as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from flovify.api.intake_log.carrier import EngineLog
from flovify.api.intake_log.mover import Mover
from flovify.api.intake_log.protocol import Delivery, Engine
from flovify.common.db import create_pool


async def _acknowledge(_deliveries: Sequence[Delivery]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def _main(kind: str, url: str, dsn: str) -> None:
    source = _engine(kind, url).source()
    source.acknowledge = _acknowledge  # type: ignore[method-assign,assignment]
    pool = await create_pool(dsn, application_name="dying")
    await Mover(EngineLog(pool, source)).run(asyncio.Event())


def _engine(kind: str, url: str) -> Engine:
    if kind == "redis":
        from flovify.api.intake_log.redis_streams import RedisEngine

        return RedisEngine(url)
    from flovify.api.intake_log.rabbitmq import RabbitEngine

    return RabbitEngine([url])


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
