"""Access tokens for the other services, on the internal listener only."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from flovify.auth.audit.store import AuditLog
from flovify.auth.tokens.service import TokenService, Wanted
from flovify.common.service_tokens import ServiceTokenGuard


class TokenRequest(BaseModel):
    """`rejected_token_sha256`: Graph refused that token; a fresh one is wanted unless a newer is stored already."""

    model_config = ConfigDict(extra="forbid")

    tenant_id: UUID
    min_seconds: Annotated[int, Field(ge=0, le=3000)] = 300
    force_refresh: bool = False
    rejected_token_sha256: Annotated[str, Field(max_length=64)] = ""

    def wanted(self) -> Wanted:
        # With the refused token named there is no need to force: it is replaced only while it is still the stored one.
        force = self.force_refresh and not self.rejected_token_sha256
        return Wanted(self.min_seconds, self.rejected_token_sha256, force)


def router(tokens: TokenService, audit: AuditLog, guard: ServiceTokenGuard) -> APIRouter:
    """POST /auth/internal/tenant-token."""
    routes = APIRouter(prefix="/auth/internal", dependencies=[Depends(guard)], tags=["internal"])

    @routes.post("/tenant-token", summary="A valid access token for one tenant")
    async def tenant_token(body: TokenRequest, response: Response) -> dict[str, Any]:
        token = await tokens.get_tenant_token(body.tenant_id, body.wanted())
        await audit.count_handout(body.tenant_id)
        response.headers["Cache-Control"] = "no-store"
        return {
            "access_token": token.access_token.reveal(),
            "expires_at": token.expires_at,
            "provider": token.provider,
            "cloud": token.cloud,
            "registration_id": str(token.registration_id),
            "token_type": token.token_type,
            "scopes": token.scopes,
            "external_tenant_id": token.external_tenant_id,
            "external_account_id": token.external_account_id,
            "account_email": token.account_email,
            "status": token.status,
        }

    return routes
