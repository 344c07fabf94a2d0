"""`/api/message-summaries`: the list of messages that people look through."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import AwareDatetime

from flovify.api.messages.summaries.models import Order, SummaryFilter
from flovify.api.messages.summaries.schemas import MessageSummaryPage, decode_place, encode_place
from flovify.api.messages.summaries.store import SummaryStore

_NO_NUL = r"^[^\x00]*$"


def create_router(store: SummaryStore, viewer: Any) -> APIRouter:
    """The routes over a given store; `viewer` is the dependency that lets somebody in."""
    router = APIRouter(prefix="/api/message-summaries", tags=["messages"], dependencies=[Depends(viewer)])

    @router.get("", summary="List messages for people")
    async def list_message_summaries(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        q: Annotated[
            str | None,
            Query(
                max_length=1000,
                pattern=_NO_NUL,
                description='Words, an address or an internetMessageId; "a phrase", or, and -not as in web search.',
            ),
        ] = None,
        has_attachments: Annotated[bool | None, Query(description="With attachments only, or without.")] = None,
        since: Annotated[AwareDatetime | None, Query(description="Received at this time or later.")] = None,
        until: Annotated[AwareDatetime | None, Query(description="Received before this time.")] = None,
        deleted: Annotated[bool | None, Query(description="Removed at Microsoft only, or only what is there.")] = None,
        order: Annotated[Order, Query(description="By the time of receiving.")] = Order.NEWEST,
        after: Annotated[str | None, Query(max_length=200, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> MessageSummaryPage:
        """One line a message, without its body. GET /api/messages is the feed for programs."""
        wanted = SummaryFilter(tenant_id, (q or "").strip() or None, has_attachments, since, until, deleted)
        found = await store.list(wanted, order, decode_place(after) if after else None, limit + 1)
        page = found.items[:limit]
        return MessageSummaryPage(
            items=[item.shown for item in page],
            next=encode_place(page[-1].place) if len(found.items) > limit else None,
            total_estimate=found.total_estimate,
        )

    return router
