"""Applications registered at Microsoft, and what proves that we are they."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from flovify.auth.vault.cipher import SecretText
from flovify.common.clouds import CloudName

Kind = Literal["secret", "certificate"]
Source = Literal["environment", "stored"]
Warn = Literal["ok", "expiring", "expired", "missing"]
WARN_DAYS = 60


@dataclass(frozen=True)
class Registration:
    """One application. `authority_tenant`: common, organizations, consumers, or the id of the only organisation."""

    id: UUID
    provider: str
    client_id: str
    cloud: CloudName
    authority_tenant: str
    display_name: str
    is_default: bool
    source: Source


@dataclass(frozen=True)
class NewRegistration:
    """What is to be kept; checked by `AppService.add`."""

    client_id: str
    cloud: str = "global"
    authority_tenant: str = "common"
    display_name: str = ""
    is_default: bool = False


@dataclass(frozen=True)
class NewCredential:
    """A checked credential. `secret` is the client secret, or the certificate's private key as PEM."""

    kind: Kind
    secret: SecretText
    expires_at: datetime | None = None
    certificate_pem: str | None = None
    thumbprint: str | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Credential:
    """An opened credential, ready to be presented to Microsoft."""

    id: UUID
    kind: Kind
    secret: SecretText
    certificate_pem: str | None
    refused: bool


@dataclass(frozen=True)
class CredentialOverview:
    """A credential without what is secret. `thumbprint` is the certificate's SHA-1, as Entra shows it."""

    id: UUID
    kind: Kind
    source: Source
    thumbprint: str | None
    subject: str | None
    expires_at: datetime | None
    created_at: datetime
    refused: dict[str, Any] | None
    refused_at: datetime | None

    def expires_in_days(self, now: datetime) -> int | None:
        """Whole days left, negative when it is over; None when nobody told when it ends."""
        return (self.expires_at - now) // timedelta(days=1) if self.expires_at else None

    def warning(self, now: datetime) -> Warn:
        if self.expires_at is None:
            return "ok"
        if self.expires_at <= now:
            return "expired"
        return "expiring" if self.expires_at - now <= timedelta(days=WARN_DAYS) else "ok"


@dataclass(frozen=True)
class RegistrationOverview:
    """A registration with its credentials, newest first, and the number of accounts connected under it."""

    registration: Registration
    credentials: list[CredentialOverview]
    tenants: int
    last_error: dict[str, Any] | None
    last_error_at: datetime | None
    created_at: datetime
    redirect_uris: list[str]

    def longest(self) -> CredentialOverview | None:
        """The credential that lasts longest; one without a date counts as endless."""
        endless = datetime.max.replace(tzinfo=UTC)
        return max(self.credentials, key=lambda one: one.expires_at or endless, default=None)

    def warning(self, now: datetime) -> Warn:
        longest = self.longest()
        return longest.warning(now) if longest else "missing"
