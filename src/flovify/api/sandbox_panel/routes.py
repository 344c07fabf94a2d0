"""`/api/sandbox`: trying things out. Every route is 404 `no_sandbox` where Microsoft itself is configured."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Depends, Request

from flovify.api.audit.store import AuditLog
from flovify.api.sandbox_panel.schemas import (
    Break,
    Breakage,
    SandboxState,
    SendTestMessage,
    SentTestMessage,
    Undone,
)
from flovify.api.sandbox_panel.service import SandboxPanel
from flovify.common.caller import address_of
from flovify.common.jwt import Principal, RequireRole


def create_router(panel: SandboxPanel, audit: AuditLog, *, viewer: RequireRole, operator: RequireRole) -> APIRouter:
    """Looking needs the role viewer, everything else operator."""
    router = APIRouter(prefix="/api/sandbox", tags=["sandbox"], dependencies=[Depends(viewer)])

    @router.get("", summary="The sandbox, and what is broken there on purpose")
    async def get_sandbox() -> SandboxState:
        return await panel.state()

    @router.post("/messages", summary="Send a test message", status_code=201)
    async def send_test_message(
        wanted: SendTestMessage, request: Request, principal: Principal = Depends(operator)
    ) -> SentTestMessage:
        """Deliver a message to one of the sandbox's mailboxes."""
        sent = await panel.send(wanted)
        details = {"internet_message_id": sent.internet_message_id}
        await audit.record(
            principal, "sandbox.message_sent", "mailbox", wanted.address, details, address=address_of(request)
        )
        return sent

    @router.post("/breakages", summary="Break something on purpose", status_code=201)
    async def create_breakage(wanted: Break, request: Request, principal: Principal = Depends(operator)) -> Breakage:
        """Each kind says what will happen; all can be undone."""
        made = await panel.break_it(wanted.kind, wanted.account_id, principal.email)
        subject = str(made.account_id or "all")
        await audit.record(
            principal, f"sandbox.{made.kind}", "account", subject, {"id": str(made.id)}, address=address_of(request)
        )
        return made

    @router.delete("/breakages/{breakage_id}", summary="Undo a breakage")
    async def undo_breakage(
        breakage_id: uuid.UUID, request: Request, principal: Principal = Depends(operator)
    ) -> Undone:
        """Mend what was broken; the answer says what is left to be done."""
        undone = await panel.undo(breakage_id)
        await audit.record(principal, "sandbox.undone", "breakage", str(breakage_id), {}, address=address_of(request))
        return undone

    return router
