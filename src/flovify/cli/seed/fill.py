"""Fills a database by statements that make their rows there: nothing but the arrays of words travels."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
import msgspec

from flovify.cli.seed.accounts import Account, make_accounts
from flovify.cli.seed.words import DEATHS, FIRST_NAMES, LAST_NAMES, ORGANIZATIONS, SENTENCES, SUBJECTS
from flovify.common.db import Connection, load_queries

BATCH = 20_000
_QUERIES = load_queries("flovify.cli.seed")
_REASON = {
    "code": "refresh_token_expired",
    "error": "invalid_grant",
    "aadsts": 700082,
    "message": "The refresh token has expired due to inactivity.",
}
_TABLES = (
    "auth.tenants auth.tenant_tokens api.webhook_subscriptions api.mailbox_leases api.messages api.message_feed "
    "api.webhook_events api.event_attempts api.inbox"
)
Report = Callable[[str], object]


@dataclass(frozen=True)
class Wanted:
    """How much."""

    accounts: int
    messages: int
    dead_letters: int
    days: int


async def fill(dsn: str, wanted: Wanted, report: Report) -> None:
    """Add what is wanted in one transaction, then let the planner know. Raises OSError, asyncpg.PostgresError."""
    connection = await asyncpg.connect(dsn, command_timeout=None, server_settings={"statement_timeout": "0"})
    try:
        async with connection.transaction():
            accounts = make_accounts(wanted.accounts, random.Random())  # noqa: S311 - nothing secret
            await _add_accounts(connection, accounts)
            report(f"{wanted.accounts} accounts")
            await _add_messages(connection, wanted, report)
            await _add_dead_letters(connection, wanted)
            report(f"{wanted.dead_letters} dead letters")
        for table in _TABLES.split():
            await connection.execute(f"VACUUM (ANALYZE) {table}")
    finally:
        await connection.close()


async def _add_accounts(connection: Connection, accounts: list[Account]) -> None:
    ids = [one.id for one in accounts]
    organizations = [one.organization_id for one in accounts]
    objects = [one.object_id for one in accounts]
    emails, names = [one.email for one in accounts], [one.name for one in accounts]
    kinds = [one.token_type for one in accounts]
    states = [one.status for one in accounts]
    reason = msgspec.json.encode(_REASON).decode()
    await connection.execute(
        _QUERIES["add_accounts"], ids, organizations, objects, emails, names, states, kinds, reason
    )
    await connection.execute(_QUERIES["add_tokens"], ids, kinds)
    await connection.execute(_QUERIES["add_subscriptions"], ids, organizations, objects)
    await connection.execute(_QUERIES["add_leases"], ids)
    await connection.execute(_QUERIES["prepare"], ids, emails, names)
    await connection.execute(_QUERIES["index_accounts"])


async def _add_messages(connection: Connection, wanted: Wanted, report: Report) -> None:
    await connection.execute(_QUERIES["draw"], wanted.messages, wanted.accounts, wanted.days)
    await connection.execute(_QUERIES["index_drawn"])
    hosts = [host for _, host in ORGANIZATIONS]
    words = (list(FIRST_NAMES), list(LAST_NAMES), hosts, list(SUBJECTS), list(SENTENCES))
    for begin in range(1, wanted.messages + 1, BATCH):
        end = min(begin + BATCH - 1, wanted.messages)
        await connection.execute(_QUERIES["add_messages"], begin, end, *words)
        report(f"{end} of {wanted.messages} messages")
    for query in ("add_feed", "add_events", "add_attempts"):
        await connection.execute(_QUERIES[query])
    report(f"{wanted.messages} events")


async def _add_dead_letters(connection: Connection, wanted: Wanted) -> None:
    causes = [death for death in DEATHS for _ in range(death[1])]
    await connection.execute(
        _QUERIES["add_dead_letters"],
        wanted.dead_letters,
        wanted.accounts,
        wanted.days,
        [cause for cause, _, _, _ in causes],
        [kind for _, _, kind, _ in causes],
        [error for _, _, _, error in causes],
    )
    await connection.execute(_QUERIES["add_dead_attempts"])
