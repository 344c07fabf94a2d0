"""The engine that the settings name. Its driver is loaded only then."""

from __future__ import annotations

from flovify.api.intake_log.carrier import EngineLog
from flovify.api.intake_log.chained import Chained
from flovify.api.intake_log.protocol import Back, Engine
from flovify.api.intake_log.store import PostgresIntakeLog
from flovify.api.settings import ApiBaseSettings
from flovify.common.db import Pool
from flovify.common.setting_types import words


def engine_of(settings: ApiBaseSettings) -> Engine | None:
    """None with PostgreSQL, which is its own. Nothing is connected yet."""
    url = settings.queue_url.get_secret_value()
    if settings.queue_backend == "redis":
        from flovify.api.intake_log.redis_streams import RedisEngine  # noqa: PLC0415

        return RedisEngine(url)
    if settings.queue_backend == "rabbitmq":
        from flovify.api.intake_log.rabbitmq import RabbitEngine  # noqa: PLC0415

        return RabbitEngine(words(settings.queue_url))
    return None


def back_of(engine: Engine | None, pool: Pool) -> Back:
    """What the mover carries from, and where depth is asked."""
    former = PostgresIntakeLog(pool)
    return Chained(EngineLog(pool, engine.source()), former) if engine else former
