"""Who may call auth's own routes: a good access token of a session that still lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from starlette.requests import Request

from flovify.auth.users.models import User
from flovify.common.errors import Forbidden, Unauthorized
from flovify.common.jwt import AccessTokenVerifier, Principal, RequireRole, bearer_token
from flovify.common.roles import ROLES

# Adds a refusal to the audit log: whose, and which call.
NoteDenied = Callable[[str, str], Awaitable[None]]


class LiveUser(Protocol):
    """Whose session it is, while it lives and the key that signed its access token is published."""

    async def __call__(self, session_id: UUID, key_id: str | None = None) -> User | None: ...


class RequireLiveRole(RequireRole):
    """As RequireRole, but an ended session, a disabled user, another role and a dropped signing key count at once.

    Other services hear of each end (`auth.revocations`); auth has the sessions themselves at hand.
    """

    def __init__(self, verifier: AccessTokenVerifier, live_user: LiveUser, note_denied: NoteDenied, role: str) -> None:
        super().__init__(verifier, role)
        self._access = verifier
        self._live_user = live_user
        self._note_denied = note_denied
        self._needed = role

    async def __call__(self, request: Request) -> Principal:
        """The caller with the role it has now. Raises Unauthorized (401) or Forbidden (403)."""
        principal = await self._access.verify(bearer_token(request))
        user = await self._live_user(UUID(principal.session_id), principal.key_id)
        if user is None:
            raise Unauthorized(
                "the session, or the key of this access token, has ended; refresh it or sign in again",
                code="session_ended",
            )
        if ROLES.index(user.role) < ROLES.index(self._needed):
            await self._note_denied(user.email, f"{request.method} {request.url.path}")
            raise Forbidden(f"this needs the role {self._needed}; ask an administrator to give it to you")
        return replace(principal, role=user.role)
