"""`/api/events`: each notification that was taken, and what became of it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict

from flovify.api.deps import Deps
from flovify.api.events.models import EventFilter, EventState
from flovify.api.events.store import EventStore


class EventOut(BaseModel):
    """`outcome` of a settled event: stored, unchanged, deleted, skipped (see `reason`), renewed, missed_recorded."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    state: EventState
    kind: str
    change_type: str | None
    message_id: str | None
    correlation_id: uuid.UUID
    subscription_row_id: uuid.UUID | None
    received_at: datetime
    due_at: datetime | None
    processed_at: datetime | None
    outcome: str | None
    reason: str | None
    attempts: int
    replays: int
    last_error_kind: str | None
    last_error: str | None


class EventPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[EventOut]
    next: str | None


def create_router(deps: Deps) -> APIRouter:
    """Looking needs the role viewer."""
    return build_router(EventStore(deps.pool), deps.viewer)


def build_router(store: EventStore, viewer: Any) -> APIRouter:
    """The routes over a given store; `viewer` is the dependency that lets somebody in."""
    router = APIRouter(prefix="/api/events", tags=["events"], dependencies=[Depends(viewer)])

    @router.get("", summary="List events")
    async def list_events(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        state: Annotated[EventState | None, Query(description="Waiting, dead or settled ones only.")] = None,
        outcome: Annotated[
            str | None, Query(max_length=50, pattern=r"^[^\x00]*$", description="Settled this way only.")
        ] = None,
        since: Annotated[AwareDatetime | None, Query(description="Received at this time or later.")] = None,
        until: Annotated[AwareDatetime | None, Query(description="Received before this time.")] = None,
        after: Annotated[uuid.UUID | None, Query(description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> EventPage:
        """The last received first."""
        wanted = EventFilter(tenant_id, state, outcome, since, until)
        rows = await store.list(wanted, after, limit + 1)
        page = rows[:limit]
        return EventPage(
            items=[EventOut.model_validate(row) for row in page],
            next=str(page[-1].id) if len(rows) > limit else None,
        )

    return router
