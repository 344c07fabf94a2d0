"""Users, sessions, failed sign-ins and signing keys in the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg

from flovify.auth.users.models import Origin, Session, SigningKey, User
from flovify.auth.vault.models import wrapped_key
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.errors import Conflict

IDLE_SECONDS = 30 * 60
ABSOLUTE_SECONDS = 12 * 3600


class UserStore:
    """The only caller of users/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.users")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self._pool.acquire() as connection, connection.transaction():
            yield connection

    async def has_users(self, connection: Connection | None = None) -> bool:
        return bool(await (connection or self._pool).fetchval(self._sql["count_users"]))

    async def lock_users(self, connection: Connection) -> None:
        await connection.execute(self._sql["lock_users"])

    async def insert(self, email: str, password_hash: str, role: str, connection: Connection | None = None) -> User:
        """Raises Conflict when the address is taken."""
        try:
            row = await (connection or self._pool).fetchrow(self._sql["insert_user"], email, password_hash, role)
        except asyncpg.UniqueViolationError:
            raise Conflict("there is a user with this address already", code="user_exists") from None
        assert row is not None  # noqa: S101 - INSERT … RETURNING
        return User(row["id"], row["email"], row["role"])

    async def find(self, email: str, connection: Connection) -> tuple[User, str | None] | None:
        """An enabled user with its password hash; without one where an invitation is still open."""
        row = await connection.fetchrow(self._sql["find_user"], email)
        return (User(row["id"], row["email"], row["role"]), row["password_hash"]) if row else None

    async def set_password_hash(self, user_id: UUID, password_hash: str) -> None:
        await self._pool.execute(self._sql["set_password_hash"], user_id, password_hash)

    async def add_session(self, token_hash: bytes, user: User, origin: Origin) -> None:
        row = (token_hash, user.id, float(ABSOLUTE_SECONDS), origin.address or None, origin.user_agent or None)
        await self._pool.execute(self._sql["insert_session"], *row)

    async def use_session(self, token_hash: bytes) -> Session | None:
        row = await self._pool.fetchrow(self._sql["use_session"], token_hash, float(IDLE_SECONDS))
        if row is None:
            return None
        return Session(row["id"], User(row["user_id"], row["email"], row["role"]), row["expires_at"])

    async def live_user(self, session_id: UUID, key_id: str | None = None) -> User | None:
        """Who a session belongs to, as the user is now; None when it has ended or the user may not sign in any more.

        `key_id` is of the key that signed its access token: None also when that was dropped.
        """
        row = await self._pool.fetchrow(self._sql["live_user"], session_id, float(IDLE_SECONDS), key_id)
        return User(row["id"], row["email"], row["role"]) if row else None

    async def revoke_session(self, token_hash: bytes) -> UUID | None:
        """Whose session it was, None when there was none alive."""
        user_id: UUID | None = await self._pool.fetchval(self._sql["revoke_session"], token_hash)
        return user_id

    async def delete_old(self) -> None:
        """Sessions that ended more than a day ago, failures older than a day, browsers not used for half a year.

        And signing keys of which no token is left.
        """
        await self._pool.execute(self._sql["delete_old_signing_keys"])
        await self._pool.execute(self._sql["delete_old_devices"])
        await self._pool.execute(self._sql["delete_old_sessions"])
        await self._pool.execute(self._sql["delete_old_failures"])

    async def lock_subject(self, subject: str, connection: Connection) -> None:
        """Let nobody else try for the same subject until the transaction ends."""
        await connection.execute(self._sql["lock_subject"], subject)

    async def recent_failures(self, subject: str, connection: Connection | None = None) -> tuple[int, float]:
        """How many in the last quarter of an hour, and seconds since the last one."""
        row = await (connection or self._pool).fetchrow(self._sql["recent_failures"], subject)
        return (row["failures"], row["since_seconds"] or 0.0) if row else (0, 0.0)

    async def add_failure(self, subject: str, connection: Connection) -> None:
        await connection.execute(self._sql["add_failure"], subject)

    async def forget_failures(self, subject: str, connection: Connection) -> None:
        await connection.execute(self._sql["forget_failures"], subject)

    async def add_device(self, token_hash: bytes, user_id: UUID) -> None:
        """A browser in which a user signed in; of many the ones used last are kept."""
        await self._pool.execute(self._sql["add_device"], token_hash, user_id)

    async def use_device(self, token_hash: bytes, email: str) -> bool:
        """Whether the user of this address signed in there before."""
        return await self._pool.fetchval(self._sql["use_device"], token_hash, email) is not None

    async def replace_setup_token(self, token_hash: bytes, seconds: float) -> None:
        await self._pool.execute(self._sql["replace_setup_token"], token_hash, seconds)

    async def knows_setup_token(self, token_hash: bytes) -> bool:
        return await self._pool.fetchval(self._sql["find_setup_token"], token_hash) is not None

    async def take_setup_token(self, token_hash: bytes, connection: Connection) -> bool:
        return await connection.fetchval(self._sql["take_setup_token"], token_hash) is not None

    async def signing_keys(self, connection: Connection | None = None) -> list[SigningKey]:
        """Those that are published; of those that sign the last one is used."""
        rows = await (connection or self._pool).fetch(self._sql["list_signing_keys"])
        return [
            SigningKey(row["key_id"], row["public_key"], row["sealed_private_key"], row["signs"], wrapped_key(row))
            for row in rows
        ]

    async def lock_signing_keys(self, connection: Connection) -> None:
        await connection.execute(self._sql["lock_signing_keys"])

    async def add_signing_key(
        self, key_id: str, public: str, sealed_private: str, in_seconds: float, connection: Connection
    ) -> None:
        """It signs in so many seconds."""
        await connection.execute(self._sql["insert_signing_key"], key_id, public, sealed_private, in_seconds)

    async def retire_signing_keys(self, but: str, after_seconds: float, connection: Connection) -> list[str]:
        """Let the others end so long after this one begins; their ids."""
        rows = await connection.fetch(self._sql["retire_signing_keys"], but, after_seconds)
        return [row["key_id"] for row in rows]

    async def drop_signing_keys(self, but: str, connection: Connection) -> list[str]:
        """Delete the others; their ids."""
        return [row["key_id"] for row in await connection.fetch(self._sql["drop_signing_keys"], but)]
