"""`GET /api/stream`: what changes, as it changes (HTML Standard, server-sent events)."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel
from starlette.responses import Response

from flovify.api.live.hub import LiveHub
from flovify.api.live.models import LiveKind
from flovify.api.live.response import EventStream
from flovify.api.live.stream import stream
from flovify.api.revocations.known import KnownRevocations
from flovify.common.jwt import Principal, RequireRole


class LiveEventOut(BaseModel):
    """The `data` of an event: what changed, and of which thing. Ask for the thing itself to see it.

    `ref` is the account for account.*, message.* and deadletter.*, the subscription, or the replay.
    """

    kind: LiveKind
    ref: str | None


_STREAM: dict[int | str, dict[str, Any]] = {200: {"model": LiveEventOut, "content": {"text/event-stream": {}}}}


def create_router(hub: LiveHub, revoked: KnownRevocations, viewer: RequireRole) -> APIRouter:
    """The route; it needs the role viewer."""
    router = APIRouter(prefix="/api", tags=["live"])

    @router.get("/stream", summary="Follow changes", response_class=Response, responses=_STREAM)
    async def stream_changes(
        principal: Principal = Depends(viewer),
        last_event_id: Annotated[
            str | None, Header(max_length=40, description="The last `id` that was seen: go on behind it.")
        ] = None,
    ) -> Response:
        """An event for each change. `resync` means that some may have been missed: ask for everything again.

        `session.expiring` comes a minute before the access token ends, and with it the stream. It ends at once when
        the session is ended or the user's role changes.
        """
        ending = partial(revoked.follow, principal)
        return EventStream(stream(hub, last_event_id, principal.expires_at, ending))

    return router
