"""Password hashes: Argon2id (RFC 9106), a few at a time, with a dummy for unknown users."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from flovify.auth.settings import MIN_PASSWORD_LENGTH
from flovify.common.errors import InvalidRequest, Unavailable

MAX_BYTES = 1024
MAX_WAITING = 64  # about two seconds of hashing; whoever comes then is asked to come again
KEPT_PLACES = 16  # of them, for browsers in which somebody signed in before
MAX_OF_ONE_NETWORK = 24


class Passwords:
    """Hashes in threads, at most one less than there are cores (but one) at once, so that sign-ins starve nobody."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._slots = asyncio.Semaphore(max(1, (os.cpu_count() or 2) - 1))
        self._waiting = Counter[str]()
        # What an unknown user's password is checked against, so that the answer takes as long as for a known one.
        self._dummy = self._hasher.hash("a password nobody has")

    @asynccontextmanager
    async def turn(self, network: str = "") -> AsyncIterator[None]:
        """One of the few places at the hasher. Raises Unavailable when too many are waiting already.

        `network` is that of an unknown browser: of one network only a few may wait, and of all unknown ones not so many
        that no place is left for those who have none to name.
        """
        if self._is_full(network):
            raise Unavailable("too many sign-ins at this moment; try again", code="sign_in_busy", retry_after=2)
        self._waiting[network] += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting[network] -= 1
            if not self._waiting[network]:
                del self._waiting[network]
        try:
            yield
        finally:
            self._slots.release()

    def _is_full(self, network: str) -> bool:
        places = MAX_WAITING - (KEPT_PLACES if network else 0)
        return self._waiting.total() >= places or (network != "" and self._waiting[network] >= MAX_OF_ONE_NETWORK)

    async def hash(self, password: str) -> str:
        """Waits for a turn."""
        async with self.turn():
            return await asyncio.to_thread(self._hasher.hash, password)

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Whether the password fits; takes the same time without a hash. To be called in a turn."""
        fits = await asyncio.to_thread(self._verify, password_hash or self._dummy, password)
        return fits and password_hash is not None

    def outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (Argon2Error, InvalidHashError):
            return False


def check_new_password(password: str, email: str) -> None:
    """Raises InvalidRequest for a password that may not be chosen."""
    if len(password) < MIN_PASSWORD_LENGTH:
        raise InvalidRequest(
            f"choose a password of at least {MIN_PASSWORD_LENGTH} characters; a few words make a good one"
        )
    if len(set(password)) < 5 or password.lower() in email.lower():
        raise InvalidRequest("choose a password that is harder to guess; a few words make a good one")
    check_password_shape(password)


def check_password_shape(password: str) -> None:
    """Raises InvalidRequest for what cannot be a password: too long, or with a NUL."""
    if len(password.encode(errors="surrogatepass")) > MAX_BYTES or "\x00" in password:
        raise InvalidRequest(f"a password has at most {MAX_BYTES} bytes and no NUL character")
