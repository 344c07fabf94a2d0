from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from flovify.common.db import Pool, create_pool
from tests.support.postgres import Database


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """The api role's pool over a fresh database."""
    opened = await create_pool(database.api_dsn, application_name="test", max_size=20)
    try:
        yield opened
    finally:
        opened.terminate()
