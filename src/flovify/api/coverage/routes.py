"""`/api/coverage/gaps`: when notifications may have been missed, and what was found of it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from flovify.api.coverage.models import Gap, summary
from flovify.api.coverage.schemas import GapOut, GapPage
from flovify.api.coverage.store import CoverageStore


def create_router(store: CoverageStore, viewer: Any) -> APIRouter:
    """Looking needs the role viewer."""
    router = APIRouter(prefix="/api/coverage", tags=["coverage"], dependencies=[Depends(viewer)])

    @router.get("/gaps", summary="List coverage gaps")
    async def list_gaps(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        is_open: Annotated[bool | None, Query(alias="open", description="Open ones only, or closed ones only.")] = None,
        after: Annotated[int | None, Query(ge=1, le=2**62, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> GapPage:
        """The last opened first. A gap of a new subscription is its first look at the folder."""
        rows = await store.list(after, tenant_id, is_open, limit + 1)
        page = [_out(row) for row in rows[:limit]]
        return GapPage(items=page, next=str(page[-1].id) if len(rows) > limit else None)

    return router


def _out(gap: Gap) -> GapOut:
    return GapOut.model_validate({**vars(gap), "reasons": list(gap.reasons), "summary": summary(gap)})
