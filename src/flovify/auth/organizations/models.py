"""An organisation that may let an app registration act by itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

GrantStatus = Literal["pending", "granted", "refused"]


@dataclass(frozen=True)
class Organization:
    """Who it is: (`registration_id`, `external_tenant_id`). `missing` names permissions that were probed in vain."""

    id: UUID
    registration_id: UUID
    external_tenant_id: str
    display_name: str
    status: GrantStatus
    missing: list[str]
    last_error: dict[str, Any] | None
    checked_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Finding:
    """What a check found out."""

    status: GrantStatus
    display_name: str = ""
    missing: list[str] = field(default_factory=list)
    error: dict[str, Any] | None = None


@dataclass(frozen=True)
class Mailbox:
    """A mailbox as the organisation's directory shows it."""

    object_id: str
    address: str
    display_name: str


@dataclass(frozen=True)
class MailboxResult:
    """How connecting one mailbox went; `command` is PowerShell that shows or mends the cause."""

    mailbox: str
    status: Literal["connected", "failed"]
    tenant_id: UUID | None = None
    code: str = ""
    words: dict[str, str] | None = None
    command: str = ""
    request_id: str = ""
