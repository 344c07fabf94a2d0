"""What a worker's mover does, by hand."""

from __future__ import annotations

from flovify.api.intake_log.store import PostgresIntakeLog
from flovify.common.db import Pool


async def carry_all(pool: Pool) -> int:
    """Carry everything that was taken in into the inbox; says how many events were new there."""
    log, new = PostgresIntakeLog(pool), 0
    while (carried := await log.carry(64, 2000)).groups:
        new += carried.new
    return new
