"""The revocations in this process's memory, and who is to be told when one of them hits him."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from flovify.api.revocations.models import Revoked
from flovify.common.clock import Clock
from flovify.common.errors import Unauthorized
from flovify.common.jwt import Principal

# An access token lives fifteen minutes and the leeway; auth forgets its rows after the same time.
KEEP_SECONDS = 20 * 60.0
_ENDED = "the session has ended; sign in again"
_DROPPED = "the key that signed this access token was replaced; refresh the token (POST /auth/refresh)"
_CHANGED = "your role has changed since this access token was issued; refresh it (POST /auth/refresh)"


class KnownRevocations:
    """Only ids and roles are compared, never times: a token issued in the second of a change is judged rightly."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        # With the monotonic time at which each was heard of.
        self._sessions: dict[str, float] = {}
        self._roles: dict[str, tuple[str, float]] = {}
        self._keys: dict[str, float] = {}
        self._followed: dict[object, tuple[Principal, Callable[[], None]]] = {}

    def check(self, principal: Principal) -> None:
        """Raises Unauthorized (session_ended): the token's session or key has ended, or its role is not the user's."""
        words = self._against(principal)
        if words:
            raise _refusal(words)

    def check_key(self, key_id: str) -> None:
        """Raises Unauthorized (session_ended) for a signing key that was dropped."""
        if key_id in self._keys:
            raise _refusal(_DROPPED)

    def dropped(self, key_ids: Iterable[str]) -> bool:
        """Whether one of these signing keys was dropped."""
        return not self._keys.keys().isdisjoint(key_ids)

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
        """Note what a NOTIFY says: `session <id>`, `role <user id> <role>` or `key <id>`; any other is passed over."""
        now = self._clock.monotonic()
        match payload.split(" "):
            case ["session", session_id]:
                self._sessions[session_id] = now
            case ["role", user_id, role]:
                self._roles[user_id] = (role, now)
            case ["key", key_id]:
                self._keys[key_id] = now
        self._tell()

    def replace(self, told: Revoked, asked_at: float) -> None:
        """Take auth's whole list; what was heard since `asked_at` (monotonic) may be missing from it and stays."""
        sessions = dict.fromkeys(told.sessions, asked_at)
        roles = {user_id: (role, asked_at) for user_id, role in told.roles.items()}
        keys = dict.fromkeys(told.keys, asked_at)
        self._keys = keys | {key: at for key, at in self._keys.items() if at >= asked_at}
        self._sessions = sessions | {key: at for key, at in self._sessions.items() if at >= asked_at}
        self._roles = roles | {key: kept for key, kept in self._roles.items() if kept[1] >= asked_at}
        self._tell()

    def forget_old(self) -> None:
        """Drop what no access token can have missed any more, for a time without auth's list."""
        since = self._clock.monotonic() - KEEP_SECONDS
        self._sessions = {key: at for key, at in self._sessions.items() if at > since}
        self._keys = {key: at for key, at in self._keys.items() if at > since}
        self._roles = {key: kept for key, kept in self._roles.items() if kept[1] > since}

    def _against(self, principal: Principal) -> str:
        if principal.session_id in self._sessions:
            return _ENDED
        if principal.key_id in self._keys:
            return _DROPPED
        role, _ = self._roles.get(principal.user_id, (principal.role, 0.0))
        return "" if role == principal.role else _CHANGED

    def _tell(self) -> None:
        for principal, on_refused in list(self._followed.values()):
            if self._against(principal):
                on_refused()


def _refusal(words: str) -> Unauthorized:
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}  # RFC 6750, section 3.1
    return Unauthorized(words, code="session_ended", headers=headers)
