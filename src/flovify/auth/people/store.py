"""Users and invitations in the database."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import asyncpg

from flovify.auth.people.models import Person
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.errors import Conflict


class PeopleStore:
    """The only caller of people/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.people")

    async def list(self, only: UUID | None = None, connection: Connection | None = None) -> list[Person]:
        """By address."""
        rows = await (connection or self._pool).fetch(self._sql["list_people"], only)
        return [Person(**row) for row in rows]

    async def find(self, email: str) -> UUID | None:
        """Whose address this is, whether or not he may sign in."""
        found: UUID | None = await self._pool.fetchval(self._sql["find_person"], email)
        return found

    async def add(self, email: str, role: str, connection: Connection) -> UUID:
        """Without a password. Raises Conflict when the address is taken."""
        try:
            found: UUID = await connection.fetchval(self._sql["add_person"], email, role)
        except asyncpg.UniqueViolationError:
            raise Conflict("there is a user with this address already", code="user_exists") from None
        return found

    async def change(self, user_id: UUID, role: str | None, disabled: bool | None, connection: Connection) -> None:
        await connection.execute(self._sql["change_person"], user_id, role, disabled)

    async def delete(self, user_id: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["delete_person"], user_id)

    async def other_administrators(self, user_id: UUID, connection: Connection) -> int:
        return int(await connection.fetchval(self._sql["other_administrators"], user_id))

    async def put_invitation(
        self, user_id: UUID, token_hash: bytes, seconds: float, connection: Connection
    ) -> datetime:
        """Replaces an earlier one; when it ends."""
        ends: datetime = await connection.fetchval(self._sql["put_invitation"], user_id, token_hash, seconds)
        return ends

    async def delete_invitation(self, user_id: UUID, connection: Connection) -> None:
        await connection.execute(self._sql["delete_invitation"], user_id)

    async def find_invited(self, token_hash: bytes) -> str | None:
        """The address an open invitation is for."""
        email: str | None = await self._pool.fetchval(self._sql["find_invited"], token_hash)
        return email

    async def take_invitation(self, token_hash: bytes, connection: Connection) -> UUID | None:
        """Use it up: whom it was for, None when it is not open (any more)."""
        found: UUID | None = await connection.fetchval(self._sql["take_invitation"], token_hash)
        return found

    async def password_of(self, user_id: UUID) -> str | None:
        found: str | None = await self._pool.fetchval(self._sql["password_of"], user_id)
        return found

    async def set_password(self, user_id: UUID, password_hash: str, connection: Connection) -> None:
        await connection.execute(self._sql["set_password"], user_id, password_hash)

    async def delete_old(self) -> None:
        """Invitations that ended more than a day ago."""
        await self._pool.execute(self._sql["delete_old_invitations"])
