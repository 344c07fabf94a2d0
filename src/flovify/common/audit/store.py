"""The seals of an audit log in PostgreSQL. auth and api have tables of the same shape, each in its own schema."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from flovify.common.audit.chain import START, Link, LoggedEntry, LogKey, Seal, entry_digest, sealed
from flovify.common.db import Connection, Pool, load_queries
from flovify.common.logs import get_logger

# Written by whoever removes entries whose time is over, in the same transaction: {"through_id": the last one removed}.
PRUNED = "audit.pruned"
COUNTED_AT_MOST = 10_000
_QUERIES = load_queries("flovify.common.audit")


@dataclass(frozen=True)
class ChainState:
    """Where the chain ends, and how many entries wait for a seal, counted up to COUNTED_AT_MOST."""

    head: Link
    waiting: int
    now: datetime


@dataclass(frozen=True)
class CheckedSeal:
    """A seal with its entry, None where that is gone."""

    seal: Seal
    entry: LoggedEntry | None


@dataclass(frozen=True)
class EntryMark:
    """`due`: old enough that it should have a seal."""

    id: int
    at: datetime
    action: str
    sealed: bool
    due: bool


class SealStore:
    """The only caller of common/audit/queries.sql. `log` is auth or api, which is also its schema."""

    def __init__(self, pool: Pool, log: str) -> None:
        self.log = log
        self._pool = pool
        self._sql = {name: text.format(schema=log) for name, text in _QUERIES.items()}

    async def state(self, connection: Connection | None = None) -> ChainState:
        """Raises what asyncpg raises."""
        row = await (connection or self._pool).fetchrow(self._sql["state"], COUNTED_AT_MOST)
        assert row is not None  # noqa: S101 - the query makes exactly one row
        head = START if row["position"] is None else Link(row["position"], row["mac"])
        return ChainState(head, row["waiting"], row["now"])

    async def seal_batch(self, key: LogKey, limit: int) -> int:
        """Seal the first entries that wait, at most `limit`; how many were dealt with: 0 also while another seals.

        An entry waits from its own commit on, so one with a smaller id that commits late is not overlooked.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval(self._sql["lock"]):
                return 0
            # Only under the lock, in statements of their own: what the last sealer committed is seen.
            state = await self.state(connection)
            rows = await connection.fetch(self._sql["waiting"], limit)
            entries = [_entry(row) for row in rows if row["log_id"] is not None and not row["sealed"]]
            self._warn(len(rows) - len(entries))
            await self._add(connection, sealed(entries, state.head, key, state.now))
            await connection.execute(self._sql["done"], [row["entry_id"] for row in rows])
            return len(rows)

    async def seals(self, after: int, limit: int) -> list[CheckedSeal]:
        """The next seals after this position, with their entries."""
        rows = await self._pool.fetch(self._sql["seals"], after, limit)
        return [CheckedSeal(_seal(row), None if row["log_id"] is None else _entry(row)) for row in rows]

    async def entries(self, after: int, limit: int, due_seconds: float) -> list[EntryMark]:
        """The next entries after this id."""
        rows = await self._pool.fetch(self._sql["entries"], after, limit, due_seconds)
        return [EntryMark(**row) for row in rows]

    async def permissions(self) -> list[LoggedEntry]:
        """The entries about removal that are as they were when they were sealed."""
        found = []
        for row in await self._pool.fetch(self._sql["permissions"], PRUNED):
            entry = LoggedEntry(**{field.name: row[field.name] for field in fields(LoggedEntry)})
            if entry_digest(entry) == row["digest"]:
                found.append(entry)
        return found

    async def _add(self, connection: Connection, seals: list[Seal]) -> None:
        columns = [[getattr(seal, field.name) for seal in seals] for field in fields(Seal)]
        await connection.execute(self._sql["add"], *columns)

    def _warn(self, count: int) -> None:
        """What the service cannot do itself: somebody else removed an entry, or its number was used before."""
        if count:
            get_logger().warning("audit_entries_not_sealable", log=self.log, count=count)


def _entry(row: Any) -> LoggedEntry:
    values = {field.name: row[field.name] for field in fields(LoggedEntry) if field.name != "id"}
    return LoggedEntry(id=row["log_id"], **values)


def _seal(row: Any) -> Seal:
    return Seal(**{field.name: row[field.name] for field in fields(Seal)})
