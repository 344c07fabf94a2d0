"""What other services must know of sessions, on the internal listener."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from flovify.auth.sessions.store import SessionStore
from flovify.common.service_tokens import ServiceTokenGuard


class RevocationList(BaseModel):
    """Ids of ended sessions, of users the one role that their access tokens may name, and of signing keys dropped."""

    model_config = ConfigDict(from_attributes=True)

    sessions: list[UUID]
    roles: dict[UUID, str]
    keys: list[str]


def router(sessions: SessionStore, guard: ServiceTokenGuard) -> APIRouter:
    """GET /auth/internal/revocations."""
    routes = APIRouter(prefix="/auth/internal", dependencies=[Depends(guard)], tags=["internal"])

    @routes.get("/revocations", summary="Which access tokens are not to be believed though they have not expired")
    async def list_revocations() -> RevocationList:
        """The whole list. What comes after it is told on the channel flovify_revocations."""
        return RevocationList.model_validate(await sessions.revocations())

    return routes
