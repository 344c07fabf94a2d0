"""Links for people without an account here, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from flovify.auth.apps.service import AppService
from flovify.auth.links.models import ConnectLink, NewLink, Purpose
from flovify.auth.links.service import DEFAULT_HOURS, MAX_HOURS, LinkService
from flovify.auth.tenants.models import Subscribe
from flovify.auth.tenants.service import TenantService
from flovify.auth.tokens.models import SHARED
from flovify.common.errors import InvalidRequest
from flovify.common.jwt import Principal, RequireRole


class LinkRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    purpose: Purpose = "mailbox"
    registration_id: UUID | None = None
    login_hint: Annotated[str, Field(max_length=254)] = ""
    tenant_id: UUID | None = None
    subscribe: Annotated[Subscribe | None, Field(description="Watch the inbox once it is connected.")] = None
    mailbox: Annotated[
        str,
        Field(max_length=254, description="Address or object id of a mailbox shared with whoever opens the link."),
    ] = ""
    expires_in_hours: Annotated[int, Field(ge=1, le=MAX_HOURS)] = DEFAULT_HOURS


def router(links: LinkService, apps: AppService, tenants: TenantService, administrator: RequireRole) -> APIRouter:
    """Make, list and withdraw; for administrators only."""
    routes = APIRouter(prefix="/auth/connect-links", tags=["connecting"])

    @routes.post("", status_code=201, summary="Make a link to send to somebody; its address is told this once")
    async def make_link(
        body: LinkRequest, response: Response, principal: Principal = Depends(administrator)
    ) -> dict[str, Any]:
        response.headers["Cache-Control"] = "no-store"
        made = await links.make(await checked(body, UUID(principal.user_id), apps, tenants), principal.email)
        return {**shown(made.link), "url": made.url}

    @routes.get("", summary="Links, newest first", dependencies=[Depends(administrator)])
    async def list_links() -> dict[str, Any]:
        return {"items": [shown(link) for link in await links.newest()], "next": None}

    @routes.delete("/{link_id}", status_code=204, summary="Withdraw a link; a flow begun by it ends too")
    async def withdraw_link(link_id: UUID, principal: Principal = Depends(administrator)) -> None:
        await links.withdraw(link_id, principal.email)

    return routes


async def checked(body: LinkRequest, created_by: UUID, apps: AppService, tenants: TenantService) -> NewLink:
    """Raises RegistrationNotFound, TenantNotFound and InvalidRequest for what does not go together."""
    registration_id, login_hint = body.registration_id, body.login_hint
    if body.mailbox and (body.purpose != "mailbox" or body.tenant_id is not None):
        raise InvalidRequest("mailbox goes with purpose mailbox and a new account only")
    if body.tenant_id is not None:
        if body.purpose != "mailbox":
            raise InvalidRequest("tenant_id goes with purpose mailbox only")
        overview = await tenants.get(body.tenant_id)
        registration_id = registration_id or overview.registration_id
        if overview.token_type != SHARED:  # nobody signs in to a shared mailbox
            login_hint = login_hint or overview.tenant.account_email
    registration = await apps.resolve(registration_id)
    return NewLink(
        body.purpose,
        registration.id,
        body.tenant_id,
        login_hint,
        created_by,
        body.expires_in_hours,
        body.subscribe,
        body.mailbox.strip(),
    )


def shown(link: ConnectLink) -> dict[str, Any]:
    """A link as JSON, without its token."""
    return {
        "id": str(link.id),
        "purpose": link.purpose,
        "registration_id": str(link.registration_id),
        "tenant_id": str(link.tenant_id) if link.tenant_id else None,
        "login_hint": link.login_hint,
        "subscribe": link.subscribe,
        "mailbox": link.mailbox,
        "state": link.state,
        "created_by": link.creator_email,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
        "used_at": link.used_at,
    }
