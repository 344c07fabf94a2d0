"""Living sessions in the database; `UserStore` begins and uses them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flovify.auth.users.store import IDLE_SECONDS
from flovify.common.db import Connection, Pool, load_queries


@dataclass(frozen=True)
class LivingSession:
    """`expires_at` is the earlier of the absolute and the idle end."""

    id: UUID
    user_id: UUID
    email: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str | None
    user_agent: str | None


class SessionStore:
    """The only caller of sessions/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.sessions")

    async def list(self, user_id: UUID | None) -> list[LivingSession]:
        """A user's, or everybody's for None; the 500 last used."""
        rows = await self._pool.fetch(self._sql["list_sessions"], user_id, float(IDLE_SECONDS))
        return [LivingSession(**row) for row in rows]

    async def end(self, session_id: UUID, user_id: UUID | None) -> UUID | None:
        """Whose it was; None when there is no such living session (of that user, where one is given)."""
        owner: UUID | None = await self._pool.fetchval(self._sql["end_session"], session_id, user_id)
        return owner

    async def end_all_of(self, user_id: UUID, but: UUID | None, connection: Connection) -> None:
        await connection.execute(self._sql["end_sessions_of"], user_id, but)
