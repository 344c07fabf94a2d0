"""`/api/accounts`: connected accounts, in one list for the console."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import StreamingResponse

from flovify.api.accounts.export import csv_lines
from flovify.api.accounts.listing import AccountFilter
from flovify.api.accounts.schemas import (
    Access,
    AccountDetail,
    AccountPage,
    AccountSort,
    AccountStatus,
    StatusMeaning,
    StatusMeanings,
)
from flovify.api.accounts.service import AccountService
from flovify.api.accounts.status import meanings
from flovify.api.audit.store import AuditLog
from flovify.common.caller import address_of
from flovify.common.csv import attachment
from flovify.common.jwt import Principal, RequireRole

_TEXT = r"^[^\x00]*$"


def account_filter(
    q: Annotated[
        str | None, Query(max_length=200, pattern=_TEXT, description="In name, address, tenant id or object id.")
    ] = None,
    status: Annotated[list[AccountStatus] | None, Query(description="One of these only.")] = None,
    attention: Annotated[bool | None, Query(description="Only those that need somebody, or only the others.")] = None,
    access: Annotated[Access | None, Query(description="How it was allowed.")] = None,
    organization: Annotated[
        str | None, Query(max_length=200, pattern=_TEXT, description="Directory (tenant) ID or name.")
    ] = None,
    sort: Annotated[AccountSort, Query(description="A minus turns the order round.")] = "name",
) -> AccountFilter:
    """What the list and its export have in common."""
    return AccountFilter(q, tuple(status or ()), attention, access, organization, sort)


def create_router(accounts: AccountService, audit: AuditLog, viewer: RequireRole) -> APIRouter:
    """Looking needs the role viewer."""
    router = APIRouter(prefix="/api", tags=["accounts"], dependencies=[Depends(viewer)])

    @router.get("/accounts", summary="List connected accounts")
    async def list_accounts(
        wanted: Annotated[AccountFilter, Depends(account_filter)],
        after: Annotated[str | None, Query(max_length=200, description="A `next` of an earlier answer.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> AccountPage:
        """Accounts with their state, who must act, and their figures."""
        return await accounts.page(wanted, after, limit)

    @router.get(
        "/accounts.csv",
        summary="Export connected accounts",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    )
    async def export_accounts(
        request: Request,
        wanted: Annotated[AccountFilter, Depends(account_filter)],
        principal: Principal = Depends(viewer),
    ) -> StreamingResponse:
        """All accounts that the filters leave, as CSV; times in UTC. The export is audited."""
        found = await accounts.all(wanted)
        details = {"rows": len(found), **wanted.as_dict()}
        await audit.record(principal, "accounts.exported", "accounts", "csv", details, address=address_of(request))
        return attachment(csv_lines(found), "flovify-accounts.csv")

    @router.get("/account-statuses", summary="The words for the states of accounts")
    async def list_account_statuses() -> StatusMeanings:
        return StatusMeanings(items=[StatusMeaning.model_validate(row) for row in meanings()])

    @router.get("/accounts/{account_id}", summary="Read one connected account")
    async def get_account(account_id: uuid.UUID) -> AccountDetail:
        return await accounts.get(account_id)

    return router
