"""Commands beside the running service find auth's settings in one way, and open the same parts."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.support.command import flovify
from tests.support.postgres import Database

KEY = base64.b64encode(bytes(range(60, 92))).decode()
PASSWORD = "correct horse battery staple\n"
CREATE = ("admin", "create-user", "--password-stdin")


async def test_a_user_is_made_by_what_stands_in_the_env_file(database: Database, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={database.auth_dsn}\n")
    made = await flovify(*CREATE, "ann@example.com", env={}, cwd=tmp_path, stdin=PASSWORD)
    assert (made.status, made.output) == (0, "created ann@example.com as administrator\n"), made.errors
    again = await flovify(*CREATE, "ann@example.com", env={}, cwd=tmp_path, stdin=PASSWORD)
    assert (again.status, len(again.errors.splitlines())) == (1, 1)


async def test_auths_own_url_goes_before_the_owners(database: Database, tmp_path: Path) -> None:
    nowhere = "postgresql://nobody:canary@127.0.0.1:1/none"
    env = {"DATABASE_URL": nowhere, "AUTH_DATABASE_URL": database.auth_dsn, "OAUTH_ENCRYPTION_KEY": KEY}
    made = await flovify(*CREATE, "bob@example.com", env=env, cwd=tmp_path, stdin=PASSWORD)
    assert made.status == 0, made.errors
    assert (await flovify("apps", "list", env=env, cwd=tmp_path)).status == 0
    assert (await flovify("admin", "rewrap-keys", env=env, cwd=tmp_path)).status == 0


@pytest.mark.parametrize(
    "command", [("apps", "list"), ("admin", "rewrap-keys"), ("tenants", "list"), (*CREATE, "a@b.c")]
)
async def test_a_database_that_is_away_is_one_line_without_its_password(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    env = {
        "DATABASE_URL": "postgresql://nobody:canary@127.0.0.1:1/none",
        "OAUTH_ENCRYPTION_KEY": KEY,
        "MICROSOFT_CLIENT_ID": "0f0e0d0c-0b0a-4908-8706-050403020100",
        "MICROSOFT_CLIENT_SECRET": "secret",
        "SERVICE_SECRET": "0123456789abcdef0123456789abcdef",
    }
    done = await flovify(*command, env=env, cwd=tmp_path, stdin=PASSWORD)
    assert (done.status, len(done.errors.splitlines())) == (1, 1), done.errors
    assert "the database cannot be reached" in done.errors
    assert "canary" not in done.errors


@pytest.mark.parametrize("command", [("apps", "list"), ("tenants", "list"), (*CREATE, "a@b.c")])
async def test_without_settings_the_command_says_what_is_missing_and_makes_nothing(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    done = await flovify(*command, env={}, cwd=tmp_path)
    assert (done.status, len(done.errors.splitlines())) == (78, 1)
    assert "DATABASE_URL" in done.errors
    assert list(tmp_path.iterdir()) == []
