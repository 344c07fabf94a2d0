"""OAuth flows in progress. States and browser cookies are known only by their hashes."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from flovify.auth.links.models import Purpose
from flovify.auth.tenants.models import Subscribe
from flovify.common.db import Connection, Pool, load_queries

STATE_SECONDS = 600


@dataclass(frozen=True)
class OAuthState:
    """What a callback is checked against. `mailbox`: the shared one that is to be connected; None: their own."""

    session_id: UUID | None
    provider: str
    nonce: str
    sealed_verifier: str
    reconnect_id: UUID | None
    registration_id: UUID | None
    purpose: Purpose
    link_id: UUID | None
    subscribe: Subscribe | None = None
    mailbox: str | None = None


class OAuthStateStore:
    """The only caller of connecting/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.connecting")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def add(self, state_hash: bytes, browser_hash: bytes, state: OAuthState, connection: Connection) -> None:
        await connection.execute(
            self._sql["insert_state"],
            state_hash,
            browser_hash,
            state.session_id,
            state.provider,
            state.nonce,
            state.sealed_verifier,
            state.reconnect_id,
            float(STATE_SECONDS),
            state.registration_id,
            state.purpose,
            state.link_id,
            state.subscribe,
            state.mailbox,
        )

    async def take(self, state_hash: bytes, browser_hash: bytes, connection: Connection) -> OAuthState | None:
        """Use a state up. None when it is unknown, expired, or was begun in another browser."""
        row = await connection.fetchrow(self._sql["take_state"], state_hash)
        if row is None or not row["fresh"] or not hmac.compare_digest(row["browser_hash"], browser_hash):
            return None
        return OAuthState(**{name: row[name] for name in OAuthState.__dataclass_fields__})
