"""People, their sessions, and what a sign-in gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class User:
    id: UUID
    email: str
    role: str


@dataclass(frozen=True)
class Origin:
    """Where a sign-in comes from: the caller's network address and what its browser calls itself."""

    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class Session:
    """A live session. `expires_at` is the earlier of the absolute and the idle end."""

    id: UUID
    user: User
    expires_at: datetime


@dataclass(frozen=True)
class SignedIn:
    """A session with its token, which only its holder knows, and a fresh access token."""

    session: Session
    session_token: str
    access_token: str
    access_seconds: int
