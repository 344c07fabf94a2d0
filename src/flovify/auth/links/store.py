"""Links in the database, known only by the hash of their token."""

from __future__ import annotations

from uuid import UUID

from flovify.auth.links.models import ConnectLink, NewLink
from flovify.common.db import Connection, Pool, load_queries

_COLUMNS = tuple(ConnectLink.__dataclass_fields__)


class LinkStore:
    """The only caller of links/queries.sql."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._sql = load_queries("flovify.auth.links")

    async def add(self, token_hash: bytes, link: NewLink) -> UUID:
        found: UUID = await self._pool.fetchval(
            self._sql["add_link"],
            token_hash,
            link.purpose,
            link.registration_id,
            link.tenant_id,
            link.login_hint,
            link.created_by,
            link.expires_in_hours,
            link.subscribe,
            link.mailbox,
        )
        return found

    async def administrator(self, email: str) -> tuple[UUID, str] | None:
        """Id and address of the administrator of this address, or of the first one."""
        row = await self._pool.fetchrow(self._sql["find_administrator"], email)
        return (row["id"], row["email"]) if row else None

    async def newest(self, only: UUID | None = None) -> list[ConnectLink]:
        rows = await self._pool.fetch(self._sql["list_links"], only)
        return [ConnectLink(**{name: row[name] for name in _COLUMNS}) for row in rows]

    async def begin(self, token_hash: bytes, max_tries: int) -> UUID | None:
        """Count a try. None for a link that may not be used (any more)."""
        found: UUID | None = await self._pool.fetchval(self._sql["begin_by_link"], token_hash, max_tries)
        return found

    async def usable_by(self, link_id: UUID) -> str | None:
        """The address of the administrator it speaks for; None when it may not be used any more."""
        found: str | None = await self._pool.fetchval(self._sql["usable_link"], link_id)
        return found

    async def use(self, link_id: UUID, connection: Connection | None = None) -> bool:
        """Use it up; False when somebody else did."""
        return await (connection or self._pool).fetchval(self._sql["use_link"], link_id) is not None

    async def delete(self, link_id: UUID) -> bool:
        return await self._pool.fetchval(self._sql["delete_link"], link_id) is not None

    async def delete_old(self) -> None:
        """Links that ended more than thirty days ago."""
        await self._pool.execute(self._sql["delete_old_links"])
