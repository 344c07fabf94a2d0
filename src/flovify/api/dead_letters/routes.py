"""`/api/dead-letters`: what could not be done, doing it again, and giving it up."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from flovify.api.dead_letters.models import DeadLetterFilter
from flovify.api.dead_letters.schemas import (
    DeadLetterGroup,
    DeadLetterGroups,
    DeadLetterOut,
    DeadLetterPage,
    DiscardedDeadLetter,
    DiscardedDeadLetterPage,
    DiscardRequest,
    DiscardResult,
    ReplayOut,
    RestoreRequest,
    RestoreResult,
)
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.words import words
from flovify.common.errors import NotFound
from flovify.common.jwt import Principal

_After = Annotated[uuid.UUID | None, Query(description="A `next` of an earlier answer.")]
_Limit = Annotated[int, Query(ge=1, le=200)]
_NO_NUL = r"^[^\x00]*$"


def build_router(service: DeadLetterService, operator: Any) -> APIRouter:
    """The routes over a given service; `operator` is the dependency that lets somebody in and says who it is."""
    router = APIRouter(tags=["dead letters"], dependencies=[Depends(operator)])
    _add_groups(router, service)
    _add_discarding(router, service, operator)
    _add_reading(router, service)
    _add_replaying(router, service, operator)
    return router


def _add_groups(router: APIRouter, service: DeadLetterService) -> None:
    @router.get("/api/dead-letter-groups", summary="Count dead letters by cause")
    async def list_dead_letter_groups() -> DeadLetterGroups:
        """The largest group first, with what it means and what to do."""
        groups = await service.store.groups()
        items = [DeadLetterGroup(**vars(group), words=words(group.reason)) for group in groups]
        return DeadLetterGroups(items=items, total=sum(group.count for group in groups))


def _add_discarding(router: APIRouter, service: DeadLetterService, operator: Any) -> None:
    @router.post("/api/dead-letters/discard", summary="Give dead letters up")
    async def discard_dead_letters(wanted: DiscardRequest, principal: Principal = Depends(operator)) -> DiscardResult:
        """They become settled events with the outcome `discarded`, and can be restored."""
        return DiscardResult(discarded=await service.discard(principal, wanted.selection(), wanted.reason))

    @router.get("/api/dead-letters/discarded", summary="List what was given up")
    async def list_discarded_dead_letters(after: _After = None, limit: _Limit = 50) -> DiscardedDeadLetterPage:
        """The last discarded first."""
        rows = await service.store.list_discarded(after, limit + 1)
        page = rows[:limit]
        return DiscardedDeadLetterPage(
            items=[DiscardedDeadLetter.model_validate(row) for row in page],
            next=str(page[-1].id) if len(rows) > limit else None,
        )

    @router.post("/api/dead-letters/restore", summary="Take discarding back")
    async def restore_dead_letters(wanted: RestoreRequest, principal: Principal = Depends(operator)) -> RestoreResult:
        """They are dead letters again. One that was not discarded is passed over."""
        return RestoreResult(restored=await service.restore(principal, wanted.ids))


def _add_reading(router: APIRouter, service: DeadLetterService) -> None:
    @router.get("/api/dead-letters", summary="List dead letters")
    async def list_dead_letters(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        reason: Annotated[str | None, Query(max_length=100, pattern=_NO_NUL, description="Of this cause only.")] = None,
        since: Annotated[AwareDatetime | None, Query(description="Died at this time or later.")] = None,
        q: Annotated[
            str | None,
            Query(max_length=500, pattern=_NO_NUL, description="An id, or part of the last error."),
        ] = None,
        after: _After = None,
        limit: _Limit = 50,
    ) -> DeadLetterPage:
        """The last received first."""
        wanted = DeadLetterFilter(tenant_id, reason or None, since, (q or "").strip() or None)
        rows = await service.store.list(wanted, after, limit + 1)
        page = rows[:limit]
        return DeadLetterPage(
            items=[DeadLetterOut.model_validate(row) for row in page],
            next=str(page[-1].id) if len(rows) > limit else None,
        )

    @router.get("/api/dead-letters/{dead_letter_id}", summary="Read one dead letter")
    async def get_dead_letter(dead_letter_id: uuid.UUID) -> DeadLetterOut:
        """404 when it was replayed meanwhile: GET /api/events tells what became of it."""
        found = await service.store.get(dead_letter_id)
        if found is None:
            raise _not_found()
        return DeadLetterOut.model_validate(found)


def _add_replaying(router: APIRouter, service: DeadLetterService, operator: Any) -> None:
    @router.post("/api/dead-letters/{dead_letter_id}/replay", summary="Have it done again", status_code=202)
    async def replay_dead_letter(dead_letter_id: uuid.UUID, principal: Principal = Depends(operator)) -> ReplayOut:
        """Put the event back into the queue with all its attempts.

        Asking again changes nothing and tells where the event stands; what it does, it does once.
        """
        found = await service.replay(principal, dead_letter_id)
        if found is None:
            raise _not_found()
        return ReplayOut.model_validate(found)


def _not_found() -> NotFound:
    return NotFound("There is no dead letter with this id; GET /api/dead-letters lists those there are.")
