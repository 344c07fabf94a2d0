"""`/api/messages/{id}/trace` and `/api/events/{id}/trace`."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Depends

from flovify.api.messages.traces.models import Trace
from flovify.api.messages.traces.service import TraceService


def create_router(service: TraceService, viewer: Any) -> APIRouter:
    """The routes over a given service; `viewer` is the dependency that lets somebody in."""
    router = APIRouter(prefix="/api", tags=["messages"], dependencies=[Depends(viewer)])

    @router.get("/messages/{message_id}/trace", summary="Follow a message's way")
    async def get_message_trace(message_id: uuid.UUID) -> Trace:
        """From Microsoft's notification to the stored row, with the time and the failures at each step."""
        return await service.of_message(message_id)

    @router.get("/events/{event_id}/trace", summary="Follow an event's way", tags=["events"])
    async def get_event_trace(event_id: uuid.UUID) -> Trace:
        """The same for an event, settled or not: for what waits, and for dead letters."""
        return await service.of_event(event_id)

    return router
