"""`flovify audit verify` against what the owner of the database can do to a log."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.audit.ground import AUDIT_KEY, LOGS, OTHER_KEY, Ground, keys
from tests.support.command import Ran, flovify
from tests.support.processes import start

pytestmark = pytest.mark.asyncio(loop_scope="module")

# What is done to ten sealed entries, and what is then said: kind, id of the entry, its action.
TAMPERINGS = {
    "an actor": ("UPDATE {log}.audit_log SET actor = 'mallory' WHERE id = 4", [("entry changed", 4)]),
    "a time": ("UPDATE {log}.audit_log SET at = at + interval '1 microsecond' WHERE id = 4", [("entry changed", 4)]),
    "details": ("UPDATE {log}.audit_log SET details = details - 'number' WHERE id = 4", [("entry changed", 4)]),
    "an entry removed": ("DELETE FROM {log}.audit_log WHERE id = 4", [("entry missing", 4)]),
    "the last entry removed": ("DELETE FROM {log}.audit_log WHERE id = 10", [("entry missing", 10)]),
    "an entry put past the sealer": (
        ("INSERT INTO {log}.audit_log (at, actor, actor_kind, action, subject, subject_kind, outcome)"
        " VALUES (now() - interval '2 minutes', 'x', 'user', 'thing.put', 's', 't', 'success');"
        "DELETE FROM {log}.audit_unsealed"),
        [("entry without a seal", 11)],
    ),
    "another entry in its place": (
        ("DELETE FROM {log}.audit_log WHERE id = 4; INSERT INTO {log}.audit_log"
        " (id, actor, actor_kind, action, subject, subject_kind, outcome) OVERRIDING SYSTEM VALUE"
        " VALUES (4, 'x', 'user', 'thing.put', 's', 't', 'success')"),
        [("entry changed", 4)],
    ),
    "a digest": ("UPDATE {log}.audit_seals SET digest = sha256('x') WHERE position = 4",
                 [("seal changed or moved", 4), ("entry changed", 4)]),
    "a mac": ("UPDATE {log}.audit_seals SET mac = sha256('x') WHERE position = 4", [("seal changed or moved", 4)]),
    "the time of a seal": (
        "UPDATE {log}.audit_seals SET sealed_at = sealed_at - interval '1 day' WHERE position = 4",
        [("seal changed or moved", 4)],
    ),
    "a seal removed with its entry": (
        "DELETE FROM {log}.audit_seals WHERE position = 4; DELETE FROM {log}.audit_log WHERE id = 4",
        [("seals missing", None)],
    ),
    "the first ones removed with their seals": (
        "DELETE FROM {log}.audit_seals WHERE position < 4; DELETE FROM {log}.audit_log WHERE id < 4",
        [("seals missing", None)],
    ),
    "two seals changing places": (
        ("UPDATE {log}.audit_seals SET position = 1000 WHERE position = 4;"
        "UPDATE {log}.audit_seals SET position = 4 WHERE position = 5;"
        "UPDATE {log}.audit_seals SET position = 5 WHERE position = 1000"),
        [("seal changed or moved", 5), ("seal changed or moved", 4), ("seal changed or moved", 6)],
    ),
}  # fmt: skip


async def verify(ground: Ground, tmp_path: Path, *words: str, **changes: str) -> Ran:
    return await flovify("audit", "verify", *words, env=ground.environment(**changes), cwd=tmp_path)


async def told(ground: Ground, tmp_path: Path, *words: str, **changes: str) -> tuple[int, dict[str, Any]]:
    """The status and what is said of the first log."""
    done = await verify(ground, tmp_path, *words, "--json", **changes)
    found: dict[str, Any] = json.loads(done.output)["logs"][0]
    return done.status, found


def found(one: dict[str, Any]) -> list[tuple[str, int | None]]:
    return [(finding["kind"], finding["entry_id"]) for finding in one["findings"]]


async def test_whole_logs_are_whole_and_their_heads_are_told(ground: Ground, tmp_path: Path) -> None:
    for log in LOGS:
        await ground.fill(log, 10)
    done = await verify(ground, tmp_path)
    assert done.status == 0, done
    lines = done.output.splitlines()
    assert [line.rpartition(":")[0] for line in lines] == [f"{log}: whole; 10 entries, head {log}:10" for log in LOGS]
    heads = [line.partition("head ")[2] for line in lines]
    again = await verify(ground, tmp_path, *(word for head in heads for word in ("--at-least", head)))
    assert (again.status, again.output) == (0, done.output)


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("what", sorted(TAMPERINGS))
async def test_what_the_owner_changes_is_found(ground: Ground, tmp_path: Path, log: str, what: str) -> None:
    await ground.fill(log, 10)
    statement, wanted = TAMPERINGS[what]
    await ground.owner.execute(statement.format(log=log))
    await ground.seal(log)
    status, one = await told(ground, tmp_path, "--log", log)
    assert (status, one["state"], found(one)) == (1, "changed", wanted)


async def test_a_finding_names_entry_time_and_action(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("api", 30)
    await ground.owner.execute("UPDATE api.audit_log SET actor = 'mallory' WHERE id > 4")
    at = await ground.owner.fetchval("SELECT at FROM api.audit_log WHERE id = 5")
    done = await verify(ground, tmp_path, "--log", "api")
    lines = done.output.splitlines()
    assert lines[0] == f"api: entry changed: entry 5, {at.isoformat()}, thing.done5, sealed at position 5"
    assert lines[20:22] == ["api: and 6 more", lines[21]]
    assert lines[21].startswith("api: CHANGED; 30 entries, head api:30:")
    assert (done.status, len(lines)) == (1, 22)


async def test_a_young_entry_may_wait_for_its_seal(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("auth", 2)
    await ground.record("auth", "thing.new")
    assert (await told(ground, tmp_path, "--log", "auth"))[0] == 0
    await ground.owner.execute("UPDATE auth.audit_log SET at = at - interval '61 seconds' WHERE id = 3")
    status, one = await told(ground, tmp_path, "--log", "auth")
    assert (status, found(one)) == (1, [("entry without a seal", 3)])


async def test_only_an_earlier_head_shows_that_the_last_ones_were_removed(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("api", 10)
    _, before = await told(ground, tmp_path, "--log", "api")
    await ground.owner.execute("DELETE FROM api.audit_seals WHERE position > 8; DELETE FROM api.audit_log WHERE id > 8")
    assert (await told(ground, tmp_path, "--log", "api"))[0] == 0
    status, one = await told(ground, tmp_path, "--log", "api", "--at-least", before["head"])
    assert (status, found(one)) == (1, [("earlier head not in the chain", None)])
    await ground.fill("api", 5)
    status, one = await told(ground, tmp_path, "--log", "api", "--at-least", before["head"])
    assert (status, found(one)) == (1, [("earlier head not in the chain", None)]), "others took the places"


async def test_entries_may_be_missing_as_a_sealed_entry_says(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("auth", 10)
    await ground.record("auth", "audit.pruned", through_id=6)
    await ground.seal("auth")
    await ground.owner.execute("DELETE FROM auth.audit_log WHERE id <= 6")
    status, one = await told(ground, tmp_path, "--log", "auth")
    assert (status, one["removed_by_permission"], one["entries"]) == (0, 6, 5)
    said = (await verify(ground, tmp_path, "--log", "auth")).output
    assert "auth: 6 entries were removed because their time was over, as these say: 11 (" in said
    await ground.owner.execute("DELETE FROM auth.audit_log WHERE id = 7")
    status, one = await told(ground, tmp_path, "--log", "auth")
    assert (status, found(one)) == (1, [("entry missing", 7)])
    await ground.owner.execute("UPDATE auth.audit_log SET details = '{\"through_id\": 7}' WHERE id = 11")
    status, one = await told(ground, tmp_path, "--log", "auth")
    assert (status, one["removed_by_permission"]) == (1, 0), "a permission that was changed is none"


async def test_an_unsealed_permission_is_none(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("auth", 5)
    await ground.record("auth", "audit.pruned", through_id=3)
    await ground.owner.execute("DELETE FROM auth.audit_log WHERE id <= 3")
    status, one = await told(ground, tmp_path, "--log", "auth")
    assert (status, one["counts"]) == (1, {"entry missing": 3})


async def test_the_setting_that_lacks_a_key_is_named_with_its_id_and_no_value(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("auth", 3)
    done = await verify(ground, tmp_path, "--log", "auth", AUDIT_KEY=OTHER_KEY)
    key_id = keys("auth", AUDIT_KEY).first.id
    assert done.status == 2
    assert f"AUDIT_KEY lacks the key with the id {key_id}, by which 3 seals were made" in done.output
    assert AUDIT_KEY not in done.output + done.errors
    assert OTHER_KEY not in done.output + done.errors
    assert (await verify(ground, tmp_path, "--log", "auth", AUDIT_KEY=f"{OTHER_KEY},{AUDIT_KEY}")).status == 0
    await ground.owner.execute("UPDATE auth.audit_log SET actor = 'mallory' WHERE id = 2")
    assert (await verify(ground, tmp_path, "--log", "auth", AUDIT_KEY=OTHER_KEY)).status == 1


async def test_the_key_may_be_given_by_file(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("api", 3)
    (tmp_path / "key").write_text(f"{AUDIT_KEY}\n")
    done = await verify(ground, tmp_path, "--log", "api", AUDIT_KEY="", AUDIT_KEY_FILE=str(tmp_path / "key"))
    assert (done.status, done.output[:10]) == (0, "api: whole")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"AUDIT_KEY": ""}, "AUDIT_KEY is required"),
        ({"AUDIT_KEY": "short"}, "AUDIT_KEY must be a random secret"),
        ({"API_DATABASE_URL": "postgresql://u:canary@127.0.0.1:1/none"}, "the database cannot be reached"),
        ({"API_DATABASE_URL": ""}, "DATABASE_URL is required"),
    ],
)
async def test_what_cannot_be_checked_is_said_in_one_line(
    ground: Ground, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    done = await verify(ground, tmp_path, "--log", "api", **changes)
    assert (done.status, done.output, len(done.errors.splitlines())) == (2, "", 1)
    assert done.errors.startswith("api: cannot be checked: ")
    assert said in done.errors
    assert "canary" not in done.errors


async def test_one_log_that_is_broken_counts_more_than_one_that_cannot_be_checked(
    ground: Ground, tmp_path: Path
) -> None:
    await ground.fill("auth", 3)
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    assert (await verify(ground, tmp_path, API_DATABASE_URL=nowhere)).status == 2
    await ground.owner.execute("DELETE FROM auth.audit_log WHERE id = 2")
    assert (await verify(ground, tmp_path, API_DATABASE_URL=nowhere)).status == 1


@pytest.mark.parametrize(
    "head", ["auth:1", "bff:1:0123456789abcdef", "auth:0:0123456789abcdef", "api:1:0123456789abcdef"]
)
async def test_a_head_that_is_none_is_refused(ground: Ground, tmp_path: Path, head: str) -> None:
    done = await verify(ground, tmp_path, "--log", "auth", "--at-least", head)
    assert done.status == 2
    assert "--at-least" in done.errors


async def test_the_command_as_a_process(ground: Ground, tmp_path: Path) -> None:
    await ground.fill("auth", 3)
    await ground.owner.execute("DELETE FROM auth.audit_log WHERE id = 2")
    process = start(["audit", "verify", "--json"], ground.environment())
    assert await asyncio.to_thread(process.popen.wait, 60) == 1
    assert '"kind": "entry missing"' in process.output()
