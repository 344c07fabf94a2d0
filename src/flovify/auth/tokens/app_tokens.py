"""Tokens of the application itself: one call for an organisation, whichever of its mailboxes asks first."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from typing import Protocol
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.microsoft.ms365 import TokenAnswer
from flovify.common.clock import Clock

Key = tuple[UUID, str]


class AppTokenClient(Protocol):
    """Who asks Microsoft."""

    async def request_app_token(self, registration: Registration, organization: str) -> TokenAnswer:
        """Raises EntraError."""


class AppTokens:
    """Holds the newest answer for each registration and organisation, in memory only and while it lives."""

    def __init__(self, client: AppTokenClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._held: dict[Key, TokenAnswer] = {}
        self._locks: dict[Key, asyncio.Lock] = {}

    async def get(
        self,
        registration: Registration,
        organization: str,
        *,
        seconds: float,
        not_sha256: str = "",
        force: bool = False,
    ) -> TokenAnswer:
        """A token with so much life left, and not the one Graph refused (SHA-256 in hex). Raises EntraError.

        With `force` only an answer that came while we waited for our turn is shared.
        """
        key = (registration.id, organization)
        before = self._held.get(key)
        async with self._locks.setdefault(key, asyncio.Lock()):
            held = self._held.get(key)
            shared = held is not None and not (force and held is before)
            if held is not None and shared and self._fits(held, seconds, not_sha256):
                return held
            answer = await self._client.request_app_token(registration, organization)
            self._forget_ended()
            self._held[key] = answer
            return answer

    def forget(self) -> None:
        """Let everybody ask anew, for instance because something else was granted."""
        self._held.clear()

    def _fits(self, held: TokenAnswer, seconds: float, not_sha256: str) -> bool:
        digest = hashlib.sha256(held.access_token.reveal().encode()).hexdigest()
        return held.expires_at - self._clock.now() >= timedelta(seconds=seconds) and digest != not_sha256.lower()

    def _forget_ended(self) -> None:
        now = self._clock.now()
        self._held = {key: answer for key, answer in self._held.items() if answer.expires_at > now}
        self._locks = {key: lock for key, lock in self._locks.items() if lock.locked() or key in self._held}
