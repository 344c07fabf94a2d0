"""Who may call auth's own routes: a good access token of a session that still lives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.requests import Request

from flovify.auth.users.models import User
from flovify.common.errors import Forbidden, Unauthorized
from flovify.common.jwt import AccessTokenVerifier, Principal, RequireRole
from flovify.common.roles import ROLES

LiveUser = Callable[[UUID], Awaitable[User | None]]


class RequireLiveRole(RequireRole):
    """As RequireRole, but a session that was ended, or a user who was disabled, counts at once.

    Other services believe an access token until it expires; auth has the sessions at hand.
    """

    def __init__(self, verifier: AccessTokenVerifier, live_user: LiveUser, role: str = "administrator") -> None:
        super().__init__(verifier, role)
        self._live_user = live_user
        self._needed = role

    async def __call__(self, request: Request) -> Principal:
        """Raises Unauthorized (401) or Forbidden (403)."""
        principal = await super().__call__(request)
        user = await self._live_user(UUID(principal.session_id))
        if user is None:
            raise Unauthorized("the session has ended; sign in again", code="session_ended")
        if ROLES.index(user.role) < ROLES.index(self._needed):
            raise Forbidden(f"this needs the role {self._needed}; ask an administrator to give it to you")
        return principal
