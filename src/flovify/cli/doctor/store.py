"""What the doctor asks of the database. It only reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flovify.common.db import Pool, Record, load_queries

_QUERIES = load_queries("flovify.cli.doctor")
# The tenant of all personal accounts (id-token-claims-reference); no app-only token is given there.
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"


@dataclass(frozen=True)
class Server:
    """`remote` is the server's address, None over a socket of the machine's own."""

    major: int
    role: str
    superuser: bool
    tls: bool
    remote: str | None


class DoctorStore:
    """The only caller of queries.sql. `schema` is auth or api, whose role the pool has."""

    def __init__(self, pool: Pool, schema: str) -> None:
        self._pool = pool
        self._schema = schema

    async def server(self) -> Server:
        return Server(**dict(await self._row("server")))

    async def connections(self) -> tuple[int, int]:
        """(how many more the server takes, how many at most)."""
        row = await self._row("connections")
        return row["free"], row["most"]

    async def readable(self, schema: str) -> int:
        """How many tables of a schema this role may read."""
        return int(await self._pool.fetchval(_QUERIES["readable"], schema))

    async def now(self) -> datetime:
        moment: datetime = await self._pool.fetchval(_QUERIES["now"])
        return moment

    async def unsealed(self) -> tuple[int, float]:
        """(entries without a seal, up to 1000; the age of the oldest in seconds)."""
        row = await self._row("unsealed")
        return row["waiting"], row["oldest_seconds"]

    async def sealing_key(self) -> str | None:
        key: str | None = await self._pool.fetchval(_QUERIES["sealing_key"].format(schema=self._schema))
        return key

    async def organization(self, registration_id: UUID) -> str | None:
        """Microsoft's id of an organisation that knows this registration; None while there is none."""
        found: str | None = await self._pool.fetchval(_QUERIES["organization"], registration_id, PERSONAL_TENANT)
        return found

    async def _row(self, name: str) -> Record:
        row = await self._pool.fetchrow(_QUERIES[name].format(schema=self._schema))
        assert row is not None  # noqa: S101 - each of them makes exactly one row
        return row
