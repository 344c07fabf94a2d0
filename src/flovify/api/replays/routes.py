"""`/api/replays`: have many dead letters done again, and follow it."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from flovify.api.replays.models import ItemState
from flovify.api.replays.schemas import (
    Replay,
    ReplayItem,
    ReplayItemPage,
    ReplayPage,
    ReplayPreview,
    ReplayPreviewRequest,
    ReplayRequest,
    replay_out,
)
from flovify.api.replays.service import ReplayService
from flovify.common.jwt import Principal

_After = Annotated[uuid.UUID | None, Query(description="A `next` of an earlier answer.")]
_Limit = Annotated[int, Query(ge=1, le=200)]


def create_router(service: ReplayService, operator: Any) -> APIRouter:
    """The routes over a given service; `operator` is the dependency that lets somebody in and says who it is."""
    router = APIRouter(prefix="/api/replays", tags=["dead letters"], dependencies=[Depends(operator)])
    _add_starting(router, service, operator)
    _add_reading(router, service)
    _add_steering(router, service, operator)
    return router


def _add_starting(router: APIRouter, service: ReplayService, operator: Any) -> None:
    @router.post("/preview", summary="See what a replay would do")
    async def preview_replay(wanted: ReplayPreviewRequest) -> ReplayPreview:
        """How many dead letters are chosen, of which causes and accounts, and which would only fail again."""
        return await service.preview(wanted.selection())

    @router.post("", summary="Have dead letters done again", status_code=202)
    async def create_replay(wanted: ReplayRequest, principal: Principal = Depends(operator)) -> Replay:
        """A worker puts them back into the queue, `per_second` at a time, whoever is watching.

        409 `replay_key_used` when the key names another replay. An event is done once, however often it is replayed.
        """
        return replay_out(await service.start(principal, wanted))


def _add_reading(router: APIRouter, service: ReplayService) -> None:
    @router.get("", summary="List replays")
    async def list_replays(after: _After = None, limit: _Limit = 50) -> ReplayPage:
        """The last started first."""
        rows = await service.store.list(after, limit + 1)
        page = rows[:limit]
        return ReplayPage(items=[replay_out(row) for row in page], next=str(page[-1].id) if len(rows) > limit else None)

    @router.get("/{replay_id}", summary="Read one replay")
    async def get_replay(replay_id: uuid.UUID) -> Replay:
        return replay_out(await service.get(replay_id))

    @router.get("/{replay_id}/items", summary="List a replay's dead letters")
    async def list_replay_items(
        replay_id: uuid.UUID,
        state: Annotated[ItemState | None, Query(description="In this state only.")] = None,
        after: _After = None,
        limit: _Limit = 50,
    ) -> ReplayItemPage:
        """In the order in which the events came."""
        await service.get(replay_id)
        rows = await service.store.items(replay_id, state, after, limit + 1)
        page = rows[:limit]
        return ReplayItemPage(
            items=[ReplayItem.model_validate(row) for row in page],
            next=str(page[-1].event_id) if len(rows) > limit else None,
        )


def _add_steering(router: APIRouter, service: ReplayService, operator: Any) -> None:
    @router.post("/{replay_id}/pause", summary="Put nothing more back for now")
    async def pause_replay(replay_id: uuid.UUID, principal: Principal = Depends(operator)) -> Replay:
        """409 `replay_ended` when it is over."""
        return replay_out(await service.pause(principal, replay_id))

    @router.post("/{replay_id}/resume", summary="Go on")
    async def resume_replay(replay_id: uuid.UUID, principal: Principal = Depends(operator)) -> Replay:
        """409 `replay_ended` when it is over."""
        return replay_out(await service.resume(principal, replay_id))

    @router.post("/{replay_id}/cancel", summary="Put nothing more back at all")
    async def cancel_replay(replay_id: uuid.UUID, principal: Principal = Depends(operator)) -> Replay:
        """What is in the queue already is still worked on. The rest stay dead letters."""
        return replay_out(await service.cancel(principal, replay_id))
