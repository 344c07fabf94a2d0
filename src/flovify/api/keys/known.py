"""Keys of programs as this process knows them: asked of auth, and remembered for a moment."""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from flovify.common import api_keys
from flovify.common.clock import Clock
from flovify.common.single_flight import SingleFlight

# So long a revoked key may still be believed here.
GOOD_SECONDS = 15.0
# And so long one that auth did not know stays unknown; made up ones are not kept for long, nor many of them.
UNKNOWN_SECONDS = 5.0
MAX_KEPT = 10_000


@dataclass(frozen=True)
class ApiKey:
    """What a good key may do. `tenant_ids` is None for all accounts."""

    id: uuid.UUID
    name: str
    scopes: frozenset[str]
    tenant_ids: frozenset[uuid.UUID] | None
    expires_at: datetime | None


# By the SHA-256 of the key, in hex; None for one that is not good. Raises AuthUnavailable.
AskAuth = Callable[[str], Awaitable[ApiKey | None]]


class KnownKeys:
    """Asks auth once for each key and moment, however many requests carry it."""

    def __init__(self, ask: AskAuth, clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._kept: OrderedDict[bytes, tuple[ApiKey | None, float]] = OrderedDict()
        self._asking = SingleFlight[bytes, ApiKey | None]()

    async def find(self, key: str) -> ApiKey | None:
        """The key, if it is good. Raises AuthUnavailable when auth is away and must be asked."""
        if not api_keys.is_well_formed(key):
            return None
        digest = api_keys.digest(key)
        found, until = self._kept.get(digest, (None, 0.0))
        if until <= self._clock.monotonic():
            found = await self._asking.ask(digest, lambda: self._fetch(digest))
        if found is not None and found.expires_at is not None and found.expires_at <= self._clock.now():
            return None
        return found

    async def _fetch(self, digest: bytes) -> ApiKey | None:
        found = await self._ask(digest.hex())
        life = GOOD_SECONDS if found else UNKNOWN_SECONDS
        self._kept[digest] = (found, self._clock.monotonic() + life)
        self._kept.move_to_end(digest)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return found
