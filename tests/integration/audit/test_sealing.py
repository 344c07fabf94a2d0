"""Every entry gets one seal, whoever writes and whoever seals."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import resources
from typing import Any

import asyncpg
import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from flovify.common.audit.chain import LoggedEntry
from flovify.common.audit.sealer import BATCH, HEAD_SECONDS, Sealer
from flovify.common.clock import SystemClock
from tests.integration.audit.ground import AUDIT_KEY, LOGS, OTHER_KEY, Ground, keys
from tests.support.wait import until

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.parametrize("log", LOGS)]


async def order(ground: Ground, log: str) -> list[int]:
    rows = await ground.owner.fetch(f"SELECT position, entry_id FROM {log}.audit_seals ORDER BY position")
    assert [row["position"] for row in rows] == list(range(1, len(rows) + 1))
    return [row["entry_id"] for row in rows]


async def test_what_commits_late_under_a_smaller_number_is_sealed_too(ground: Ground, log: str) -> None:
    async with ground.pools[log].acquire() as late, late.transaction():
        await ground.record(log, "thing.late", late)
        await ground.record(log, "thing.early")
        await ground.seal(log)
        assert await order(ground, log) == [2]
    await ground.seal(log)
    assert await order(ground, log) == [2, 1]
    assert (await ground.check(log)).whole


async def test_two_sealers_and_many_writers_make_one_chain(ground: Ground, log: str) -> None:
    done = asyncio.Event()

    async def write(number: int) -> None:
        for turn in range(10):
            async with ground.pools[log].acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                await ground.record(log, "thing.done", connection, number=number, turn=turn)
                await asyncio.sleep(0)
                # Every fourth is taken back and leaves a gap in the numbers.
                await (transaction.rollback() if (number + turn) % 4 == 0 else transaction.commit())

    async def seal() -> None:
        while not done.is_set():
            await ground.store(log).seal_batch(keys(log, AUDIT_KEY).first, 3)

    sealers = [asyncio.create_task(seal()) for _ in range(2)]
    await asyncio.gather(*(write(number) for number in range(8)))
    done.set()
    await asyncio.gather(*sealers)
    await ground.seal(log)
    there = await ground.owner.fetch(f"SELECT id FROM {log}.audit_log")
    assert len(there) == 60
    assert sorted(await order(ground, log)) == sorted(row["id"] for row in there)
    assert (await ground.check(log)).whole
    assert await ground.owner.fetchval(f"SELECT count(*) FROM {log}.audit_unsealed") == 0


async def test_what_postgresql_gives_back_has_the_same_digest(ground: Ground, log: str) -> None:
    await ground.record(
        log, "thing.done", text="é\u2028\U0001f600", list=[1, 2.5, None, True], nested={"b": 1, "a": {}}
    )
    details = '{"b": 1.0, "aa": 1e400, "a": 100000000000000000000, "c": 0.1000, "b": 2.00}'
    await ground.owner.execute(
        f"INSERT INTO {log}.audit_log (at, actor, actor_kind, action, subject, subject_kind, outcome, details)"
        " VALUES ('infinity', 'x', 'user', 'thing.odd', '', '', 'success', $1)",
        details,
    )
    await ground.seal(log)
    assert (await ground.check(log)).whole
    elsewhere = await asyncpg.connect(ground.database.owner_dsn, server_settings={"timezone": "Asia/Kathmandu"})
    again = await elsewhere.fetchrow(f"SELECT details::text AS details FROM {log}.audit_log WHERE id = 2")
    await elsewhere.close()
    assert again is not None
    assert again["details"] == '{"a": 100000000000000000000, "b": 2.00, "c": 0.1000, "aa": 1' + "0" * 400 + "}"


async def test_the_digest_is_over_all_columns_there_are(ground: Ground, log: str) -> None:
    found = await ground.owner.fetch(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = $1 AND table_name = 'audit_log'", log
    )
    assert {row["column_name"] for row in found} == {field.name for field in fields(LoggedEntry)}


async def test_the_service_can_only_add_seals(ground: Ground, log: str) -> None:
    await ground.fill(log, 2)
    for statement in (
        f"UPDATE {log}.audit_seals SET mac = ''",
        f"DELETE FROM {log}.audit_seals",
        f"TRUNCATE {log}.audit_seals",
        f"UPDATE {log}.audit_unsealed SET entry_id = 1",
        f"TRUNCATE {log}.audit_unsealed",
        f"ALTER TABLE {log}.audit_log DISABLE TRIGGER note_unsealed",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await ground.pools[log].execute(statement)


async def test_entries_from_before_there_were_seals_get_them(ground: Ground, log: str) -> None:
    await ground.fill(log, 3)
    await ground.owner.execute(f"DROP TABLE {log}.audit_seals, {log}.audit_unsealed CASCADE")
    file = {"auth": "0016_audit_seals.sql", "api": "0017_audit_seals.sql"}[log]
    sql = resources.files(f"flovify.{log}.migrations").joinpath(file).read_text()
    for _ in range(2):
        async with ground.owner.transaction():
            await ground.owner.execute(sql)
    await ground.record(log, "thing.later")
    await ground.seal(log)
    assert await order(ground, log) == [1, 2, 3, 4]
    assert (await ground.check(log)).whole


async def test_what_somebody_else_removed_keeps_no_sealer_from_its_work(ground: Ground, log: str) -> None:
    await ground.fill(log, 2)
    await ground.record(log, "thing.gone")
    await ground.owner.execute(f"DELETE FROM {log}.audit_log WHERE id = 3")
    await ground.owner.execute(f"INSERT INTO {log}.audit_unsealed VALUES (1)")
    await ground.record(log, "thing.after")
    with capture_logs() as said:
        await ground.seal(log)
    assert [(line["event"], line["count"]) for line in said] == [("audit_entries_not_sealable", 2)]
    assert await order(ground, log) == [1, 2, 4]


class SteppedClock(SystemClock):
    def __init__(self) -> None:
        super().__init__(0)
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


def heads(said: Sequence[Mapping[str, Any]]) -> list[Any]:
    return [line["position"] for line in said if line["event"] == "audit_sealed"]


async def test_the_head_is_told_when_it_moved_and_once_a_minute_at_most(ground: Ground, log: str) -> None:
    clock = SteppedClock()
    one = Sealer(ground.store(log), keys(log, AUDIT_KEY), clock)
    with capture_logs() as said:
        await one.seal_waiting()
        assert heads(said) == [], "there is nothing to tell"
        for _ in range(2):
            await ground.record(log, "thing.done")
            await one.seal_waiting()
        assert heads(said) == [1]
        clock.seconds += HEAD_SECONDS
        for _ in range(2):
            await one.seal_waiting()
        assert heads(said) == [1, 2]
    mac = await ground.owner.fetchval(f"SELECT encode(mac, 'hex') FROM {log}.audit_seals WHERE position = 1")
    assert next(line["mac"] for line in said) == mac[:16]
    assert REGISTRY.get_sample_value("flovify_audit_sealed_position", {"log": log}) == 2
    assert REGISTRY.get_sample_value("flovify_audit_unsealed", {"log": log}) == 0


async def test_a_sealer_catches_up_in_batches_and_outlives_a_failure(ground: Ground, log: str) -> None:
    await ground.owner.execute(
        f"INSERT INTO {log}.audit_log (actor, actor_kind, action, subject, subject_kind, outcome)"
        f" SELECT 'x', 'user', 'many', 's', 't', 'success' FROM generate_series(1, {2 * BATCH + 1})"
    )
    await ground.owner.execute(f"ALTER TABLE {log}.audit_seals RENAME TO away")
    stop = asyncio.Event()
    with capture_logs() as said:
        one = asyncio.create_task(
            Sealer(ground.store(log), keys(log, AUDIT_KEY), SystemClock(), every_seconds=0.1).run(stop)
        )
        await until(lambda: any(line["event"] == "audit_not_sealed" for line in said), what="the failure")
        await ground.owner.execute(f"ALTER TABLE {log}.away RENAME TO audit_seals")

        async def all_sealed() -> bool:
            return bool(await ground.owner.fetchval(f"SELECT count(*) FROM {log}.audit_seals") == 2 * BATCH + 1)

        await until(all_sealed, what="all seals")
        stop.set()
        await one
    assert (await ground.check(log)).whole


async def test_the_chain_goes_on_under_a_new_key(ground: Ground, log: str) -> None:
    await ground.fill(log, 2)
    await ground.record(log, "thing.later")
    await ground.seal(log, OTHER_KEY)
    assert (await ground.check(log, OTHER_KEY, AUDIT_KEY)).whole
    assert dict((await ground.check(log, OTHER_KEY)).unknown_keys) == {keys(log, AUDIT_KEY).first.id: 2}
