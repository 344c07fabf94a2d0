"""A connected account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

# What the api is to subscribe to once an account is connected.
Subscribe = Literal["inbox"]
Status = Literal["active", "reconnect_required", "disconnecting"]


@dataclass(frozen=True)
class Tenant:
    """One mailbox at a provider. Who it is: (`external_tenant_id`, `external_account_id`)."""

    id: UUID
    provider: str
    external_tenant_id: str
    external_account_id: str
    account_email: str
    display_name: str
    status: Status
    status_reason: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class DeleteMessages:
    """The wish to have an account's stored mail deleted: its address, and whose wish it is."""

    label: str
    ordered_by: str


@dataclass(frozen=True)
class Blocked:
    """The worker cannot serve the mailbox; `reason` is its word (see common.blocked_words), `waiting` counts events."""

    since: datetime
    reason: str
    waiting: int


@dataclass(frozen=True)
class TenantOverview:
    """A tenant with the state of its tokens and of its mailbox, for lists."""

    tenant: Tenant
    token_type: str | None
    scopes: list[str]
    token_expires_at: datetime | None
    last_refreshed_at: datetime | None
    registration_id: UUID | None
    cloud: str
    organization_name: str | None
    connected_by: str | None
    blocked: Blocked | None


@dataclass(frozen=True)
class TokenEvent:
    """Something that happened to an account's tokens."""

    at: datetime
    kind: str
    detail: str
    error: dict[str, Any] | None
