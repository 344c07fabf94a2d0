"""The accounts that auth knows, asked for as a whole and remembered for a moment."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from flovify.api.accounts.models import AuthTenant, Known
from flovify.api.errors import AuthUnavailable
from flovify.common.clock import Clock
from flovify.common.errors import Unavailable
from flovify.common.logs import get_logger

FRESH_SECONDS = 2.0
# An auth that hangs must not make the console hang.
ANSWER_SECONDS = 4.0

_SLOW = "The auth service does not answer in time; see its log, and the load of its database."

FetchTenants = Callable[[], Awaitable[Sequence[AuthTenant]]]


class AccountDirectory:
    """One copy of auth's list for this process.

    It is asked for again when it is older than two seconds; callers at the same time share one request. While auth is
    away the last copy is given, with the time it is from.
    """

    def __init__(self, fetch: FetchTenants, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._tenants: Mapping[uuid.UUID, AuthTenant] | None = None
        self._asked_at = self._expired_at = float("-inf")
        self._good_since: datetime | None = None
        self._away = False
        self._flight: asyncio.Task[None] | None = None

    async def known(self) -> Known:
        """The accounts by id. Raises AuthUnavailable when auth is away and was never there in this process's life."""
        if not self._is_fresh():
            await self._refresh()
        if self._asked_at <= self._expired_at:
            # The request that was under way was asked before the change.
            await self._refresh()
        if self._tenants is None:
            raise LookupError("a refresh that neither failed nor brought anything")
        return Known(self._tenants, self._good_since if self._away else None)

    async def find(self, account_id: uuid.UUID) -> tuple[AuthTenant | None, Known]:
        """One account, and what was known: a copy from before the question does not show that there is none.

        Its account may have been connected a moment ago, and the browser is quicker here than auth's word of it.
        """
        asked_since = self._clock.monotonic()
        known = await self.known()
        if account_id not in known.tenants and self._asked_at < asked_since:
            await self._refresh()
            known = await self.known()
        return known.tenants.get(account_id), known

    async def names(self) -> Mapping[uuid.UUID, AuthTenant]:
        """See `AccountNames`: no failure, nothing instead."""
        try:
            return (await self.known()).tenants
        except Unavailable:
            return {}

    def expire(self) -> None:
        """Auth said that something changed: ask it again next time."""
        self._expired_at = self._clock.monotonic()

    def _is_fresh(self) -> bool:
        young = self._clock.monotonic() - self._asked_at <= FRESH_SECONDS
        return self._tenants is not None and young and self._asked_at > self._expired_at

    async def _refresh(self) -> None:
        if self._flight is None:
            self._flight = asyncio.create_task(self._ask())
            self._flight.add_done_callback(self._landed)
        # Shielded: one caller that gives up must not take the answer from the others.
        await asyncio.shield(self._flight)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flight = None
        if not flight.cancelled():
            flight.exception()  # looked at, so that a failure everybody gave up on is no "never retrieved" warning

    async def _ask(self) -> None:
        asked_at, now = self._clock.monotonic(), self._clock.now()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                found = await self._fetch()
        except (Unavailable, TimeoutError) as error:
            self._asked_at = asked_at
            if self._tenants is None:
                raise error if isinstance(error, Unavailable) else AuthUnavailable(_SLOW) from None
            if not self._away:
                get_logger().warning("accounts_are_stale", error=type(error).__name__)
            self._away = True
            return
        self._tenants = {tenant.id: tenant for tenant in found}
        # The time of asking: what changes while the answer is on its way is not in it.
        self._asked_at, self._good_since, self._away = asked_at, now, False
