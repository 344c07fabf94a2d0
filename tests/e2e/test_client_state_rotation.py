"""MS365_CLIENT_STATE is replaced as documented: every subscription keeps delivering, the busy one and the quiet one."""

from __future__ import annotations

import asyncio
import json
import secrets
import subprocess
from collections import Counter

import asyncpg
import pytest

from flovify.api.subscriptions import client_state
from tests.support.command import flovify
from tests.support.mail import simple_mail
from tests.support.processes import base_environment, flovify_command
from tests.support.stack import SALES, SUPPORT, Stack
from tests.support.wait import until

pytestmark = pytest.mark.timeout(300)
MAILBOXES = (SALES, SUPPORT)
LIST = ("subscriptions", "keys", "--json")


async def test_replaced_as_documented_every_subscription_keeps_delivering(stack: Stack) -> None:
    tenants = {address: await stack.connect(address) for address in MAILBOXES}
    busy, quiet = [await stack.subscribe(tenants[address]) for address in MAILBOXES]
    await receive(stack, tenants, 1, MAILBOXES)

    old, new = stack.secrets.client_state, "cst-" + secrets.token_urlsafe(32)
    await restart_with(stack, f"{new},{old}")
    assert [(use["state"], use["subscriptions"]) for use in await keys_by_a_process(stack)] == [
        ("first", 0),
        ("accepted", 2),
    ]
    await receive(stack, tenants, 2, (SALES,))  # the other one stays quiet
    await until(lambda: left(stack, 1), 30, "the busy subscription under the new key", poll=0.5)
    await an_hour_passes(stack, old)
    await until(lambda: left(stack, 0), 60, "the quiet subscription under the new key", poll=0.5)

    assert [await at_microsoft(stack, one) == one["subscription_id"] for one in (busy, quiet)] == [True, False]

    await restart_with(stack, new)
    assert [(use["state"], use["subscriptions"]) for use in await keys(stack)] == [("first", 2)]
    await receive(stack, tenants, 3, MAILBOXES)
    for address, count in ((SALES, 3), (SUPPORT, 2)):
        stored = Counter(item["subject"] for item in await stack.messages(tenants[address]))
        assert (len(stored), set(stored.values())) == (count, {1})
    assert not any(key in stack.logs() for key in (old, new))


async def at_microsoft(stack: Stack, made: dict[str, str]) -> str:
    """The id Microsoft knows this subscription by: another one after it was made anew."""
    return str((await stack.call("GET", f"{stack.api}/api/ms365/subscriptions/{made['id']}"))["subscription_id"])


async def receive(stack: Stack, tenants: dict[str, str], number: int, addresses: tuple[str, ...]) -> None:
    """Mail to each address, stored."""
    for address in addresses:
        before = len(await stack.messages(tenants[address]))
        await stack.send_mail(address, raw=simple_mail(number, address))
        await stack.wait_stored(tenants[address], before + 1)


async def restart_with(stack: Stack, value: str) -> None:
    stack.secrets.client_state = value
    for service in ("api", "worker"):
        await asyncio.to_thread(stack.restart, service)


async def keys_by_a_process(stack: Stack) -> list[dict[str, object]]:
    env = {**base_environment(), **stack.environment("api")}
    done = await asyncio.to_thread(subprocess.run, flovify_command(*LIST), env=env, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)["items"]
    return found


async def keys(stack: Stack) -> list[dict[str, object]]:
    done = await flovify(*LIST, env=stack.environment("api"), cwd=stack.data_dir)
    assert done.status == 0, done.errors
    found: list[dict[str, object]] = json.loads(done.output)["items"]
    return found


async def left(stack: Stack, count: int) -> bool:
    """Are there as many under the old key?"""
    return [use["subscriptions"] for use in await keys(stack) if use["state"] != "first"] == [count]


async def an_hour_passes(stack: Stack, old: str) -> None:
    """The worker's look brings the quiet row forward; then its time within the hour has come."""
    connection = await asyncpg.connect(stack.database.owner_dsn)
    quiet = "client_state_key_id = $1 AND next_renewal_at < now() + interval '1 hour'"

    async def look() -> None:
        await connection.execute("UPDATE api.periodic_tasks SET due_at = now() WHERE name = 'renew_subscriptions'")

    async def brought_forward() -> bool:
        await look()
        query = f"SELECT count(*) FROM api.webhook_subscriptions WHERE {quiet}"
        return bool(await connection.fetchval(query, client_state.key_id(old)) == 1)

    try:
        await until(brought_forward, 30, "the quiet subscription due within the hour", poll=0.5)
        await connection.execute(
            f"UPDATE api.webhook_subscriptions SET next_renewal_at = now() WHERE {quiet}", client_state.key_id(old)
        )
        await look()
    finally:
        await connection.close()
