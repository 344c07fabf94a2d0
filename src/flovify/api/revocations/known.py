"""The revocations in this process's memory, and who is to be told when one of them hits him."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flovify.api.revocations.models import Revoked
from flovify.common.clock import Clock
from flovify.common.errors import Unauthorized
from flovify.common.jwt import Principal

# An access token lives fifteen minutes and the leeway; auth forgets its rows after the same time.
KEEP_SECONDS = 20 * 60.0
_ENDED = "the session has ended; sign in again"
_CHANGED = "your role has changed since this access token was issued; refresh it (POST /auth/refresh)"


class KnownRevocations:
    """Only ids and roles are compared, never times: a token issued in the second of a change is judged rightly."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # With the monotonic time at which each was heard of.
        self._sessions: dict[str, float] = {}
        self._roles: dict[str, tuple[str, float]] = {}
        self._followed: dict[object, tuple[Principal, Callable[[], None]]] = {}

    def check(self, principal: Principal) -> None:
        """Raises Unauthorized (session_ended) for a token whose session has ended or whose role is not the user's."""
        words = self._against(principal)
        if words:
            headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # RFC 6750, section 3.1
            raise Unauthorized(words, code="session_ended", headers=headers)

    @contextmanager
    def follow(self, principal: Principal, on_refused: Callable[[], None]) -> Iterator[None]:
        """While the block lasts, call `on_refused` as soon as `check` would raise; it may be called again."""
        key = object()
        self._followed[key] = (principal, on_refused)
        try:
            self._tell()
            yield
        finally:
            del self._followed[key]

    def hear(self, payload: str) -> None:
        """Note what a NOTIFY says: `session <id>` or `role <user id> <role>`; of another form it is passed over."""
        now = self._clock.monotonic()
        match payload.split(" "):
            case ["session", session_id]:
                self._sessions[session_id] = now
            case ["role", user_id, role]:
                self._roles[user_id] = (role, now)
        self._tell()

    def replace(self, told: Revoked, asked_at: float) -> None:
        """Take auth's whole list; what was heard since `asked_at` (monotonic) may be missing from it and stays."""
        sessions = dict.fromkeys(told.sessions, asked_at)
        roles = {user_id: (role, asked_at) for user_id, role in told.roles.items()}
        self._sessions = sessions | {key: at for key, at in self._sessions.items() if at >= asked_at}
        self._roles = roles | {key: kept for key, kept in self._roles.items() if kept[1] >= asked_at}
        self._tell()

    def forget_old(self) -> None:
        """Drop what no access token can have missed any more, for a time without auth's list."""
        since = self._clock.monotonic() - KEEP_SECONDS
        self._sessions = {key: at for key, at in self._sessions.items() if at > since}
        self._roles = {key: kept for key, kept in self._roles.items() if kept[1] > since}

    def _against(self, principal: Principal) -> str:
        if principal.session_id in self._sessions:
            return _ENDED
        role, _ = self._roles.get(principal.user_id, (principal.role, 0.0))
        return "" if role == principal.role else _CHANGED

    def _tell(self) -> None:
        for principal, on_refused in list(self._followed.values()):
            if self._against(principal):
                on_refused()
