"""A link that lets somebody without an account here connect a mailbox or approve the app."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from flovify.auth.tenants.models import Subscribe

Purpose = Literal["mailbox", "admin_consent"]
LinkState = Literal["open", "used", "expired"]


@dataclass(frozen=True)
class NewLink:
    """What a link is for. `tenant_id`: the account to connect again.

    `mailbox`: one that is shared with whoever opens the link; empty: their own.
    """

    purpose: Purpose
    registration_id: UUID
    tenant_id: UUID | None
    login_hint: str
    created_by: UUID
    expires_in_hours: int
    subscribe: Subscribe | None = None
    mailbox: str = ""


@dataclass(frozen=True)
class ConnectLink:
    """A link as it is kept; its token is known to its holder only."""

    id: UUID
    purpose: Purpose
    registration_id: UUID
    tenant_id: UUID | None
    login_hint: str
    created_by: UUID
    creator_email: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    state: LinkState
    subscribe: Subscribe | None
    mailbox: str
