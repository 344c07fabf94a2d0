"""A connected account in the API; tokens are only described."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from flovify.auth.microsoft.ms365 import DEFAULT_SCOPES, REQUIRED_SCOPES, bare_scopes, missing_scopes
from flovify.auth.tenants.models import Blocked, Tenant, TenantOverview, TokenEvent
from flovify.common.blocked_words import blocked_as_dict
from flovify.common.microsoft_error_rows import RECONNECT
from flovify.common.microsoft_errors import reason_in_words

# Every sign-in brings these; they say who somebody is and that the sign-in lasts.
_OF_SIGN_IN = {"openid", "profile", "email", "offline_access", "user.read"}


class BlockedOut(BaseModel):
    """The worker cannot serve the mailbox: since when, why, in words, and how many events wait for it."""

    since: datetime
    reason: str
    who_must_act: Literal["user", "administrator", "operator", "nobody"]
    cause: str
    action: str
    link: str
    waiting: int


class TenantOut(BaseModel):
    """`token_type`: delegated, by its owner's sign-in; shared, by that of somebody who may read it (Microsoft announces
    nothing then, so it is polled); or app, by the organisation's approval (no scopes then).

    `extra_scopes` were granted although nothing here needs them. `blocked` is null while the mailbox is served.
    """

    id: UUID
    provider: str
    external_tenant_id: str
    external_account_id: str
    account_email: str
    display_name: str
    organization_name: str | None
    status: Literal["active", "reconnect_required", "disconnecting"]
    status_reason: dict[str, Any] | None
    blocked: BlockedOut | None
    token_type: str | None
    registration_id: UUID | None
    cloud: str
    scopes: list[str]
    required_scopes: list[str]
    missing_scopes: list[str]
    extra_scopes: list[str]
    token_expires_at: datetime | None
    last_refreshed_at: datetime | None
    connected_by: str | None
    created_at: datetime
    updated_at: datetime


class TenantPage(BaseModel):
    """`next` is given as `after` to get the following page; null at the end."""

    items: list[TenantOut]
    next: str | None


class KnownTenant(TenantOut):
    """What other services are told. `app_credential_expires_at`: of the registration, null when nobody told it."""

    app_credential_expires_at: datetime | None


class KnownTenants(BaseModel):
    items: list[KnownTenant]


class TokenEventOut(BaseModel):
    """`error` is Microsoft's reason in words."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    kind: Literal["connected", "reconnected", "refreshed", "refresh_failed", "reconnect_required"]
    detail: str
    error: dict[str, str] | None


class TokenEventPage(BaseModel):
    items: list[TokenEventOut]


class Removed(BaseModel):
    """How many subscriptions were removed at Microsoft, and the ids of those that end by themselves.

    `removal_id`: the order to delete its mail, whose progress `GET /api/removals` tells; left out when it stays.
    """

    removed: int
    left_to_expire: list[str]
    removal_id: UUID | None = None


def tenant_out(overview: TenantOverview) -> TenantOut:
    return TenantOut.model_validate(shown(overview))


def token_event_out(event: TokenEvent) -> TokenEventOut:
    reason = reason_in_words(event.error)
    return TokenEventOut.model_validate({**vars(event), "error": reason["words"] if reason else None})


def shown(overview: TenantOverview) -> dict[str, Any]:
    """A tenant as plain values."""
    tenant = overview.tenant
    kind = overview.token_type if overview.token_type in REQUIRED_SCOPES else None
    scopes = overview.scopes if kind else []
    return {
        **{name: getattr(tenant, name) for name in Tenant.__dataclass_fields__},
        "status_reason": _reason(tenant),
        "blocked": _blocked(tenant, overview.blocked),
        "organization_name": overview.organization_name,
        "token_type": overview.token_type,
        "registration_id": overview.registration_id,
        "cloud": overview.cloud,
        "scopes": overview.scopes,
        "required_scopes": list(REQUIRED_SCOPES[kind]) if kind else [],
        "missing_scopes": missing_scopes(tuple(scopes), kind) if kind else [],
        "extra_scopes": _extra(scopes, kind) if kind else [],
        "token_expires_at": overview.token_expires_at,
        "last_refreshed_at": overview.last_refreshed_at,
        "connected_by": overview.connected_by,
    }


def _extra(scopes: list[str], kind: str) -> list[str]:
    needed = {*(scope.lower() for scope in DEFAULT_SCOPES[kind]), *_OF_SIGN_IN}
    return [scope for scope in bare_scopes(scopes) if scope.lower() not in needed]


def _reason(tenant: Tenant) -> dict[str, Any] | None:
    """Why it does not work, in words."""
    found = reason_in_words(tenant.status_reason)
    if found is not None:
        found["words"]["link"] = _link(tenant, found["words"]["link"])
    return found


def _blocked(tenant: Tenant, blocked: Blocked | None) -> dict[str, Any] | None:
    if blocked is None:
        return None
    said = blocked_as_dict(blocked.reason)
    return {**vars(blocked), **said, "link": _link(tenant, said["link"])}


def _link(tenant: Tenant, link: str) -> str:
    """A link to sign in again names the account."""
    return f"{link}?tenant_id={tenant.id}" if link == RECONNECT else link
