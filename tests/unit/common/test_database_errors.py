"""What counts as the database being away, so that work goes on later instead of ending."""

from __future__ import annotations

import asyncpg
import pytest

from flovify.common.db import AWAY, DATABASE_ERRORS


@pytest.mark.parametrize("errors", [AWAY, DATABASE_ERRORS])
@pytest.mark.parametrize(
    "error",
    [
        OSError,
        TimeoutError,
        asyncpg.ConnectionDoesNotExistError,
        asyncpg.CannotConnectNowError,
        asyncpg.InterfaceError,
        # Raised, rarely, for a connection that is cut in the middle of something.
        asyncpg.InternalClientError,
    ],
)
def test_a_lost_connection_is_one_whatever_the_driver_calls_it(
    error: type[Exception], errors: tuple[type[Exception], ...]
) -> None:
    assert issubclass(error, errors)
