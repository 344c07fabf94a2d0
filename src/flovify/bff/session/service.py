"""Sessions as the front door knows them: a token in the cookie, a short-lived access token in this process's memory."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from flovify.bff.errors import NotSignedIn
from flovify.bff.proxy.upstream import Upstream
from flovify.common.clock import Clock
from flovify.common.errors import FlovifyError

MAX_KEPT = 10_000
RENEW_SECONDS = 60
MAX_TOKEN = 200


@dataclass(frozen=True)
class Access:
    """An access token with its end on the monotonic clock, and whom it speaks for."""

    token: str
    ends_at: float
    user: dict[str, Any]
    expires_at: str


class Sessions:
    """Asks auth; keeps access tokens until a minute before their end, by the session token's hash."""

    def __init__(self, auth: Upstream, clock: Clock) -> None:
        self._auth = auth
        self._clock = clock
        self._kept: OrderedDict[bytes, Access] = OrderedDict()

    async def begin(self, credentials: dict[str, Any]) -> tuple[str, Access]:
        """Sign in. Raises what auth answers: sign_in_failed, sign_in_delayed, invalid_request."""
        answer = await self._auth.post_json("/auth/login", credentials)
        session_token = str(answer["refresh_token"])
        return session_token, self._keep(session_token, answer)

    async def access(self, session_token: str, *, fresh: bool = False) -> Access:
        """The access token of a session; `fresh` asks auth in any case. Raises NotSignedIn and UpstreamAway."""
        if not session_token or len(session_token) > MAX_TOKEN:
            raise NotSignedIn
        kept = self._kept.get(_key(session_token))
        if kept is not None and not fresh and kept.ends_at > self._clock.monotonic():
            return kept
        try:
            answer = await self._auth.post_json("/auth/refresh", {"refresh_token": session_token})
        except FlovifyError as error:
            self._kept.pop(_key(session_token), None)
            if error.status == 401:
                raise NotSignedIn from None
            raise
        return self._keep(session_token, answer)

    async def end(self, session_token: str) -> None:
        """Sign out, here and at auth."""
        self._kept.pop(_key(session_token), None)
        if session_token and len(session_token) <= MAX_TOKEN:
            await self._auth.post_json("/auth/logout", {"refresh_token": session_token})

    def _keep(self, session_token: str, answer: dict[str, Any]) -> Access:
        access = Access(
            token=str(answer["access_token"]),
            ends_at=self._clock.monotonic() + int(answer["expires_in"]) - RENEW_SECONDS,
            user=answer["user"],
            expires_at=str(answer["refresh_expires_at"]),
        )
        self._kept[_key(session_token)] = access
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return access


def _key(session_token: str) -> bytes:
    return hashlib.sha256(session_token.encode(errors="surrogatepass")).digest()
