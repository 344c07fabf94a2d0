"""Driver errors that mean "the database is away", translated at the edge of a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from flovify.auth.errors import DatabaseAway

_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,
)


@contextmanager
def database_away() -> Iterator[None]:
    """Raises DatabaseAway where the driver says that the server cannot be reached."""
    try:
        yield
    except _AWAY:
        raise DatabaseAway from None
