"""What the rows of api.webhook_subscriptions say of keys, and how rows change from one to another."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from flovify.api.subscriptions.keys.models import Keyring
from flovify.common.db import Pool, load_queries

ABANDONED = "client_state_key_abandoned: the key its clientState was hashed under is lost; it is made anew."
_QUERIES = load_queries("flovify.api.subscriptions.keys")


@dataclass(frozen=True)
class Rehash:
    """One hash of a row, and what is to stand in its place."""

    row_id: uuid.UUID
    before: bytes
    after: bytes
    key_id: str
    previous: bool = False


class KeyStore:
    """All tenants' rows. Other processes hear of a changed hash as of any change of a subscription, by the trigger."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def counts(self, now: datetime) -> dict[str | None, int]:
        """How many subscriptions need each key, by its id; None: not known yet."""
        return {row["key_id"]: row["subscriptions"] for row in await self._pool.fetch(_QUERIES["count"], now)}

    async def rehash(self, one: Rehash) -> bool:
        """False when the row has changed meanwhile, and is left as it is."""
        query = _QUERIES["rehash_previous" if one.previous else "rehash"]
        return await self._pool.execute(query, one.row_id, one.before, one.after, one.key_id) == "UPDATE 1"

    async def bring_forward(self, keyring: Keyring, now: datetime) -> int:
        """Make what is on an old key due within an hour; how many that were.

        Rows whose key is not known are among them only while keys are being replaced: without an old key nothing can
        go wrong before their usual time.
        """
        old = list(keyring.old_ids)
        return _count(await self._pool.execute(_QUERIES["bring_forward"], old, bool(old), now))

    async def abandon(self, key_id: str, now: datetime) -> int:
        """Have everything under this key made anew, without it; how many that are."""
        return _count(await self._pool.execute(_QUERIES["abandon"], key_id, now, ABANDONED))


def _count(status: str) -> int:
    return int(status.rsplit(" ", 1)[-1])
