"""People and sessions from the command line, beside a service that may be running or not."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from typer.testing import CliRunner

from flovify.cli.app import app
from tests.support.command import Ran, flovify, logs_kept
from tests.support.postgres import Cluster, Database
from tests.support.processes import base_environment, flovify_command

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "correct horse battery staple"
ADA, BOB, EVE = "ada@example.com", "bob@example.com", "eve@example.com"


@dataclass
class Desk:
    """The command line, and the owner's look at the database."""

    database: Database
    owner: asyncpg.Connection[asyncpg.Record]
    cwd: Path

    async def run(self, *words: str, stdin: str = "") -> Ran:
        env = {"DATABASE_URL": self.database.auth_dsn}
        return await flovify("admin", *words, env=env, cwd=self.cwd, stdin=stdin)

    async def said(self, *words: str, stdin: str = "") -> str:
        """What a command prints that must succeed."""
        done = await self.run(*words, stdin=stdin)
        assert done.status == 0, done.errors
        return done.output.strip()

    async def refused(self, *words: str) -> str:
        """The one line of a command that must fail."""
        done = await self.run(*words, stdin=PASSWORD)
        assert (done.status, len(done.errors.splitlines())) == (1, 1), done.errors
        return done.errors.strip()

    async def users(self) -> dict[str, dict[str, Any]]:
        return {one["email"]: one for one in json.loads(await self.said("users", "--json"))["items"]}

    async def sign_in(self, email: str) -> uuid.UUID:
        """A living session, as a sign-in leaves it."""
        found: uuid.UUID = await self.owner.fetchval(
            "WITH person AS (UPDATE auth.users SET last_signed_in_at = now() WHERE email = $1 RETURNING id)"
            " INSERT INTO auth.sessions (token_hash, user_id, expires_at, address, user_agent)"
            " SELECT $2, id, now() + interval '1 hour', '203.0.113.9', 'a browser' FROM person RETURNING id",
            email, uuid.uuid4().bytes,
        )  # fmt: skip
        return found

    async def log(self) -> list[tuple[str, str, str]]:
        """(actor's kind, action, subject), oldest first."""
        rows = await self.owner.fetch("SELECT actor_kind, action, subject FROM auth.audit_log ORDER BY id")
        return [tuple(row) for row in rows]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_desk(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with cluster.fresh(migrated=True) as database:
        owner = await asyncpg.connect(database.owner_dsn)
        yield Desk(database, owner, tmp_path_factory.mktemp("desk"))
        await owner.close()


@pytest_asyncio.fixture(loop_scope="module")
async def desk(shared_desk: Desk) -> Desk:
    """An administrator and a viewer, and an empty log."""
    await shared_desk.owner.execute("DELETE FROM auth.users; DELETE FROM auth.audit_log")
    await shared_desk.owner.execute(
        "INSERT INTO auth.users (email, password_hash, role) VALUES ($1, 'x', 'administrator'), ($2, 'x', 'viewer')",
        ADA, BOB,
    )  # fmt: skip
    return shared_desk


async def test_users_are_listed_with_their_state(desk: Desk) -> None:
    await desk.owner.execute("INSERT INTO auth.users (email, role) VALUES ($1, 'operator')", EVE)
    await desk.sign_in(BOB)
    await desk.sign_in(BOB)
    listed = (await desk.said("users")).splitlines()
    assert [line.split()[-1] for line in listed] == ["address", ADA, BOB, EVE]
    users = await desk.users()
    assert [(one["role"], one["state"], one["sessions"]) for one in users.values()] == [
        ("administrator", "active", 0),
        ("viewer", "active", 2),
        ("operator", "invited", 0),
    ]
    assert users[ADA]["last_signed_in_at"] is None
    assert users[BOB]["last_signed_in_at"].endswith("+00:00")


async def test_a_user_is_disabled_with_all_sessions_and_enabled_again(desk: Desk) -> None:
    await desk.sign_in(BOB)
    assert await desk.said("disable-user", BOB.upper()) == f"disabled {BOB.upper()}; all sessions ended"
    bob = (await desk.users())[BOB]
    assert (bob["state"], bob["sessions"]) == ("disabled", 0)
    assert await desk.said("disable-user", BOB) == f"{BOB} is disabled already"
    assert await desk.said("enable-user", BOB) == f"enabled {BOB}"
    assert await desk.said("enable-user", BOB) == f"{BOB} is not disabled"
    bob = (await desk.users())[BOB]
    assert (bob["state"], bob["sessions"]) == ("active", 0)
    # What was so already is not noted again.
    assert await desk.log() == [("command line", "user.changed", bob["id"])] * 2


async def test_a_role_is_changed_and_the_session_goes_on(desk: Desk) -> None:
    await desk.sign_in(BOB)
    assert await desk.said("set-role", BOB, "operator") == f"{BOB} is operator now"
    assert await desk.said("set-role", BOB, "operator") == f"{BOB} is operator already"
    bob = (await desk.users())[BOB]
    assert (bob["role"], bob["sessions"]) == ("operator", 1)
    assert await desk.log() == [("command line", "user.changed", bob["id"])]
    assert "viewer, operator, administrator" in await desk.refused("set-role", BOB, "owner")


@pytest.mark.parametrize("words", [("disable-user", ADA), ("set-role", ADA, "operator")])
async def test_an_administrator_always_stays(desk: Desk, words: tuple[str, ...]) -> None:
    # One who is disabled, or has no password yet, cannot sign in and does not count.
    await desk.owner.execute("INSERT INTO auth.users (email, role) VALUES ($1, 'administrator')", EVE)
    refusal = await desk.refused(*words)
    assert "last administrator" in refusal
    assert "flovify admin set-role" in refusal
    assert (await desk.users())[ADA]["state"] == "active"
    assert await desk.log() == []
    await desk.said("set-role", BOB, "administrator")
    await desk.said(*words)


async def test_a_password_is_replaced_and_ends_sessions_and_invitations(desk: Desk) -> None:
    await desk.sign_in(BOB)
    bob = (await desk.users())[BOB]["id"]
    await desk.owner.execute(
        "INSERT INTO auth.invitations (user_id, token_hash, expires_at) VALUES ($1, 'x', now() + interval '1 day')", bob
    )
    said = await desk.said("set-password", BOB, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert said == f"changed the password of {BOB}; all sessions ended"
    assert PASSWORD not in said
    row = await desk.owner.fetchrow("SELECT password_hash FROM auth.users WHERE email = $1", BOB)
    assert row is not None
    assert row["password_hash"].startswith("$argon2id$")
    assert (await desk.users())[BOB]["sessions"] == 0
    assert await desk.owner.fetchval("SELECT count(*) FROM auth.invitations") == 0
    assert await desk.log() == [("command line", "user.password_changed", bob)]


async def test_a_password_is_asked_for_twice(desk: Desk) -> None:
    runner = CliRunner(env={"DATABASE_URL": desk.database.auth_dsn})
    typed = f"{PASSWORD}\nanother one\n{PASSWORD}\n{PASSWORD}\n"
    with logs_kept():
        done = await asyncio.to_thread(runner.invoke, app, ["admin", "set-password", BOB], input=typed)
    assert done.exit_code == 0, done.output
    assert "do not match" in done.output
    assert PASSWORD not in done.output
    assert [action for _, action, _ in await desk.log()] == ["user.password_changed"]


async def test_a_weak_password_and_an_unknown_user_change_nothing(desk: Desk) -> None:
    weak = await desk.run("set-password", BOB, "--password-stdin", stdin="short\n")
    assert (weak.status, len(weak.errors.splitlines())) == (1, 1)
    for words in (
        ("set-password", "--password-stdin"),
        ("disable-user",),
        ("enable-user",),
        ("sessions",),
        ("end-sessions",),
    ):
        assert "`flovify admin users` lists them" in await desk.refused(words[0], EVE, *words[1:])
    assert await desk.log() == []


async def test_sessions_are_listed_and_ended(desk: Desk) -> None:
    bobs, adas = await desk.sign_in(BOB), await desk.sign_in(ADA)
    assert str(bobs) in await desk.said("sessions")
    listed = json.loads(await desk.said("sessions", ADA, "--json"))["items"]
    assert [(one["id"], one["email"], one["address"]) for one in listed] == [(str(adas), ADA, "203.0.113.9")]
    assert await desk.said("end-session", str(bobs)) == "ended the session"
    assert await desk.said("end-session", str(bobs)) == "the session had ended already"
    assert await desk.log() == [("command line", "session.ended", str(bobs))]
    assert "flovify admin sessions" in await desk.refused("end-session", str(uuid.uuid4()))
    assert "flovify admin sessions" in await desk.refused("end-session", "x")


async def test_all_sessions_of_one_or_of_everybody_are_ended(desk: Desk) -> None:
    for email in (BOB, BOB, ADA, ADA):
        await desk.sign_in(email)
    assert await desk.said("end-sessions", BOB) == "ended 2 sessions"
    assert await desk.said("end-sessions", BOB) == "ended 0 sessions"
    assert "--all" in await desk.refused("end-sessions")
    assert "--all" in await desk.refused("end-sessions", BOB, "--all")
    await desk.sign_in(BOB)
    assert await desk.said("end-sessions", "--all") == "ended 3 sessions"
    assert await desk.said("sessions") == "nobody is signed in"
    assert [action for _, action, _ in await desk.log()] == ["session.ended"] * 5


async def test_it_is_so_as_a_process_of_its_own(desk: Desk) -> None:
    await desk.sign_in(BOB)
    process = await asyncio.create_subprocess_exec(
        *flovify_command("admin", "set-password", BOB, "--password-stdin"),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={**base_environment(), "DATABASE_URL": desk.database.auth_dsn}, cwd=desk.cwd,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(f"{PASSWORD}\n".encode()), 60)
    assert (process.returncode, errors.decode()) == (0, "")
    assert output.decode() == f"changed the password of {BOB}; all sessions ended\n"
    assert (await desk.users())[BOB]["sessions"] == 0
