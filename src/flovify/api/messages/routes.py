"""`/api/messages`: the feed, one message, its source and its attachments."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from flovify.api.audit.store import AuditLog
from flovify.api.messages.downloads import ContentResponse, item_file_name, safe_file_name, safe_media_type
from flovify.api.messages.models import FeedFilter, MessageKind, StoredMessage
from flovify.api.messages.schemas import (
    MessageDetail,
    MessagePage,
    decode_cursor,
    encode_cursor,
    message_detail,
    message_out,
)
from flovify.api.messages.service import Content, MessageService
from flovify.common.errors import InvalidRequest
from flovify.common.jwt import Principal, RequireRole

_BINARY: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
_SOURCE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}}
}


def create_router(service: MessageService, audit: AuditLog, viewer: RequireRole) -> APIRouter:
    """The routes; every one needs the role viewer at least, and what is read of mail is in the audit log."""
    router = APIRouter(prefix="/api/messages", tags=["messages"])

    async def note(principal: Principal, what: str, stored: StoredMessage, **details: object) -> None:
        details = {"tenant_id": str(stored.tenant_id), **details}
        await audit.record(principal, f"message.{what}", "message", str(stored.id), details)

    async def note_opened(
        content: Content, principal: Principal, what: str, stored: StoredMessage, **details: object
    ) -> None:
        """Nothing is handed out that could not be noted."""
        try:
            await note(principal, what, stored, **details)
        except BaseException:
            await content.resources.aclose()
            raise

    @router.get("", summary="Read messages as a feed")
    async def list_messages(
        tenant_id: Annotated[uuid.UUID | None, Query(description="Of this connected account only.")] = None,
        q: Annotated[
            str | None,
            Query(
                max_length=1000, description='Words to find; "a phrase", or, and -not work as in web search engines.'
            ),
        ] = None,
        after: Annotated[str | None, Query(max_length=100, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        folder: Annotated[str | None, Query(max_length=1000, description="In this folder id only.")] = None,
        unread: Annotated[bool | None, Query(description="true: only unread, false: only read.")] = None,
        since: Annotated[datetime | None, Query(description="Received at this moment or later.")] = None,
        kind: Annotated[
            MessageKind | None, Query(description="Of exactly this kind only; `message` leaves meetings out.")
        ] = None,
        order: Annotated[Literal["stored", "newest"], Query(description="`newest` goes backwards.")] = "stored",
        principal: Principal = Depends(viewer),
    ) -> MessagePage:
        """Messages in the order in which Flovify stored them.

        Reading on with `after` never skips and never repeats a message, whatever is stored meanwhile. With items the
        answer has a `next`, also at the present end: keep it, and ask with it again later for what came since. An
        answer without items has `next: null`; your cursor stays good. A message that changes keeps its place.
        """
        wanted = FeedFilter(tenant_id, _clean(q, "q"), _clean(folder, "folder"), unread, _aware(since), kind)
        place = decode_cursor(after) if after is not None else None
        if order == "newest":
            found = await service.store.list_before(place, limit, wanted)
        else:
            found = await service.store.list_after(place or 0, limit, wanted)
        if found:
            # One entry for a page; who only asks whether there is more has read nothing.
            subject = str(tenant_id or "all accounts")
            await audit.record(principal, "messages.read", "account", subject, _which([item.stored for item in found]))
        at_the_start = order == "newest" and len(found) < limit
        return MessagePage(
            items=[message_out(item.stored) for item in found],
            next=encode_cursor(found[-1].seq) if found and not at_the_start else None,
        )

    @router.get("/{message_id}", summary="Read one message")
    async def get_message(message_id: uuid.UUID, principal: Principal = Depends(viewer)) -> MessageDetail:
        stored = await service.get(message_id)
        await note(principal, "read", stored)
        return message_detail(stored)

    @router.get("/{message_id}/raw", summary="Read a message's source", response_class=Response, responses=_SOURCE)
    async def get_source(message_id: uuid.UUID, principal: Principal = Depends(viewer)) -> Response:
        """The RFC 5322 source, streamed from Microsoft.

        410 `message_gone` when it is no longer there, 409 `reconnect_required` when the account must be connected
        again, 503 with Retry-After while Microsoft or the auth service is away.
        """
        stored, content = await service.open_source(message_id)
        await note_opened(content, principal, "source_opened", stored)
        name = safe_file_name(stored.message.subject, "message") + ".eml"
        return ContentResponse(content, media_type="message/rfc822", file_name=name)

    @router.get(
        "/{message_id}/attachments/{attachment_id}",
        summary="Read an attachment",
        response_class=Response,
        responses=_BINARY,
    )
    async def get_attachment(
        message_id: uuid.UUID, attachment_id: str, principal: Principal = Depends(viewer)
    ) -> Response:
        """The bytes, streamed from Microsoft, for saving: what a browser could run comes as plain octets.

        An attached message comes as its RFC 5322 source, an event as iCalendar, a contact as a vCard. A link to a file
        kept elsewhere has no bytes: 409 `attachment_is_a_link`.
        """
        stored, attachment, content = await service.open_attachment(message_id, attachment_id)
        await note_opened(content, principal, "attachment_opened", stored, attachment_id=attachment_id)
        if content.form is not None:
            name = item_file_name(attachment.name, content.form.ending)
            return ContentResponse(content, media_type=content.form.media_type, file_name=name)
        return ContentResponse(
            content,
            media_type=safe_media_type(attachment.content_type),
            file_name=safe_file_name(attachment.name),
        )

    return router


def _which(read: Sequence[StoredMessage]) -> dict[str, object]:
    """Which messages of the feed: how many, the first and the last."""
    return {"messages": len(read), "first": str(read[0].id), "last": str(read[-1].id)}


def _clean(value: str | None, name: str) -> str | None:
    if value is not None and "\x00" in value:
        raise InvalidRequest(f"`{name}` must not contain NUL characters")
    return value or None


def _aware(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise InvalidRequest("`since` needs a time zone, for example 2026-01-31T08:00:00Z")
    return value
