"""Secrets that arrive under an old key are kept under the first one, after the answer and without delaying it.

Only here the secret itself is at hand: what is stored of it is a hash, which cannot be brought under another key.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

from flovify.api.intake.metrics import REHASHED
from flovify.api.intake.models import KnownSubscription
from flovify.api.intake.parse import Item
from flovify.api.subscriptions.client_state import validate_client_state
from flovify.api.subscriptions.keys.models import Keyring
from flovify.api.subscriptions.keys.store import KeyStore, Rehash
from flovify.common.db import DATABASE_ERRORS
from flovify.common.logs import get_logger

# The row is known to have changed when the announcement comes; until then nothing is to be done twice.
AGAIN_SECONDS = 60.0
_MAX_REMEMBERED = 10_000


class Rehashing:
    """Changes rows one after the other over one connection at a time. `stop` waits for what was begun."""

    def __init__(self, store: KeyStore, keys: Sequence[str], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._keys = keys
        self._keyring = Keyring(keys)
        self._monotonic = monotonic
        self._tried: dict[tuple[uuid.UUID, bytes], float] = {}
        self._waiting: list[Rehash] = []
        self._task: asyncio.Task[None] | None = None

    def note(self, item: Item, known: KnownSubscription) -> None:
        """Look at an item that was taken. Nobody waits for what is changed because of it."""
        if not known.is_check:
            self._waiting += filter(self._is_new, self._wanted(item, known))
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        if self._task is not None:
            await self._task

    def _wanted(self, item: Item, known: KnownSubscription) -> Iterator[Rehash]:
        secret = item.notification.client_state
        current = (known.client_state_hash, known.client_state_key_id, False)
        previous = (known.previous_client_state_hash, known.previous_client_state_key_id, True)
        for before, key_id, is_previous in (current, previous):
            if before is None or not isinstance(secret, str) or not self._keyring.is_outdated(key_id):
                continue
            if validate_client_state(secret, [before], self._keys):
                after = self._keyring.digest(secret)
                yield Rehash(known.id, before, after, self._keyring.first_id, is_previous)

    def _is_new(self, one: Rehash) -> bool:
        now = self._monotonic()
        if now - self._tried.get((one.row_id, one.before), -AGAIN_SECONDS) < AGAIN_SECONDS:
            return False
        if len(self._tried) >= _MAX_REMEMBERED:
            self._tried.clear()
        self._tried[one.row_id, one.before] = now
        return True

    async def _work(self) -> None:
        while self._waiting:
            one = self._waiting.pop()
            try:
                changed = await self._store.rehash(one)
            except DATABASE_ERRORS as error:
                # The next notification shows the secret again, and the renewal makes anew what stays quiet.
                get_logger().warning(
                    "client_state_not_rehashed", subscription=str(one.row_id), error=type(error).__name__
                )
            else:
                REHASHED.inc(int(changed))
