"""What is old goes, in batches, archived first; what is not stays; and nothing comes back."""

from __future__ import annotations

import asyncio
import gzip
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from flovify.api.audit.store import AuditLog
from flovify.api.dead_letters.service import DeadLetterService
from flovify.api.dead_letters.store import DeadLetterStore
from flovify.api.messages.models import NormalizedMessage
from flovify.api.messages.store import publish, upsert_messages
from flovify.api.retention.models import Keep
from flovify.api.retention.service import Retention
from flovify.api.retention.store import RetentionStore
from flovify.common.archive import Archive
from flovify.common.audit.pruning import AuditPruning
from flovify.common.audit.sealer import sealer
from flovify.common.db import Pool, create_pool
from tests.support.postgres import Cluster

pytestmark = pytest.mark.asyncio(loop_scope="module")
TENANT = uuid.UUID(int=7)
KEEP = Keep(events=30, dead_letters=30, messages=30)
TABLES = "webhook_events, event_attempts, inbox, discarded_dead_letters, messages, message_feed, replays"


@dataclass
class Ground:
    """The api's own role, and the owner, who may do what it must not."""

    pool: Pool
    owner: asyncpg.Connection[asyncpg.Record]
    pauses: list[float] = field(default_factory=list)
    stops: bool = False  # whether it is told to stop in the first rest

    def retention(self, keep: Keep = KEEP, archive: Path | None = None, batch: int = 2) -> Retention:
        async def pause(stop: asyncio.Event, seconds: float) -> None:
            self.pauses.append(seconds)
            if self.stops:
                stop.set()

        dead_letters = DeadLetterService(DeadLetterStore(self.pool), AuditLog(self.pool))
        store = RetentionStore(self.pool)
        kept = Archive(archive) if archive else None
        return Retention(store, dead_letters, keep, kept, batch=batch, message_batch=batch, pause=pause)

    async def event(self, days: int, number: int) -> uuid.UUID:
        key = f"{number:040d}"
        found: uuid.UUID = await self.owner.fetchval(
            "INSERT INTO api.webhook_events (tenant_id, provider, event_key, correlation_id, processed_at)"
            " VALUES ($1, 'ms365', $2, gen_random_uuid(), now() - make_interval(days => $3)) RETURNING id",
            TENANT,
            key,
            days,
        )
        await self.owner.execute(
            "INSERT INTO api.event_attempts (event_id, number, tenant_id, stage, outcome)"
            " VALUES ($1, 1, $2, 'fetch', 'retry')",
            found,
            TENANT,
        )
        return found

    async def dead(self, days: int, number: int) -> uuid.UUID:
        found = uuid.UUID(int=number)
        await self.owner.execute(
            "INSERT INTO api.inbox (id, tenant_id, provider, event_key, state, subscription_row_id, kind,"
            " correlation_id, reason, died_at) VALUES ($1, $2, 'ms365', $3, 'dead', $2, 'change', $1, 'poison',"
            " now() - make_interval(days => $4))",
            found,
            TENANT,
            f"dead {number}",
            days,
        )
        return found

    async def count(self, table: str, condition: str = "true") -> int:
        return int(await self.owner.fetchval(f"SELECT count(*) FROM {table} WHERE {condition}"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(cluster: Cluster) -> AsyncIterator[Ground]:
    async with cluster.fresh(migrated=True) as database:
        pool = await create_pool(database.api_dsn, application_name="test", max_size=2)
        owner = await asyncpg.connect(database.owner_dsn)
        yield Ground(pool, owner)
        await owner.close()
        await pool.close()


@pytest_asyncio.fixture(loop_scope="module")
async def ground(place: Ground) -> Ground:
    for table in TABLES.split(", "):
        await place.owner.execute(f"TRUNCATE api.{table} CASCADE")
    await place.owner.execute("TRUNCATE api.audit_log, api.audit_seals, api.audit_unsealed")
    place.pauses.clear()
    place.stops = False
    return place


def _archived(folder: Path, kind: str) -> list[dict[str, Any]]:
    texts = [gzip.decompress(file.read_bytes()).decode() for file in folder.glob(f"{kind}/*/*/*.jsonl.gz")]
    return [json.loads(line) for text in texts for line in text.splitlines()]


async def test_settled_events_go_after_their_days_with_their_attempts_archived_and_paced(
    ground: Ground, tmp_path: Path
) -> None:
    old = [await ground.event(40 - number, number) for number in range(5)]
    young = await ground.event(29, 99)
    await ground.retention(archive=tmp_path).clear_out(asyncio.Event())
    assert [row["id"] for row in await ground.owner.fetch("SELECT id FROM api.webhook_events")] == [young]
    assert await ground.count("api.event_attempts") == 1
    assert {one["id"] for one in _archived(tmp_path, "events")} == {str(one) for one in old}
    assert len(list(tmp_path.glob("events/*/*/*.gz"))) == 3
    assert all((path.stat().st_mode & 0o777) == 0o600 for path in tmp_path.glob("events/*/*/*.gz"))
    assert len(ground.pauses) == 2


async def test_told_to_stop_it_ends_with_the_batch_in_hand(ground: Ground) -> None:
    for number in range(5):
        await ground.event(40, number)
    ground.stops = True
    await ground.retention().clear_out(asyncio.Event())
    assert await ground.count("api.webhook_events") == 3


async def test_what_cannot_be_archived_stays(ground: Ground, tmp_path: Path) -> None:
    await ground.event(40, 1)
    (tmp_path / "events").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="events"):
        await ground.retention(archive=tmp_path).clear_out(asyncio.Event())
    assert await ground.count("api.webhook_events") == await ground.count("api.event_attempts") == 1


async def test_a_batch_archived_before_a_crash_is_archived_under_the_same_name(ground: Ground, tmp_path: Path) -> None:
    ids = [str(await ground.event(40 - number, number)) for number in range(2)]
    store = RetentionStore(ground.pool)

    class Killed(Exception):
        pass

    def killed(rows: Any) -> None:
        Archive(tmp_path).write("events", rows[0].at, (rows[0].id, rows[-1].id), (row.line for row in rows))
        raise Killed

    with pytest.raises(Killed):
        await store.take("events", datetime.now(UTC), 2, killed)
    await ground.retention(archive=tmp_path).clear_out(asyncio.Event())
    assert sorted(one["id"] for one in _archived(tmp_path, "events")) == sorted(ids)


async def test_zero_days_keep_for_ever(ground: Ground) -> None:
    await ground.event(4000, 1)
    await ground.dead(4000, 2)
    await ground.retention(Keep(events=0, dead_letters=0, messages=0)).clear_out(asyncio.Event())
    assert await ground.count("api.webhook_events") == await ground.count("api.inbox") == 1


async def test_a_dead_letter_is_discarded_by_itself_and_can_be_restored_as_long_again(
    ground: Ground, tmp_path: Path
) -> None:
    old = [await ground.dead(31, number) for number in range(1, 4)]
    young = await ground.dead(29, 9)
    await ground.retention(archive=tmp_path).clear_out(asyncio.Event())
    assert [row["id"] for row in await ground.owner.fetch("SELECT id FROM api.inbox")] == [young]
    words = await ground.owner.fetch("SELECT discarded_by, discard_reason FROM api.discarded_dead_letters")
    assert {(row["discarded_by"], row["discard_reason"]) for row in words} == {
        ("system", "nobody replayed or discarded it within 30 days")
    }
    noted = await ground.count("api.audit_log", "action = 'dead_letter.discarded' AND actor_kind = 'system'")
    assert noted == 2  # batches
    store = DeadLetterStore(ground.pool)
    async with ground.pool.acquire() as connection:
        assert await store.restore(connection, old[:1]) == 1
    assert await ground.count("api.inbox") == 2
    await ground.owner.execute(
        "UPDATE api.inbox SET died_at = now();"
        "UPDATE api.discarded_dead_letters SET discarded_at = now() - interval '31 days';"
        "UPDATE api.webhook_events SET processed_at = now() - interval '31 days'"
    )
    await ground.retention(archive=tmp_path).clear_out(asyncio.Event())
    assert await ground.count("api.discarded_dead_letters") == await ground.count("api.webhook_events") == 0
    assert {one["id"] for one in _archived(tmp_path, "discarded")} == {str(one) for one in old[1:]}


async def test_a_message_whose_time_is_over_is_empty_and_is_not_stored_again(ground: Ground, tmp_path: Path) -> None:
    message = NormalizedMessage(provider_message_id="m1", subject="canary of a subject", body_text="canary of a text")

    async def put() -> None:
        async with ground.pool.acquire() as connection, connection.transaction():
            refs = await upsert_messages(connection, TENANT, "ms365", [message], fetched_at=datetime.now(UTC))
            await publish(connection, refs)

    await put()
    await ground.owner.execute("UPDATE api.messages SET stored_at = now() - interval '31 days'")
    await ground.retention(archive=tmp_path).clear_out(asyncio.Event())
    row = await ground.owner.fetchrow("SELECT * FROM api.messages")
    assert row is not None
    assert "canary" not in str(dict(row))
    assert row["pruned_at"] is not None
    assert await ground.count("api.message_feed") == 0
    assert _archived(tmp_path, "messages")[0]["subject"] == "canary of a subject"
    await put()
    assert await ground.count("api.messages", "content_at IS NOT NULL") == await ground.count("api.message_feed") == 0


async def test_an_audit_log_is_shortened_only_by_what_it_says_of_itself(ground: Ground, tmp_path: Path) -> None:
    seal = sealer(ground.pool, "api", ("s" * 20 + "ecret",)).seal_waiting
    for days in (400, 390, 380, 10):
        await ground.owner.execute(
            "INSERT INTO api.audit_log (at, actor, actor_kind, action, subject, subject_kind, outcome)"
            " VALUES (now() - make_interval(days => $1), 'a', 'user', 'a.b', '', '', 'success')",
            days,
        )
    pruning = AuditPruning(ground.pool, "api", 365, Archive(tmp_path))
    await pruning.run(asyncio.Event())  # not sealed yet: nothing may be named
    assert await ground.count("api.audit_log", "action = 'audit.pruned'") == 0
    await seal()
    await pruning.run(asyncio.Event())
    assert await ground.count("api.audit_log") == 5
    await pruning.run(asyncio.Event())  # named, and the name is not sealed: the database lets nothing go
    assert await ground.count("api.audit_log", "action = 'a.b'") == 4
    await seal()
    await pruning.run(asyncio.Event())
    assert await ground.count("api.audit_log", "action = 'a.b'") == 1
    assert await ground.count("api.audit_log", "action = 'audit.pruned'") >= 1
    assert len(_archived(tmp_path, "audit-api")) == 3


async def test_the_service_s_role_cannot_shorten_it_otherwise(ground: Ground) -> None:
    await AuditLog(ground.pool).record(None, "a.b", "thing", "1")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ground.pool.execute("DELETE FROM api.audit_log")
    assert await ground.pool.fetch("SELECT * FROM api.prune_audit(9223372036854775807, 1000)") == []
    # Not even with a word for it: entries of the last thirty days stay.
    await ground.pool.execute(
        "INSERT INTO api.audit_log (actor, actor_kind, action, subject, subject_kind, outcome, details)"
        " VALUES ('x', 'system', 'audit.pruned', '', '', 'success', $1)",
        {"through_id": 9223372036854775807},
    )
    await sealer(ground.pool, "api", ("s" * 20 + "ecret",)).seal_waiting()
    assert await ground.pool.fetch("SELECT * FROM api.prune_audit(9223372036854775807, 1000)") == []
    assert await ground.count("api.audit_log") == 2
