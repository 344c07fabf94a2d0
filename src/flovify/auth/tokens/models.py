"""A tenant's tokens as stored, and as handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flovify.auth.vault.cipher import SecretText
from flovify.auth.vault.models import WrappedKey

# For a person who signed in and his mailbox; for one who signed in and a mailbox shared with him; for the application.
DELEGATED, SHARED, APP = "delegated", "shared", "app"


@dataclass(frozen=True)
class StoredToken:
    """One row of auth.tenant_tokens with its tenant's, and the key of its sealed values, bound to `generation`."""

    tenant_id: UUID
    token_type: str
    sealed_access: str
    sealed_refresh: str | None
    scopes: list[str]
    expires_at: datetime
    generation: int
    leased: bool
    blocked_seconds: float
    sealed_previous: str | None
    previous_generation: int | None
    tenant_status: str
    tenant_reason: dict[str, Any] | None
    last_error: dict[str, Any] | None
    registration_id: UUID
    cloud: str
    external_tenant_id: str
    external_account_id: str
    account_email: str
    provider: str
    data_key: WrappedKey | None


@dataclass(frozen=True)
class DueToken:
    """Whose token is to be refreshed ahead of time."""

    tenant_id: UUID
    token_type: str
    registration_id: UUID | None


@dataclass(frozen=True)
class SealedToken:
    """New sealed values, ready to be written."""

    access: str
    refresh: str | None
    scopes: list[str]
    expires_at: datetime


@dataclass(frozen=True)
class HandedOut:
    """An access token for another service, and whose it is; never with a refresh token."""

    access_token: SecretText
    expires_at: datetime
    token_type: str
    scopes: list[str]
    registration_id: UUID
    cloud: str
    provider: str
    external_tenant_id: str
    external_account_id: str
    account_email: str
    status: str
