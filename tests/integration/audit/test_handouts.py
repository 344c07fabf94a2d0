"""The alarm about hand-outs of tokens, over counts as they are kept."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from structlog.testing import capture_logs

from flovify.auth.audit.handouts.rules import ONE_TENANT_FLOOR
from flovify.auth.audit.handouts.service import UNUSUAL, HandoutWatch
from flovify.auth.audit.handouts.store import HandoutStore
from flovify.auth.audit.store import AuditLog
from tests.integration.audit.ground import Ground

pytestmark = pytest.mark.asyncio(loop_scope="module")
TENANT = uuid.UUID(int=1)


async def hand_out(ground: Ground, minutes_ago: int, count: int = 1, tenants: int = 1) -> None:
    """Counts of tenants 1, 2, … in a minute; 1 is the one before the present."""
    await ground.owner.execute(
        "INSERT INTO auth.token_handouts (tenant_id, minute, count)"
        " SELECT ('00000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid,"
        " date_trunc('minute', clock_timestamp() - interval '2 seconds') - make_interval(mins => $1), $2"
        " FROM generate_series(1, $3) AS n ON CONFLICT (tenant_id, minute) DO UPDATE SET count = excluded.count",
        minutes_ago,
        count,
        tenants,
    )


async def watch(ground: Ground) -> list[dict[str, Any]]:
    """Look once; the alarms there are by then."""
    pool = ground.pools["auth"]
    await HandoutWatch(HandoutStore(pool), AuditLog(pool)).run()
    rows = await ground.owner.fetch(
        "SELECT actor, subject, outcome, details->>'kind' AS kind, (details->>'count')::int AS count"
        " FROM auth.audit_log WHERE action = $1 ORDER BY id",
        UNUSUAL,
    )
    return [dict(row) for row in rows]


async def history(ground: Ground) -> None:
    """Two accounts in most minutes of two hours."""
    for minute in range(2, 120, 2):
        await hand_out(ground, minute, tenants=2)


async def test_one_account_over_and_over_is_told_once_an_hour(ground: Ground) -> None:
    await history(ground)
    await hand_out(ground, 1, ONE_TENANT_FLOOR)
    assert await watch(ground) == []
    # The minute may have passed: the same count stands in the last two.
    for minute in (1, 0):
        await hand_out(ground, minute, ONE_TENANT_FLOOR + 1)
    with capture_logs() as said:
        alarms = await watch(ground)
        assert await watch(ground) == alarms
    assert alarms == [
        {
            "actor": "system",
            "subject": str(TENANT),
            "outcome": "failure",
            "kind": "one_tenant",
            "count": ONE_TENANT_FLOOR + 1,
        }
    ]
    assert [line["log_level"] for line in said if line["event"] == "unusual_handouts"] == ["warning"]
    await ground.owner.execute("UPDATE auth.audit_log SET at = at - interval '61 minutes'")
    assert len(await watch(ground)) == 2


async def test_many_accounts_at_once(ground: Ground) -> None:
    await history(ground)
    await hand_out(ground, 1, tenants=21)
    assert await watch(ground) == []
    for minute in (1, 0):
        await hand_out(ground, minute, tenants=22)
    assert [(one["kind"], one["subject"], one["count"]) for one in await watch(ground)] == [
        ("tenants", "all accounts", 22)
    ]


async def test_a_new_installation_and_a_new_account_are_left_alone(ground: Ground) -> None:
    for minute in range(2, 29):
        await hand_out(ground, minute)
    for minute in (1, 0):
        await hand_out(ground, minute, 1000, tenants=50)
    assert await watch(ground) == []
    await hand_out(ground, 40)
    assert [(one["kind"], one["subject"]) for one in await watch(ground)] == [
        ("tenants", "all accounts"),
        ("one_tenant", str(TENANT)),
    ], "only the account that is known for longer"


async def test_the_look_reads_by_the_minute(ground: Ground) -> None:
    """Not the whole table, which keeps ninety days."""
    await ground.owner.execute(
        "INSERT INTO auth.token_handouts"
        " SELECT gen_random_uuid(), date_trunc('minute', now()) - make_interval(mins => n), 1"
        " FROM generate_series(1, 20000) AS n; ANALYZE auth.token_handouts"
    )
    store = HandoutStore(ground.pools["auth"])
    for name in ("accounts_in", "usual_accounts"):
        statement = store._sql[name].replace("$1", "now()")
        plan = await ground.owner.fetch(f"EXPLAIN {statement}")
        assert "token_handouts_minute_idx" in str(plan), name
