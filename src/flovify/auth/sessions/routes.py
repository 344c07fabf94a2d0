"""Sessions over HTTP: everybody sees and ends his own, an administrator everybody's."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from flovify.auth.audit.store import AuditLog
from flovify.auth.sessions.store import LivingSession, SessionStore
from flovify.common.errors import Forbidden, NotFound
from flovify.common.jwt import Principal, RequireRole


class SessionOut(BaseModel):
    """A living session; `current` is the one that asks."""

    id: UUID
    user_id: UUID
    email: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None
    current: bool


class SessionPage(BaseModel):
    items: list[SessionOut]


def router(sessions: SessionStore, audit: AuditLog, viewer: RequireRole) -> APIRouter:
    """List and end."""
    routes = APIRouter(prefix="/auth/sessions", tags=["sign-in"])

    @routes.get("", summary="Living sessions: one's own, or with all=true everybody's")
    async def list_sessions(
        all: bool = False,  # noqa: A002 - the parameter's name
        principal: Principal = Depends(viewer),
    ) -> SessionPage:
        """all=true needs the role administrator."""
        if all and not _is_administrator(principal):
            raise Forbidden("everybody's sessions need the role administrator")
        found = await sessions.list(None if all else UUID(principal.user_id))
        return SessionPage(items=[_shown(one, principal) for one in found])

    @routes.delete("/{session_id}", status_code=204, summary="End a session at once")
    async def end_session(session_id: UUID, principal: Principal = Depends(viewer)) -> None:
        """Somebody else's needs the role administrator; to others it does not exist."""
        only = None if _is_administrator(principal) else UUID(principal.user_id)
        owner = await sessions.end(session_id, only)
        if owner is None:
            raise NotFound("there is no such session; it may have ended by itself", code="session_not_found")
        await audit.record(principal.email, "session.ended", str(session_id), {"user_id": str(owner)})

    return routes


def _is_administrator(principal: Principal) -> bool:
    return principal.role == "administrator"


def _shown(session: LivingSession, principal: Principal) -> SessionOut:
    return SessionOut.model_validate({**vars(session), "current": str(session.id) == principal.session_id})
