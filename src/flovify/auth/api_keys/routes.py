"""Keys of programs over HTTP: for administrators, and for the service that is shown one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from flovify.auth.api_keys.models import NewApiKey, State
from flovify.auth.api_keys.service import ApiKeyService
from flovify.common.api_keys import Scope
from flovify.common.errors import NotFound
from flovify.common.jwt import Principal, RequireRole
from flovify.common.service_tokens import ServiceTokenGuard

INTERNAL_PATH = "/auth/internal/api-keys"
MAX_DAYS = 3650


class ApiKeyOut(BaseModel):
    """`shown` is how the key begins. `tenant_ids` is null for a key of all accounts."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    shown: str
    name: str
    scopes: list[str]
    tenant_ids: list[UUID] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    state: State


class ApiKeyPage(BaseModel):
    items: list[ApiKeyOut]


class MadeApiKeyOut(BaseModel):
    """`key` is told this once; send it as `Authorization: Bearer flv_…`."""

    api_key: ApiKeyOut
    key: str


class NewApiKeyBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=100, description="What it is for, to tell it by.")]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20)]
    tenant_ids: Annotated[
        list[UUID] | None, Field(min_length=1, max_length=1000, description="These accounts only; all without it.")
    ] = None
    expires_in_days: Annotated[int | None, Field(ge=1, le=MAX_DAYS, description="Never, without it.")] = None


class ShownKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    key_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class UsableKeyOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    scopes: list[str]
    tenant_ids: list[UUID] | None
    expires_at: datetime | None


def router(service: ApiKeyService, administrator: RequireRole) -> APIRouter:
    """Make, list and revoke."""
    routes = APIRouter(prefix="/auth/api-keys", tags=["api-keys"])

    @routes.get("", summary="Keys of programs, newest first", dependencies=[Depends(administrator)])
    async def list_api_keys() -> ApiKeyPage:
        return ApiKeyPage(items=[ApiKeyOut.model_validate(one) for one in await service.list()])

    @routes.post("", status_code=201, summary="Make a key for a program; it is told this once")
    async def create_api_key(
        body: NewApiKeyBody, response: Response, principal: Principal = Depends(administrator)
    ) -> MadeApiKeyOut:
        response.headers["Cache-Control"] = "no-store"
        scopes = sorted(set(body.scopes))
        new = NewApiKey(body.name.strip(), list[str](scopes), body.tenant_ids, body.expires_in_days)
        made = await service.make(new, principal.email)
        return MadeApiKeyOut(api_key=ApiKeyOut.model_validate(made.kept), key=made.key)

    @routes.delete(
        "/{key_id}", status_code=204, summary="Revoke a key; it opens nothing any more within fifteen seconds"
    )
    async def revoke_api_key(key_id: UUID, principal: Principal = Depends(administrator)) -> None:
        await service.revoke(key_id, principal.email)

    return routes


def internal_router(service: ApiKeyService, guard: ServiceTokenGuard) -> APIRouter:
    """What a key may do, for the service that was shown it; by its hash, so that the key itself travels no further."""
    routes = APIRouter(dependencies=[Depends(guard)], tags=["internal"])

    @routes.post(INTERNAL_PATH, summary="A good key by its hash")
    async def use_api_key(body: ShownKey) -> UsableKeyOut:
        found = await service.use(bytes.fromhex(body.key_sha256))
        if found is None:
            raise NotFound("there is no such key", code="api_key_unknown")
        return UsableKeyOut.model_validate(found)

    return routes
