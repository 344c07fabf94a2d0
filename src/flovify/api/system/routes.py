"""`/api/system`: the state of the installation."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request

from flovify.api.audit.store import AuditLog
from flovify.api.system.schemas import ApiSystem, WebhookCheck
from flovify.api.system.service import SystemService
from flovify.common.caller import address_of
from flovify.common.jwt import Principal, RequireRole


def create_router(system: SystemService, audit: AuditLog, operator: RequireRole) -> APIRouter:
    """All of it needs the role operator."""
    router = APIRouter(prefix="/api/system", tags=["system"], dependencies=[Depends(operator)])

    @router.get("", summary="The state of the api and its workers")
    async def get_system() -> ApiSystem:
        return await system.state()

    @router.post("/check-webhook", summary="Try the webhook's own address")
    async def check_webhook(request: Request, principal: Principal = Depends(operator)) -> WebhookCheck:
        """Ask our own webhook address for a validation, as Microsoft does, and say how far that came.

        It is asked from this machine: what Microsoft sees from outside may differ.
        """
        found = await system.check_webhook()
        outcome = "success" if found.ok else "failure"
        details = {"detail": found.detail}
        await audit.record(
            principal, "webhook.checked", "webhook", found.url, details, outcome, address=address_of(request)
        )
        return found

    return router
