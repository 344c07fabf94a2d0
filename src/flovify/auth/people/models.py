"""A user as administrators see it, and how one comes in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Person:
    """`invited`: an invitation is open; without a password yet, or to replace it."""

    id: UUID
    email: str
    role: str
    disabled_at: datetime | None
    created_at: datetime
    last_signed_in_at: datetime | None
    has_password: bool
    invited: bool


@dataclass(frozen=True)
class MadeInvitation:
    """The one time the token is told."""

    person: Person
    token: str
    expires_at: datetime
