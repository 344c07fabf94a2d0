"""`/api/audit` and `/auth/audit`: who did what."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime
from starlette.responses import StreamingResponse

from flovify.common.audit.export import csv_lines
from flovify.common.audit.models import AuditFilter, Log, Outcome
from flovify.common.audit.schemas import AuditPage, audit_entry
from flovify.common.caller import address_of
from flovify.common.csv import attachment
from flovify.common.errors import InvalidRequest
from flovify.common.jwt import Principal, RequireRole

_CURSOR = re.compile(r"([a-z]{1,10})-([0-9]{1,18})")
_Text = Query(max_length=320, pattern=r"^[^\x00]*$")

# Adds the export to the log: by whom, what it was filtered by, and the caller's address.
NoteExport = Callable[[Principal, AuditFilter, str | None], Awaitable[None]]


def audit_filter(
    actor: Annotated[str | None, _Text] = None,
    action: Annotated[str | None, _Text] = None,
    subject: Annotated[str | None, _Text] = None,
    outcome: Outcome | None = None,
    since: Annotated[AwareDatetime | None, Query(description="At this time or later.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
    q: Annotated[str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="In any of the texts.")] = None,
) -> AuditFilter:
    """What the list and its export have in common."""
    return AuditFilter(actor, action, subject, outcome, since, until, q)


def create_router(service: str, log: Log, note_export: NoteExport, administrator: RequireRole) -> APIRouter:
    """Only administrators see who did what. `service` is auth or api."""
    router = APIRouter(prefix=f"/{service}", tags=["audit"], dependencies=[Depends(administrator)])

    @router.get("/audit", summary="List the audit log")
    async def list_audit(
        wanted: Annotated[AuditFilter, Depends(audit_filter)],
        after: Annotated[str | None, Query(max_length=40, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AuditPage:
        """The last entry first. auth and api each keep a log of what was done in them."""
        rows = await log.list(wanted, _place(service, after), limit + 1)
        page = [audit_entry(service, row) for row in rows[:limit]]
        return AuditPage(items=page, next=page[-1].id if len(rows) > limit else None)

    @router.get(
        "/audit.csv",
        summary="Export the audit log",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def export_audit(
        request: Request,
        wanted: Annotated[AuditFilter, Depends(audit_filter)],
        principal: Principal = Depends(administrator),
    ) -> StreamingResponse:
        """All entries that the filters leave, the last first; times in UTC. The export is its own first entry."""
        await note_export(principal, wanted, address_of(request))
        return attachment(csv_lines(service, log, wanted), f"flovify-audit-{service}.csv")

    return router


def _place(service: str, after: str | None) -> int | None:
    """Raises InvalidRequest for what is no id of an entry of this log."""
    if after is None:
        return None
    match = _CURSOR.fullmatch(after)
    if match is None or match[1] != service:
        raise InvalidRequest("`after` is no cursor: give back a `next` as you got it", code="invalid_cursor")
    return int(match[2])
