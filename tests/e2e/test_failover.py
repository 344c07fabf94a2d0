"""The database's primary dies in the middle of the flow and its standby goes on: nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from flovify.cli.up import roles
from tests.e2e.test_exactly_once import assert_exactly_once
from tests.support.ledger import Books, read_books
from tests.support.mail import simple_mail
from tests.support.postgres import Cluster, Database, running_cluster
from tests.support.stack import SALES, Stack, running_stack
from tests.support.standby import Pair, standby_of
from tests.support.wait import until

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(600)]
BEFORE, MEANWHILE, AFTER = 20, 20, 20


@pytest.fixture
def own_cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture
def pair(own_cluster: Cluster) -> Iterator[Pair]:
    with standby_of(own_cluster.postgres) as pair:
        yield pair


async def test_a_promoted_standby_goes_on_with_everything_that_was_acknowledged(
    own_cluster: Cluster, pair: Pair, tmp_path: Path
) -> None:
    made = await own_cluster.create("failover", own_cluster.template)
    await until(lambda: _is_synchronous(own_cluster), 30, "the standby")
    database = Database(made.name, *(pair.both(one) for one in (made.owner_dsn, made.auth_dsn, made.api_dsn)))
    async with running_stack(database, tmp_path) as stack:
        tenant_id = await stack.connect(SALES)
        await stack.subscribe(tenant_id)
        await _mails(stack, range(BEFORE))
        flow = asyncio.create_task(_mails(stack, range(BEFORE, BEFORE + MEANWHILE)))
        await pair.fail_over()
        await flow
        await _mails(stack, range(BEFORE + MEANWHILE, BEFORE + MEANWHILE + AFTER))
        count = BEFORE + MEANWHILE + AFTER

        async def settled() -> Books | None:
            books = await read_books(database.owner_dsn, tenant_id)
            return books if books.messages >= count and books.open_events == 0 else None

        assert_exactly_once(await until(settled, 300, "every message", poll=0.5), count)


async def _mails(stack: Stack, numbers: range) -> None:
    for number in numbers:
        await stack.send_mail(SALES, raw=simple_mail(number, SALES))


def _is_synchronous(cluster: Cluster) -> bool:
    found = cluster.postgres.query(roles.SUPER, "SELECT sync_state FROM pg_stat_replication", database="postgres")
    return found == "sync"
