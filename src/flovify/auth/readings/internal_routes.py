"""auth's figures for the worker, which sends alerts and cannot read auth's tables."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from flovify.common.readings.models import to_json
from flovify.common.readings.service import Readings
from flovify.common.service_tokens import ServiceTokenGuard


class ReadingOut(BaseModel):
    """By a figure's name pairs of its labels' values and its value; `age_seconds` is null before the first reading."""

    age_seconds: float | None
    figures: dict[str, list[tuple[list[str], float]]]


def router(readings: Readings, guard: ServiceTokenGuard) -> APIRouter:
    """GET /auth/internal/readings."""
    routes = APIRouter(prefix="/auth/internal", dependencies=[Depends(guard)], tags=["internal"])

    @routes.get("/readings", summary="The last figures of accounts, tokens and credentials")
    async def last_reading() -> ReadingOut:
        """The same figures that /metrics shows."""
        reading = await readings.last()
        if reading is None:
            return ReadingOut(age_seconds=None, figures={})
        return ReadingOut.model_validate({"age_seconds": reading.age_seconds, "figures": to_json(reading.values)})

    return routes
