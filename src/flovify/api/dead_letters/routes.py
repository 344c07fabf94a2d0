"""`/api/dead-letters`: what could not be done, and doing it again."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.deps import Deps
from flovify.common.errors import NotFound


class DeadLetterOut(BaseModel):
    """An event the worker gave up. `item` is the notification as Microsoft sent it, without its secret."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    tenant_id: uuid.UUID
    provider: str
    subscription_row_id: uuid.UUID
    kind: str
    change_type: str | None
    message_id: str | None
    correlation_id: uuid.UUID
    received_at: datetime
    died_at: datetime
    reason: str
    attempts: int
    replays: int
    last_error_kind: str | None
    last_error: str | None
    last_error_at: datetime | None
    item: Any


class DeadLetterPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[DeadLetterOut]
    next: str | None


class ReplayOut(BaseModel):
    """`state` is waiting, dead (it failed again) or settled; then `outcome` says how."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    state: str
    outcome: str | None
    replays: int


def create_router(deps: Deps) -> APIRouter:
    """All of it needs the role operator."""
    return build_router(DeadLetterStore(deps.pool), deps.operator)


def build_router(store: DeadLetterStore, operator: Any) -> APIRouter:
    """The routes over a given store; `operator` is the dependency that lets somebody in."""
    router = APIRouter(prefix="/api/dead-letters", tags=["dead letters"], dependencies=[Depends(operator)])

    @router.get("", summary="List dead letters")
    async def list_dead_letters(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        after: Annotated[uuid.UUID | None, Query(description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> DeadLetterPage:
        """The last received first."""
        rows = await store.list(tenant_id, after, limit + 1)
        page = rows[:limit]
        return DeadLetterPage(
            items=[DeadLetterOut.model_validate(row) for row in page],
            next=str(page[-1].id) if len(rows) > limit else None,
        )

    @router.get("/{dead_letter_id}", summary="Read one dead letter")
    async def get_dead_letter(dead_letter_id: uuid.UUID) -> DeadLetterOut:
        """404 when it was replayed meanwhile: GET /api/events tells what became of it."""
        found = await store.get(dead_letter_id)
        if found is None:
            raise _not_found()
        return DeadLetterOut.model_validate(found)

    @router.post("/{dead_letter_id}/replay", summary="Have it done again", status_code=202)
    async def replay_dead_letter(dead_letter_id: uuid.UUID) -> ReplayOut:
        """Put the event back into the queue with all its attempts.

        Asking again changes nothing and tells where the event stands; what it does, it does once.
        """
        found = await store.replay(dead_letter_id)
        if found is None:
            raise _not_found()
        return ReplayOut.model_validate(found)

    return router


def _not_found() -> NotFound:
    return NotFound("There is no dead letter with this id; GET /api/dead-letters lists those there are.")
