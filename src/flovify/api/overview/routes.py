"""`GET /api/overview`: the first page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from flovify.api.overview.schemas import Overview, Period
from flovify.api.overview.service import OverviewService
from flovify.common.jwt import RequireRole


def create_router(service: OverviewService, viewer: RequireRole) -> APIRouter:
    """Looking needs the role viewer."""
    router = APIRouter(prefix="/api", tags=["overview"], dependencies=[Depends(viewer)])

    @router.get("/overview", summary="How everything stands")
    async def get_overview(
        period: Annotated[Period, Query(description="What the chart covers.")] = "24h",
        tz: Annotated[
            str,
            Query(max_length=64, pattern=r"^[A-Za-z0-9+_/-]+$", description="IANA name; columns of days begin there."),
        ] = "UTC",
    ) -> Overview:
        """One sentence, what needs somebody, the figures of a period, and the health of each part."""
        return await service.overview(period, tz)

    return router
