"""`/api/events`: each notification that was taken, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from flovify.api.accounts.names import AccountNames, KnownAccount
from flovify.api.deps import Deps
from flovify.api.events.models import EventFilter, EventState
from flovify.api.events.schemas import EventDetail, EventKindName, EventOut, EventPage
from flovify.api.events.store import EventStore
from flovify.common.errors import NotFound

_TEXT = r"^[^\x00]*$"


def event_filter(
    tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
    state: Annotated[EventState | None, Query(description="Waiting, dead or settled ones only.")] = None,
    kind: Annotated[EventKindName | None, Query(description="Of this kind only.")] = None,
    outcome: Annotated[str | None, Query(max_length=50, pattern=_TEXT, description="Settled this way only.")] = None,
    reason: Annotated[
        str | None, Query(max_length=50, pattern=_TEXT, description="With this reason only, for instance gone.")
    ] = None,
    stuck: Annotated[
        bool | None, Query(description="Those that wait for more than a day after trouble, or all others.")
    ] = None,
    since: Annotated[AwareDatetime | None, Query(description="Received at this time or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Received before this time.")] = None,
    q: Annotated[
        str | None,
        Query(max_length=500, pattern=_TEXT, description="A correlation id, a message id, or Microsoft's request id."),
    ] = None,
) -> EventFilter:
    return EventFilter(tenant_id, state, outcome, since, until, kind, q.strip() or None if q else None, reason, stuck)


def create_router(deps: Deps) -> APIRouter:
    """Looking needs the role viewer."""
    return build_router(EventStore(deps.pool), deps.viewer, deps.directory)


def build_router(store: EventStore, viewer: Any, accounts: AccountNames) -> APIRouter:
    """The routes over a given store; `viewer` is the dependency that lets somebody in."""
    router = APIRouter(prefix="/api/events", tags=["events"], dependencies=[Depends(viewer)])

    @router.get("", summary="List events")
    async def list_events(
        wanted: Annotated[EventFilter, Depends(event_filter)],
        after: Annotated[uuid.UUID | None, Query(description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> EventPage:
        """The last received first."""
        rows = await store.list(wanted, after, limit + 1)
        names = await accounts.names()
        page = [
            EventOut.model_validate({**vars(row), "account_email": _email(names, row.tenant_id)})
            for row in rows[:limit]
        ]
        return EventPage(items=page, next=str(page[-1].id) if len(rows) > limit else None)

    @router.get("/{event_id}", summary="Read one event")
    async def get_event(event_id: uuid.UUID) -> EventDetail:
        found = await store.get(event_id)
        if found is None:
            raise NotFound("There is no event with this id; GET /api/events lists those there are.")
        return EventDetail.model_validate(
            {
                **vars(found.event),
                "account_email": _email(await accounts.names(), found.event.tenant_id),
                "item": found.item,
                "stored_message_id": found.stored_id,
            }
        )

    return router


def _email(names: Mapping[uuid.UUID, KnownAccount], tenant_id: uuid.UUID) -> str | None:
    found = names.get(tenant_id)
    return found.account_email if found else None
