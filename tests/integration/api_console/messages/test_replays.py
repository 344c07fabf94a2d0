"""Replays: chosen, paced, steered, carried on by any worker, and never doing anything twice."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest

from flovify.api.replays.steps import take_step
from tests.integration.api_console.messages.house import House

pytestmark = pytest.mark.asyncio(loop_scope="module")

REPLAYS = "/api/replays"


def asked(key: str = "key-00000001", **more: Any) -> dict[str, Any]:
    return {"filter": {}, "key": key, **more}


async def step(house: House) -> None:
    """The next step of every replay, without waiting for its second to come."""
    await house.pool.execute("UPDATE api.replays SET next_step_at = clock_timestamp() - interval '1 second'")
    while await take_step(house.pool):
        pass


async def run(house: House, outcome: str = "stored") -> None:
    """Steps and a worker in turn until nothing is open."""
    for _ in range(50):
        await step(house)
        while await house.work(outcome):
            pass
        if await house.pool.fetchval("SELECT count(*) FROM api.replays WHERE finished_at IS NULL") == 0:
            return
    raise AssertionError("the replay did not end")


def counts(replay: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return replay["total"], replay["done"], replay["failed_again"], replay["skipped"], replay["remaining"]


async def test_a_replay_does_what_was_chosen_and_counts_it(house: House) -> None:
    good = await house.dead(3)
    kept = await house.dead(1, "too_large")
    started = await house.post(REPLAYS, asked(filter={"reason": "bad_request"}), status=202)
    assert (started["state"], counts(started)) == ("running", (3, 0, 0, 0, 3))
    await run(house)
    ended = await house.get(f"{REPLAYS}/{started['id']}")
    assert (ended["state"], counts(ended)) == ("finished", (3, 3, 0, 0, 0))
    assert ended["finished_at"] is not None
    assert await house.states() == {
        **dict.fromkeys(good, "stored"),
        **dict.fromkeys(kept, "dead"),
    }
    items = (await house.get(f"{REPLAYS}/{started['id']}/items"))["items"]
    assert [(item["event_id"], item["state"], item["reason"], item["outcome"]) for item in items] == [
        (str(one), "done", "bad_request", "stored") for one in sorted(good)
    ]


async def test_what_dies_again_is_counted_so(house: House) -> None:
    await house.dead(2)
    started = await house.post(REPLAYS, asked(), status=202)
    await run(house, "dead")
    ended = await house.get(f"{REPLAYS}/{started['id']}")
    assert (ended["state"], counts(ended)) == ("finished", (2, 0, 2, 0, 0))
    failed = await house.get(f"{REPLAYS}/{started['id']}/items", state="failed_again")
    assert [item["outcome"] for item in failed["items"]] == ["bad_request"] * 2


async def test_the_pace_is_kept(house: House) -> None:
    await house.dead(5)
    started = await house.post(REPLAYS, asked(per_second=2), status=202)
    for expected in (2, 4, 5):
        await step(house)
        assert list((await house.states()).values()).count("waiting") == expected
    assert (await house.get(f"{REPLAYS}/{started['id']}"))["waiting"] == 5
    await house.pool.execute("UPDATE api.replays SET next_step_at = clock_timestamp() + interval '1 hour'")
    assert await take_step(house.pool) is False


async def test_the_same_key_starts_nothing_anew_and_another_use_is_refused(house: House) -> None:
    await house.dead(2)
    answers = await asyncio.gather(*(house.post(REPLAYS, asked(), status=202) for _ in range(5)))
    assert len({answer["id"] for answer in answers}) == 1
    assert len((await house.get(REPLAYS))["items"]) == 1
    refused = await house.post(REPLAYS, asked(filter={"reason": "x"}), status=409)
    assert refused["code"] == "replay_key_used"
    await house.post(REPLAYS, {"ids": [str(uuid.uuid4())], "key": "key-00000001"}, status=409)


async def test_the_same_key_for_other_ids_is_refused(house: House) -> None:
    first, second = await house.dead(2)
    started = await house.post(REPLAYS, {"ids": [str(first)], "key": "key-00000001"}, status=202)
    again = await house.post(REPLAYS, {"ids": [str(first)], "key": "key-00000001"}, status=202)
    assert again["id"] == started["id"]
    await house.post(REPLAYS, {"ids": [str(second)], "key": "key-00000001"}, status=409)


async def test_two_replays_of_the_same_dead_letters_double_nothing(house: House) -> None:
    dead = await house.dead(4)
    one = await house.post(REPLAYS, asked("key-one-0001"), status=202)
    two = await house.post(REPLAYS, asked("key-two-0002"), status=202)
    await run(house)
    assert await house.states() == dict.fromkeys(dead, "stored")
    rows = await house.pool.fetch("SELECT replays FROM api.webhook_events")
    assert [row["replays"] for row in rows] == [1] * 4
    first, second = [await house.get(f"{REPLAYS}/{one_of['id']}") for one_of in (one, two)]
    assert counts(first)[1] + counts(second)[1] == 4
    assert counts(first)[3] + counts(second)[3] == 4


async def test_pause_resume_and_cancel(house: House) -> None:
    dead = await house.dead(3)
    started = await house.post(REPLAYS, asked(per_second=1), status=202)
    path = f"{REPLAYS}/{started['id']}"
    await step(house)
    assert (await house.post(f"{path}/pause"))["state"] == "paused"
    assert (await house.post(f"{path}/pause"))["state"] == "paused"
    await step(house)
    assert list((await house.states()).values()).count("waiting") == 1
    await house.work()
    await step(house)
    assert counts(await house.get(path)) == (3, 1, 0, 0, 2)
    assert (await house.post(f"{path}/resume"))["state"] == "running"
    await step(house)
    cancelled = await house.post(f"{path}/cancel")
    assert (cancelled["state"], counts(cancelled)) == ("cancelled", (3, 1, 0, 1, 1))
    await house.work()
    await step(house)
    ended = await house.get(path)
    assert (ended["state"], counts(ended)) == ("cancelled", (3, 2, 0, 1, 0))
    assert ended["finished_at"] is not None
    assert sorted((await house.states()).values()) == ["dead", "stored", "stored"]
    for act in ("pause", "resume"):
        assert (await house.post(f"{path}/{act}", status=409))["code"] == "replay_ended"
    assert len(dead) == 3


async def test_a_step_that_is_cut_short_leaves_nothing_behind(house: House) -> None:
    await house.dead(3)
    await house.post(REPLAYS, asked(), status=202)
    async with house.pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        # Another worker has the row, and dies.
        await connection.execute("SELECT FROM api.replays FOR UPDATE")
        assert await take_step(house.pool) is False
        await transaction.rollback()
    await run(house)
    assert set((await house.states()).values()) == {"stored"}


async def test_many_workers_take_one_step_between_them(house: House) -> None:
    await house.dead(6)
    await house.post(REPLAYS, asked(per_second=2), status=202)
    await asyncio.gather(*(take_step(house.pool) for _ in range(8)))
    assert list((await house.states()).values()).count("waiting") == 2


async def test_a_dead_letter_that_goes_away_meanwhile_is_left_out(house: House) -> None:
    first, second, third = await house.dead(3)
    started = await house.post(REPLAYS, asked(per_second=1), status=202)
    await house.post(f"/api/dead-letters/{second}/replay", status=202)
    await house.post("/api/dead-letters/discard", {"ids": [str(third)], "reason": "x"})
    await run(house)
    ended = await house.get(f"{REPLAYS}/{started['id']}")
    assert counts(ended) == (3, 1, 0, 2, 0)
    skipped = (await house.get(f"{REPLAYS}/{started['id']}/items", state="skipped"))["items"]
    assert {item["outcome"] for item in skipped} == {"not_dead_any_more"}
    assert (await house.states())[first] == "stored"


async def test_accounts_that_cannot_be_worked_for_are_left_out_unless_wanted(house: House, other: uuid.UUID) -> None:
    dead = await house.dead(1)
    blocked = await house.dead(2, tenant=other)
    await house.pool.execute(
        "UPDATE api.mailbox_leases SET blocked_until = clock_timestamp() + interval '5 minutes', "
        "block_reason = 'reconnect_required' WHERE tenant_id = $1",
        other,
    )
    preview = await house.post(f"{REPLAYS}/preview", {"filter": {}})
    assert preview["total"] == 3
    assert preview["will_fail_again"]["count"] == 2
    assert preview["will_fail_again"]["account_ids"] == [str(other)]
    assert "connected again" in preview["will_fail_again"]["why"]
    assert [(one["account_id"], one["count"]) for one in preview["by_account"]] == [
        (str(other), 2),
        (str(house.tenant), 1),
    ]
    assert [(one["reason"], one["count"]) for one in preview["by_cause"]] == [("bad_request", 3)]
    started = await house.post(REPLAYS, asked(), status=202)
    assert counts(started) == (3, 0, 0, 2, 1)
    await run(house)
    states = await house.states()
    assert (states[dead[0]], {states[one] for one in blocked}) == ("stored", {"dead"})
    forced = await house.post(REPLAYS, asked("key-00000002", exclude_blocked=False), status=202)
    assert counts(forced) == (2, 0, 0, 0, 2)


async def test_a_dry_run_is_noted_and_touches_nothing(house: House) -> None:
    dead = await house.dead(2)
    noted = await house.post(REPLAYS, asked(dry_run=True), status=202)
    assert (noted["state"], noted["dry_run"], counts(noted)) == ("finished", True, (2, 0, 0, 0, 0))
    await step(house)
    assert await house.states() == dict.fromkeys(dead, "dead")
    items = (await house.get(f"{REPLAYS}/{noted['id']}/items"))["items"]
    assert [item["state"] for item in items] == ["planned"] * 2


async def test_a_replay_of_nothing_ends_at_once(house: House) -> None:
    started = await house.post(REPLAYS, asked(), status=202)
    await step(house)
    assert (await house.get(f"{REPLAYS}/{started['id']}"))["state"] == "finished"


async def test_the_list_goes_on(house: House) -> None:
    made = [(await house.post(REPLAYS, asked(f"key-0000000{number}"), status=202))["id"] for number in range(3)]
    page = await house.get(REPLAYS, limit=2)
    rest = await house.get(REPLAYS, after=page["next"])
    assert [item["id"] for item in page["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


async def test_unknown_replays_and_roles(house: House) -> None:
    unknown = f"{REPLAYS}/{uuid.uuid4()}"
    for method, path in (("GET", unknown), ("GET", f"{unknown}/items"), ("POST", f"{unknown}/pause")):
        assert (await house.call(method, path)).status == 404
        assert (await house.call(method, path, role="viewer")).status == 403
    assert (await house.call("POST", REPLAYS, asked(), role="viewer")).status == 403
    await house.post(REPLAYS, asked(key="short"), status=422)
    await house.post(REPLAYS, asked(per_second=0), status=422)


async def test_one_entry_in_the_audit_log_with_the_filter(house: House) -> None:
    await house.dead(2)
    started = await house.post(REPLAYS, asked(filter={"reason": "bad_request"}), status=202)
    await house.post(f"{REPLAYS}/{started['id']}/cancel")
    audited = await house.audited()
    assert [(actor, action) for actor, action, _ in audited] == [
        ("operator@example.org", "replay.started"),
        ("operator@example.org", "replay.cancelled"),
    ]
    assert audited[0][2]["cause"] == "bad_request"
