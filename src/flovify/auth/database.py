"""Driver errors that mean "the database is away", translated at the edge of a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flovify.auth.errors import DatabaseAway
from flovify.common.db import AWAY


@contextmanager
def database_away() -> Iterator[None]:
    """Raises DatabaseAway where the driver says that the server cannot be reached."""
    try:
        yield
    except AWAY:
        raise DatabaseAway from None
