"""`/api/messages/{id}/body`: a message's body as a page of its own."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from flovify.api.messages.bodies.service import BodyService
from flovify.common.jwt import Principal, RequireRole

_HTML: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/html": {"schema": {"type": "string"}}},
        "headers": {
            "X-Blocked-Images": {
                "description": "How many pictures are not shown: those kept elsewhere never are.",
                "schema": {"type": "integer"},
            },
            "X-Inline-Images": {
                "description": "How many of these are the message's own, which `images=true` shows.",
                "schema": {"type": "integer"},
            },
        },
    }
}
# The frame's own policy, whatever page shows it. Nothing runs, nothing is sent, nothing is loaded from elsewhere; a
# link opens in a window of its own without this page's restrictions.
POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'none'; frame-ancestors 'self'"
)


def create_router(service: BodyService, viewer: RequireRole) -> APIRouter:
    """The route; it needs the role viewer, and each opening is audited."""
    router = APIRouter(prefix="/api/messages", tags=["messages"])

    @router.get("/{message_id}/body", summary="Read a message's body as a page", responses=_HTML)
    async def get_message_body(
        message_id: uuid.UUID,
        principal: Principal = Depends(viewer),
        images: Annotated[
            bool, Query(description="Show the pictures that came with the message, fetched from Microsoft.")
        ] = False,
    ) -> Response:
        """A whole document made from the sender's HTML, for a frame: without scripts, forms, styles of the page, and
        anything that would be loaded from elsewhere. Without HTML it shows the text.
        """
        body = await service.open(message_id, principal, images=images)
        headers = {
            "Content-Security-Policy": POLICY,
            "X-Blocked-Images": str(body.blocked_images),
            "X-Inline-Images": str(body.inline_images),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        return Response(body.document, media_type="text/html; charset=utf-8", headers=headers)

    return router
