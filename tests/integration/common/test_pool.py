"""What a pool does with a connection between two uses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from flovify.common.db import Pool, create_pool
from tests.support.postgres import Database


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    made = await create_pool(database.api_dsn, application_name="given-back", max_size=1)
    yield made
    await made.close()


async def test_a_connection_is_given_back_without_a_question_to_the_server(pool: Pool, database: Database) -> None:
    assert await pool.fetchval("SELECT 'last said'") == "last said"
    looker = await create_pool(database.api_dsn, application_name="looker", max_size=1)
    try:
        said = await looker.fetchval("SELECT query FROM pg_stat_activity WHERE application_name = 'given-back'")
    finally:
        await looker.close()
    assert said == "SELECT 'last said'"


async def test_a_transaction_left_open_is_rolled_back(pool: Pool) -> None:
    noted: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: noted.append(context["message"]))
    async with pool.acquire() as connection:
        await connection.execute("BEGIN; SET LOCAL application_name = 'left-open'")
    async with pool.acquire() as connection:
        assert not connection.is_in_transaction()
        assert await connection.fetchval("SHOW application_name") == "given-back"
    assert len(noted) == 1
