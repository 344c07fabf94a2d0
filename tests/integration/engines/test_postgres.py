"""PostgreSQL's own log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from flovify.common.db import Pool
from tests.integration.engines.conformance import LogConformance
from tests.integration.engines.ground import Ground, standing_on

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def ground(pool: Pool) -> AsyncIterator[Ground]:
    async with standing_on(Ground(pool)) as made:
        yield made


class TestPostgres(LogConformance):
    """All of it."""
