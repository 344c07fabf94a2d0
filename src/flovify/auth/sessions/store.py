"""Living sessions in the database; `UserStore` begins and uses them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flovify.auth.users.store import IDLE_SECONDS
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.jwt import ACCESS_SECONDS, LEEWAY_SECONDS

# As long as an access token can be believed, and four minutes for clocks that differ.
REVOCATION_SECONDS = ACCESS_SECONDS + LEEWAY_SECONDS + 240


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


@dataclass(frozen=True)
class Revocations:
    """What ends access tokens before their time: sessions that ended, the one role each of these users has now,
    and ids of signing keys that were dropped.
    """

    sessions: list[UUID]
    roles: dict[UUID, str]
    keys: list[str]


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

    async def known(self, session_id: UUID) -> bool:
        """Whether there is such a session, ended or not; it is deleted a day after its time."""
        return bool(await self._pool.fetchval(self._sql["session_known"], session_id))

    async def counts(self) -> dict[UUID, int]:
        """How many living sessions each user has who has any."""
        rows = await self._pool.fetch(self._sql["count_sessions"], float(IDLE_SECONDS))
        return {row["user_id"]: row["sessions"] for row in rows}

    async def revocations(self) -> Revocations:
        """All that an access token which has not expired may have missed; written by triggers (0014, 0017)."""
        ended = await self._pool.fetch(self._sql["list_ended_sessions"], float(REVOCATION_SECONDS))
        changed = await self._pool.fetch(self._sql["list_changed_roles"], float(REVOCATION_SECONDS))
        dropped = await self._pool.fetch(self._sql["list_dropped_keys"], float(REVOCATION_SECONDS))
        return Revocations(
            [row["session_id"] for row in ended],
            {row["user_id"]: row["role"] for row in changed},
            [row["key_id"] for row in dropped],
        )

    async def delete_old_revocations(self) -> None:
        """Those that no access token can have missed any more."""
        await self._pool.execute(self._sql["delete_old_revocations"], float(REVOCATION_SECONDS))
