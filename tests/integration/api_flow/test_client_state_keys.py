"""MS365_CLIENT_STATE is replaced: what arrives changes over, what would be deaf is not started, a command says it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from flovify.api.subscriptions import client_state
from flovify.api.subscriptions.keys.models import Keyring
from flovify.api.subscriptions.keys.store import KeyStore, Rehash
from flovify.cli.up.secrets import load_or_create
from flovify.common.db import Pool
from tests.integration.api_flow.house import KEY, OLD_KEY, Api, Subscribed, api_environment, running_api
from tests.support.command import flovify
from tests.support.intake_log import carry_all
from tests.support.net import free_ports
from tests.support.processes import spawn
from tests.support.tables import Tables
from tests.support.wait import until

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW_ID, OLD_ID = client_state.key_id(KEY), client_state.key_id(OLD_KEY)
BOTH = f"{KEY},{OLD_KEY}"
REPLACING = Keyring([KEY, OLD_KEY])


@dataclass
class Ground:
    tables: Tables
    http: aiohttp.ClientSession

    @property
    def pool(self) -> Pool:
        return self.tables.pool

    @property
    def dsn(self) -> str:
        return self.tables.database.api_dsn

    @contextmanager
    def api(self, keys: str) -> Iterator[Api]:
        with running_api(api_environment(self.dsn, MS365_CLIENT_STATE=keys)) as running:
            yield running

    async def under(self, key: str, key_id: str | None = None) -> Subscribed:
        """A subscription whose secret is hashed with `key`; without an id as in rows from before ids."""
        made = await Subscribed().insert(self.pool, key)
        await self.change(made, "client_state_key_id = $2", key_id)
        return made

    async def change(self, one: Subscribed, what: str, *values: object) -> None:
        await self.pool.execute(f"UPDATE api.webhook_subscriptions SET {what} WHERE id = $1", one.row_id, *values)

    async def row(self, one: Subscribed) -> Any:
        return await self.pool.fetchrow("SELECT * FROM api.webhook_subscriptions WHERE id = $1", one.row_id)

    async def stored(self, one: Subscribed) -> list[str]:
        await carry_all(self.pool)
        query = "SELECT message_id FROM api.inbox WHERE tenant_id = $1 ORDER BY id"
        return [row["message_id"] for row in await self.pool.fetch(query, one.tenant_id)]

    async def send(self, api: Api, *items: Any) -> int:
        async with self.http.post(api.webhook, json={"value": list(items)}) as answer:
            return answer.status

    async def changed_over(self, *given: Subscribed) -> None:
        async def all_are() -> bool:
            return {(await self.row(one))["client_state_key_id"] for one in given} == {NEW_ID}

        await until(all_are, 15, "the rows under the first key")


@pytest_asyncio.fixture(loop_scope="module")
async def ground(tables: Tables, pool: Pool) -> AsyncIterator[Ground]:
    async with aiohttp.ClientSession() as http:
        yield Ground(tables, http)


async def test_what_arrives_under_the_old_key_is_taken_changes_over_and_is_taken_without_it(ground: Ground) -> None:
    known, unknown = await ground.under(OLD_KEY, OLD_ID), await ground.under(OLD_KEY)
    unnamed = await ground.under(KEY)
    late = await ground.under(KEY, NEW_ID)  # made anew: its secret before is still under the old key
    before = Subscribed(late.row_id, late.tenant_id, late.subscription_id)
    previous = client_state.digest(before.secret, OLD_KEY)
    await ground.change(late, "previous_client_state_hash = $2, previous_client_state_key_id = $3", previous, OLD_ID)
    everybody = [known, unknown, unnamed, before]
    with ground.api(BOTH) as api:
        assert await ground.send(api, *(one.item("first") for one in everybody)) == 202
        await ground.changed_over(known, unknown, unnamed)

        async def previous_too() -> bool:
            return bool((await ground.row(late))["previous_client_state_key_id"] == NEW_ID)

        await until(previous_too, 15, "the secret before under the first key")
    assert (await ground.row(late))["client_state_hash"] == client_state.digest(late.secret, KEY)
    with ground.api(KEY) as api:
        assert await ground.send(api, *(one.item("second") for one in everybody), late.item("third")) == 202
        assert [await ground.stored(one) for one in (known, unknown, unnamed)] == [["first", "second"]] * 3
        assert sorted(await ground.stored(late)) == ["first", "second", "third"]


async def test_a_wrong_secret_changes_nothing(ground: Ground) -> None:
    one = await ground.under(OLD_KEY, OLD_ID)
    with ground.api(BOTH) as api:
        other = Subscribed(one.row_id, one.tenant_id, one.subscription_id)
        assert await ground.send(api, other.item()) == 202
    # Ended, and so with all that it had begun.
    row = await ground.row(one)
    assert (row["client_state_hash"], row["client_state_key_id"]) == (client_state.digest(one.secret, OLD_KEY), OLD_ID)
    assert await ground.stored(one) == []


async def test_a_process_without_the_key_that_others_use_acknowledges_nothing_of_it(ground: Ground) -> None:
    one, other = await ground.under(OLD_KEY, OLD_ID), await ground.under(OLD_KEY, OLD_ID)
    with ground.api(OLD_KEY) as behind:
        assert await ground.send(behind, one.item("before")) == 202
        with ground.api(BOTH) as ahead:
            assert await ground.send(ahead, one.item("there")) == 202
            await ground.changed_over(one)
            # Delivered again by Microsoft, to whichever process; to this one as long as it has not heard of the change.
            await until(lambda: _refused(ground, behind, one), 15, "503")
            assert await ground.send(ahead, one.item("again")) == 202
        assert await ground.send(behind, other.item()) == 202
        # What has failed or ended delivers nothing genuine, and shall not keep its neighbours from being taken.
        await ground.change(one, "status = 'failed'")
        assert await ground.send(behind, one.item("never"), other.item("beside")) == 202
    assert await ground.stored(other) == ["AAMk=", "beside"]
    assert {"before", "there", "again"} <= set(await ground.stored(one))
    assert "never" not in await ground.stored(one)


async def _refused(ground: Ground, behind: Api, one: Subscribed) -> bool:
    return await ground.send(behind, one.item("again")) == 503


async def test_a_row_that_was_made_anew_meanwhile_is_left_alone(ground: Ground) -> None:
    store, one = KeyStore(ground.pool), await ground.under(OLD_KEY, OLD_ID)
    seen = client_state.digest(one.secret, OLD_KEY)
    rehash = Rehash(one.row_id, seen, client_state.digest(one.secret, KEY), NEW_ID)
    await ground.change(one, "status = 'creating'")
    assert not await store.rehash(rehash)
    anew = client_state.digest(client_state.make(one.row_id), OLD_KEY)
    await ground.change(one, "status = 'active', client_state_hash = $2, previous_client_state_hash = $3", anew, seen)
    assert not await store.rehash(rehash)
    row = await ground.row(one)
    assert (row["client_state_hash"], row["client_state_key_id"]) == (anew, OLD_ID)
    assert await store.rehash(Rehash(one.row_id, seen, rehash.after, NEW_ID, previous=True))
    assert (await ground.row(one))["client_state_hash"] == anew


async def test_other_processes_hear_of_the_new_hash(ground: Ground) -> None:
    one = await ground.under(OLD_KEY, OLD_ID)
    heard: asyncio.Queue[str] = asyncio.Queue()
    async with ground.pool.acquire() as listening:

        def hear(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            heard.put_nowait(str(payload))

        await listening.add_listener("flovify_subscriptions", hear)
        before, after = client_state.digest(one.secret, OLD_KEY), client_state.digest(one.secret, KEY)
        assert await KeyStore(ground.pool).rehash(Rehash(one.row_id, before, after, NEW_ID))
        async with asyncio.timeout(10):
            assert await heard.get() == str(one.row_id)
        await listening.remove_listener("flovify_subscriptions", hear)


async def test_rows_on_an_old_key_are_due_within_an_hour_each_at_its_own_time(ground: Ground) -> None:
    now = datetime.now(UTC)
    old = [await ground.under(OLD_KEY, OLD_ID if number % 2 else None) for number in range(40)]
    new, waiting, newer = [await ground.under(KEY, NEW_ID) for _ in range(3)]
    await ground.pool.execute("UPDATE api.webhook_subscriptions SET next_renewal_at = $1", now + timedelta(days=5))
    await ground.change(waiting, "client_state_key_id = $2, renewal_failures = 1", OLD_ID)
    await ground.change(newer, "client_state_key_id = 'ffffffff'")
    store = KeyStore(ground.pool)
    assert await store.bring_forward(Keyring([KEY]), now) == 0
    assert await store.bring_forward(REPLACING, now) == 40
    times = [(await ground.row(one))["next_renewal_at"] - now for one in old]
    assert timedelta() <= min(times) <= max(times) <= timedelta(hours=1)
    assert max(times) - min(times) > timedelta(minutes=20)
    assert len({round(time.total_seconds() / 60) for time in times}) > 10
    kept = [(await ground.row(one))["next_renewal_at"] - now for one in (new, waiting, newer)]
    assert kept == [timedelta(days=5)] * 3
    assert await store.bring_forward(REPLACING, now + timedelta(minutes=5)) == 0


@pytest.mark.parametrize("service", ["serve api", "worker"])
async def test_no_start_without_a_key_in_use_and_the_ways_out(ground: Ground, service: str, tmp_path: Path) -> None:
    one = await ground.under(OLD_KEY, OLD_ID)
    for ended in [await ground.under("k" * 16, "0badcafe") for _ in range(2)]:
        await ground.change(ended, "expires_at = now() - interval '1 minute'")
    ports = dict(
        zip(("FLOVIFY_API_PORT", "FLOVIFY_API_INTERNAL_PORT", "FLOVIFY_WORKER_PORT"), free_ports(3), strict=True)
    )
    env = {**api_environment(ground.dsn), **{name: str(port) for name, port in ports.items()}}
    ready = f"http://127.0.0.1:{ports['FLOVIFY_WORKER_PORT' if service == 'worker' else 'FLOVIFY_API_PORT']}"
    ready += "/ready" if service == "worker" else "/api/ready"
    with spawn(service.split(), env) as refused:
        assert await asyncio.to_thread(refused.popen.wait, 60) == 78
    said = refused.output()
    assert (
        f"flovify: MS365_CLIENT_STATE lacks a key that 1 subscription needs (id {OLD_ID}); put that value back" in said
    )
    assert f"flovify subscriptions abandon-key {OLD_ID}" in said
    assert not any(secret in said for secret in (KEY, OLD_KEY, one.secret, "0badcafe", "Traceback"))
    with spawn(service.split(), {**env, "MS365_CLIENT_STATE": BOTH}, ready, 60):
        pass
    gone = await flovify("subscriptions", "abandon-key", OLD_ID, env={"DATABASE_URL": ground.dsn}, cwd=tmp_path)
    assert (gone.status, gone.output.startswith(f"1 subscriptions under {OLD_ID} will be made anew")) == (0, True)
    row = await ground.row(one)
    assert (row["status"], row["client_state_key_id"]) == ("failed", None)
    assert row["next_renewal_at"] <= datetime.now(UTC)
    with spawn(service.split(), env, ready, 60):
        pass


async def _filled(ground: Ground) -> None:
    for key, key_id, count in ((KEY, NEW_ID, 2), (OLD_KEY, OLD_ID, 3), ("x" * 16, "0badcafe", 1), (KEY, None, 1)):
        for _ in range(count):
            await ground.under(key, key_id)
    await ground.change(await ground.under(OLD_KEY, OLD_ID), "status = 'failed'")


TABLE = f"""key       state     subscriptions
{NEW_ID}  first     2
{OLD_ID}  accepted  3
0badcafe  missing   1
-         unknown   1
"""


async def test_the_command_says_how_many_are_left_of_each_key(ground: Ground, tmp_path: Path) -> None:
    await _filled(ground)
    env = {"DATABASE_URL": ground.dsn, "MS365_CLIENT_STATE": BOTH}
    assert await flovify("subscriptions", "keys", env=env, cwd=tmp_path) == (0, TABLE, "")
    programs = await flovify("subscriptions", "keys", "--json", env=env, cwd=tmp_path)
    assert json.loads(programs.output)["items"][1] == {"key": OLD_ID, "state": "accepted", "subscriptions": 3}


async def test_the_command_finds_its_settings_where_they_are(ground: Ground, tmp_path: Path) -> None:
    await _filled(ground)
    in_file, beside_up = tmp_path / "file", tmp_path / "up"
    in_file.mkdir()
    (in_file / ".env").write_text(f"API_DATABASE_URL={ground.dsn}\nDATABASE_URL=postgresql://x@127.0.0.1:1/none\n")
    lacking = await flovify("subscriptions", "keys", env={}, cwd=in_file)
    assert (lacking.status, lacking.errors.startswith("flovify: MS365_CLIENT_STATE is required")) == (78, True)
    with (in_file / ".env").open("a") as file:
        file.write(f"MS365_CLIENT_STATE={BOTH}\n")
    assert await flovify("subscriptions", "keys", env={}, cwd=in_file) == (0, TABLE, "")
    made = load_or_create(beside_up / "data")["MS365_CLIENT_STATE"]
    env = {"DATABASE_URL": ground.dsn, "FLOVIFY_DATA_DIR": str(beside_up / "data")}
    shown = await flovify("subscriptions", "keys", env=env, cwd=beside_up)
    assert (shown.status, shown.output.splitlines()[1]) == (0, f"{client_state.key_id(made)}  first     0")


@pytest.mark.parametrize("command", [("keys",), ("abandon-key", "0badcafe")])
async def test_without_settings_or_database_the_command_says_so_in_one_line(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    nothing = await flovify("subscriptions", *command, env={}, cwd=tmp_path)
    assert (nothing.status, len(nothing.errors.splitlines())) == (78, 1)
    assert "DATABASE_URL is required" in nothing.errors
    assert list(tmp_path.iterdir()) == []
    env = {"DATABASE_URL": "postgresql://nobody:canary@127.0.0.1:1/none", "MS365_CLIENT_STATE": BOTH}
    away = await flovify("subscriptions", *command, env=env, cwd=tmp_path)
    assert (away.status, len(away.errors.splitlines()), "canary" in away.errors) == (1, 1, False)
    assert "the database cannot be reached" in away.errors


async def test_only_an_id_can_be_abandoned(ground: Ground, tmp_path: Path) -> None:
    env = {"DATABASE_URL": ground.dsn}
    whole = await flovify("subscriptions", "abandon-key", OLD_KEY, env=env, cwd=tmp_path)
    assert (whole.status, OLD_KEY in whole.errors) == (1, False)
    nobody = await flovify("subscriptions", "abandon-key", "0badcafe", env=env, cwd=tmp_path)
    assert (nobody.status, nobody.output) == (0, "no subscription is under 0badcafe: nothing was changed\n")
