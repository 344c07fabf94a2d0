"""Sessions as the front door knows them: a token in the cookie, a short-lived access token in this process's memory."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from flovify.bff.errors import BadAnswer, NotSignedIn
from flovify.bff.proxy.upstream import Upstream
from flovify.common.clock import Clock
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger
from flovify.common.single_flight import SingleFlight

MAX_KEPT = 10_000
# Before its end an access token is not used any more, so that it cannot expire on its way.
RENEW_SECONDS = 60
# How long a session ended elsewhere (another process, an administrator) may still be believed here.
RECHECK_SECONDS = 60


@dataclass(frozen=True)
class Access:
    """An access token with its times on the monotonic clock, and whom it speaks for."""

    token: str
    checked_at: float
    ends_at: float
    user: dict[str, Any]
    expires_at: str
    connecting: bool


@dataclass(frozen=True)
class Begun:
    """A session that began. `device_token` is for a browser that was not known before; else it is empty."""

    session_token: str
    access: Access
    device_token: str


class SignedIn(msgspec.Struct):
    """What auth answers to a sign-in and to a refresh; the rest of it is not needed here."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_at: str
    user: dict[str, Any]
    connecting: bool = True
    device_token: str | None = None


class Sessions:
    """Asks auth at most once a minute and session; keeps access tokens by the session token's hash."""

    def __init__(self, auth: Upstream, clock: Clock) -> None:
        self._auth = auth
        self._clock = clock
        self._kept: OrderedDict[bytes, Access] = OrderedDict()
        self._asking = SingleFlight[bytes, Access]()

    async def begin(self, credentials: dict[str, Any], caller: Mapping[str, str]) -> Begun:
        """Sign in; `caller` is told to auth as headers.

        Raises what auth answers: sign_in_failed, sign_in_delayed, invalid_request.
        """
        answer = _signed_in(await self._auth.post_json("/auth/login", credentials, caller))
        access = self._access(answer)
        self._keep(_key(answer.refresh_token), access)
        return Begun(answer.refresh_token, access, answer.device_token or "")

    async def access(self, session_token: str, *, fresh: bool = False) -> Access:
        """The access token of a session; `fresh` asks auth in any case. Raises NotSignedIn and UpstreamAway.

        While auth is away, what was checked earlier is used until its end: the services check it by themselves.
        """
        if not session_token:
            raise NotSignedIn
        key, now = _key(session_token), self._clock.monotonic()
        kept = self._kept.get(key)
        usable = kept if kept is not None and now < kept.ends_at and not fresh else None
        if usable and now - usable.checked_at < RECHECK_SECONDS:
            return usable
        try:
            return await self._asking.ask(key, lambda: self._refresh(key, session_token))
        except FlovifyError as error:
            if error.status == 401:
                self._kept.pop(key, None)
                raise NotSignedIn from None
            if usable:
                return usable
            raise

    async def end(self, session_token: str) -> None:
        """Sign out, here and at auth. Raises UpstreamAway when auth could not be told."""
        key = _key(session_token)
        self._kept.pop(key, None)
        self._asking.forget(key)
        if session_token:
            await self._auth.post_json("/auth/logout", {"refresh_token": session_token})

    async def replace(self, session_token: str) -> None:
        """End a session whose browser has a new one; when auth cannot be told, it ends by its idle time."""
        try:
            await self.end(session_token)
        except FlovifyError as error:
            get_logger().warning("earlier_session_not_ended", code=error.problem_code)

    async def _refresh(self, key: bytes, session_token: str) -> Access:
        answer = await self._auth.post_json("/auth/refresh", {"refresh_token": session_token})
        access = self._access(_signed_in(answer))
        # Signed out meanwhile: then this answer must not bring the session back.
        if self._asking.wanted(key):
            self._keep(key, access)
        return access

    def _access(self, answer: SignedIn) -> Access:
        now = self._clock.monotonic()
        return Access(
            token=answer.access_token,
            checked_at=now,
            ends_at=now + answer.expires_in - RENEW_SECONDS,
            user=answer.user,
            expires_at=answer.refresh_expires_at,
            connecting=answer.connecting,
        )

    def _keep(self, key: bytes, access: Access) -> None:
        self._kept[key] = access
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)


def _signed_in(answer: dict[str, Any]) -> SignedIn:
    try:
        return msgspec.convert(answer, SignedIn)
    except msgspec.ValidationError:
        raise BadAnswer("auth") from None


def _key(session_token: str) -> bytes:
    return hashlib.sha256(session_token.encode()).digest()
