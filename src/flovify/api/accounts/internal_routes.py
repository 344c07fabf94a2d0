"""`POST /api/internal/live`: auth says that something changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from flovify.api.accounts.directory import AccountDirectory
from flovify.common.service_tokens import ServiceTokenGuard


class Changed(BaseModel):
    """What changed, and of which thing: the same words as in the stream of changes."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["account.updated", "health.changed"]
    ref: Annotated[str | None, Field(max_length=100, pattern=r"^[A-Za-z0-9._:-]*$")] = None


class Noted(BaseModel):
    status: str = "accepted"


def create_router(
    directory: AccountDirectory, announce: Callable[[str, str | None], Awaitable[None]], guard: ServiceTokenGuard
) -> APIRouter:
    """The route; it needs X-Service-Token."""
    router = APIRouter(prefix="/api/internal", tags=["internal"], dependencies=[Depends(guard)])

    @router.post("/live", status_code=202)
    async def note_change(wanted: Changed) -> Noted:
        """Auth is asked anew for its accounts, and whoever looks at them is told."""
        directory.expire()
        await announce(wanted.kind, wanted.ref)
        return Noted()

    return router
