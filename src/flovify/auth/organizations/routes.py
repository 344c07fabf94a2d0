"""Organisations with application permissions, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from flovify.auth.apps.service import AppService
from flovify.auth.organizations.graph import MAX_SKIPTOKEN
from flovify.auth.organizations.models import MailboxResult, Organization
from flovify.auth.organizations.service import OrganizationService
from flovify.auth.tenants.models import Subscribe
from flovify.common.jwt import Principal, RequireRole
from flovify.common.microsoft_errors import reason_in_words

MAX_MAILBOXES = 50


class Mailboxes(BaseModel):
    """Addresses or object ids."""

    model_config = ConfigDict(extra="forbid")

    mailboxes: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=254)]], Field(min_length=1, max_length=MAX_MAILBOXES)
    ]
    subscribe: Annotated[Subscribe | None, Field(description="Watch the inboxes once they are connected.")] = None


class OrganizationRequest(BaseModel):
    """An organisation that has approved the app elsewhere, such as in its own Entra admin center."""

    model_config = ConfigDict(extra="forbid")

    external_tenant_id: Annotated[str, Field(max_length=36)]
    registration_id: UUID | None = None


def router(
    service: OrganizationService, apps: AppService, viewer: RequireRole, administrator: RequireRole
) -> APIRouter:
    """List, add, check, remove; list an organisation's mailboxes and connect them."""
    routes = APIRouter(prefix="/auth/organizations", tags=["organisations"])

    @routes.get("", summary="Organisations that approved, or may approve, an app registration")
    async def list_organizations(
        _: Principal = Depends(viewer),
        after: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        found = await service.page(after, limit)
        return {"items": [shown(one) for one in found], "next": str(found[-1].id) if len(found) == limit else None}

    @routes.post("", status_code=201, summary="Add one by its id; granted once Microsoft gives a token for it")
    async def add_organization(
        body: OrganizationRequest, principal: Principal = Depends(administrator)
    ) -> dict[str, Any]:
        registration = await apps.resolve(body.registration_id)
        return shown(await service.claim(registration, body.external_tenant_id, principal.email))

    @routes.get("/{organization_id}", summary="One organisation", dependencies=[Depends(viewer)])
    async def get_organization(organization_id: UUID) -> dict[str, Any]:
        return shown(await service.get(organization_id))

    @routes.post("/{organization_id}/check", summary="Look again what it allows")
    async def check_organization(
        organization_id: UUID, principal: Principal = Depends(administrator)
    ) -> dict[str, Any]:
        return shown(await service.check(organization_id, principal.email))

    @routes.delete("/{organization_id}", status_code=204, summary="Forget one without connected mailboxes")
    async def remove_organization(organization_id: UUID, principal: Principal = Depends(administrator)) -> None:
        await service.remove(organization_id, principal.email)

    @routes.get("/{organization_id}/mailboxes", summary="Its people, by the start of a name or address")
    async def list_mailboxes(
        organization_id: UUID,
        _: Principal = Depends(administrator),
        search: Annotated[str, Query(max_length=120)] = "",
        after: Annotated[str, Query(max_length=MAX_SKIPTOKEN)] = "",
    ) -> dict[str, Any]:
        found, following = await service.mailboxes(organization_id, search, after)
        names = ("object_id", "address", "display_name")
        return {"items": [{name: getattr(one, name) for name in names} for one in found], "next": following}

    @routes.post("/{organization_id}/tenants", summary="Connect mailboxes; each is told for itself")
    async def connect_mailboxes(
        organization_id: UUID, body: Mailboxes, principal: Principal = Depends(administrator)
    ) -> dict[str, Any]:
        found = await service.connect(organization_id, body.mailboxes, principal.email, body.subscribe)
        return {"items": [result_shown(one) for one in found]}

    return routes


def shown(organization: Organization) -> dict[str, Any]:
    """An organisation as JSON; its last error in words."""
    return {
        "id": str(organization.id),
        "registration_id": str(organization.registration_id),
        "external_tenant_id": organization.external_tenant_id,
        "display_name": organization.display_name,
        "status": organization.status,
        "missing": organization.missing,
        "last_error": reason_in_words(organization.last_error),
        "checked_at": organization.checked_at,
        "created_at": organization.created_at,
    }


def result_shown(result: MailboxResult) -> dict[str, Any]:
    if result.status == "connected":
        return {"mailbox": result.mailbox, "status": result.status, "tenant_id": str(result.tenant_id)}
    return {
        "mailbox": result.mailbox,
        "status": result.status,
        "code": result.code,
        "words": result.words,
        "command": result.command,
        "graph_request_id": result.request_id,
    }
