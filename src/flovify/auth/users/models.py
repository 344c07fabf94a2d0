"""People, their sessions, and what a sign-in gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flovify.auth.vault.models import WrappedKey


@dataclass(frozen=True)
class User:
    id: UUID
    email: str
    role: str


@dataclass(frozen=True)
class Origin:
    """Where a sign-in comes from: the caller's network address, what its browser calls itself, and the token that the
    browser keeps from an earlier sign-in, if any.
    """

    address: str = ""
    user_agent: str = ""
    device: str = ""


@dataclass(frozen=True)
class Session:
    """A live session. `expires_at` is the earlier of the absolute and the idle end."""

    id: UUID
    user: User
    expires_at: datetime


@dataclass(frozen=True)
class SigningKey:
    """A published key as stored: `public` is the x of its JWK; `signs` once its time has come."""

    id: str
    public: str
    sealed: str
    signs: bool
    data_key: WrappedKey | None


@dataclass(frozen=True)
class SignedIn:
    """A session with its token, which only its holder knows, and a fresh access token.

    `device_token` is for a browser that was not known before: it keeps it, and its tries are counted apart.
    """

    session: Session
    session_token: str
    access_token: str
    access_seconds: int
    device_token: str = ""
