"""Keys of programs, as they are kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

State = Literal["active", "expired", "revoked"]


@dataclass(frozen=True)
class ApiKey:
    """`shown` is how it begins; the key itself is nowhere. `tenant_ids` is None for all accounts."""

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


@dataclass(frozen=True)
class NewApiKey:
    """What a new key shall be; `days` of life, None for one that does not expire."""

    name: str
    scopes: list[str]
    tenant_ids: list[UUID] | None = None
    days: int | None = None
