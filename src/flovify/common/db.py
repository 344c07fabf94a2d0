"""PostgreSQL: the connection pool and the named queries of a feature."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib import resources
from typing import Any, TypeAlias, TypeVar

import asyncpg
import msgspec
from asyncpg.pool import PoolConnectionProxy

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Record: TypeAlias = asyncpg.Record

# What the driver raises when the server cannot be reached.
AWAY: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
    # A connection that was cut in the middle of something.
    asyncpg.InternalClientError,
)

# The same and whatever the server refuses: for work that nobody waits for and that is done again later.
DATABASE_ERRORS: tuple[type[Exception], ...] = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

# A connection nobody uses is closed after this: each keeps some megabytes of the server's.
_IDLE_SECONDS = 60.0

# How the server finds out that a client's machine is gone or cut off, which nobody tells it: asked after five seconds
# of silence, given up after eleven, sooner than a lease is over. By default that takes two hours, in which all that a
# transaction of that machine had locked stays locked, and its connections count.
_KEEPALIVES = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
}

# A deadlock is gone once its victim has let go; who meets a fourth in a row has met something else.
_TRIES = 4

T = TypeVar("T")

_SECTION = re.compile(r"^-- name:\s*(\w+)\s*$", re.MULTILINE)


# For statements that are run often on tables which fill and empty: a plan made while a table was empty reads all of it,
# and is kept until the next ANALYZE. Without sequential scans the plan is by index from the start, and the same for all
# values: planning a take anew each time took longer than the take.
STEADY_PLANS = {"enable_seqscan": "off", "jit": "off", "plan_cache_mode": "force_generic_plan"}


async def create_pool(
    dsn: str,
    *,
    application_name: str,
    min_size: int = 1,
    max_size: int = 10,
    server_settings: Mapping[str, str] | None = None,
) -> Pool:
    """A pool whose jsonb columns are Python values; `server_settings` hold for all its connections.

    Raises OSError or asyncpg.PostgresError when the first connection cannot be made.
    """
    return await asyncpg.create_pool(
        dsn,
        min_size=min_size,
        max_size=max_size,
        max_inactive_connection_lifetime=_IDLE_SECONDS,
        init=prepare_connection,
        reset=_nothing_left,
        command_timeout=30,
        timeout=5,
        server_settings={
            "application_name": application_name,
            "timezone": "UTC",
            **_KEEPALIVES,
            **(server_settings or {}),
        },
    )


def storable(text: str, most: int) -> str:
    """What PostgreSQL takes of a foreign text: no NUL, no lone surrogates, at most `most` characters."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:most]


async def transact(pool: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do `work` in one transaction, and all of it again when PostgreSQL ends a deadlock at its cost (40P01).

    So `work` does nothing outside the database. Raises asyncpg.DeadlockDetectedError from the fourth in a row, and what
    `work` raises.
    """
    for _ in range(_TRIES - 1):
        with contextlib.suppress(asyncpg.DeadlockDetectedError):
            return await _transact_once(pool, work)
    return await _transact_once(pool, work)


async def _transact_once(pool: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
    async with pool.acquire() as connection, connection.transaction():
        return await work(connection)


async def prepare_connection(connection: Connection) -> None:
    """Let jsonb travel as Python values, encoded and decoded by msgspec."""
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_encode_json, decoder=msgspec.json.decode, format="text"
    )


async def _nothing_left(_connection: Connection) -> None:
    """Instead of asyncpg's question after each use of a connection, which would be every second one the server gets.

    What that takes back never outlives a transaction here: locks, settings, cursors. A transaction left open is rolled
    back before this is called, and who listens ends that itself.
    """


def _encode_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


class Queries(Mapping[str, str]):
    """The statements of one `queries.sql`, by name. A name that is not there is a KeyError at start, not at run."""

    def __init__(self, text: str) -> None:
        parts = _SECTION.split(text)
        self._statements = {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}

    def __getitem__(self, name: str) -> str:
        return self._statements[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._statements)

    def __len__(self) -> int:
        return len(self._statements)


def load_queries(package: str, filename: str = "queries.sql") -> Queries:
    """Read `filename` of `package`; each statement stands under a line `-- name: the_name`."""
    return Queries(resources.files(package).joinpath(filename).read_text(encoding="utf-8"))
