"""DATABASE_URL: the service roles in a PostgreSQL of the user's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from flovify.cli.up import roles
from flovify.cli.up.database import prepare_user_database, with_user
from flovify.cli.up.errors import ConfigurationError, UpError
from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.cli.up.secrets import Secrets, load_or_create


@pytest.fixture
def foreign(postgres: EmbeddedPostgres) -> Iterator[str]:
    """A server without our service roles; the URL of a role `customer` that owns the database `theirs`."""
    rules = postgres.places.data / "pg_hba.conf"
    rules.write_text("local theirs all scram-sha-256\n" + rules.read_text())
    super_sql = [
        "drop owned by flovify_auth, flovify_api cascade; drop role flovify_auth, flovify_api",
        "drop database if exists theirs",
        "drop role if exists customer",
        "create role customer login password 'pw'",
        "create database theirs owner customer",
        "revoke all on database theirs from public",
        "select pg_reload_conf()",
    ]
    for sql in super_sql:
        postgres.query(roles.SUPER, sql, database="postgres")
    yield with_user(postgres.dsn(roles.OWNER, "theirs"), "customer", "pw")
    postgres.query(roles.SUPER, "drop database theirs", database="postgres")


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return load_or_create(tmp_path / "home")


async def current_user(url: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("select current_user::text")
    finally:
        await connection.close()


async def test_a_role_that_may_create_roles_gives_each_service_its_own(
    postgres: EmbeddedPostgres, foreign: str, secrets: Secrets
) -> None:
    postgres.query(roles.SUPER, "alter role customer createrole")
    for _ in range(2):
        found = await prepare_user_database(foreign, {}, secrets)
        assert await current_user(found.owner) == "customer"
        assert await current_user(found.auth) == "flovify_auth"
        assert await current_user(found.api) == "flovify_api"


async def test_roles_that_migrations_made_without_sign_in_are_given_one(
    postgres: EmbeddedPostgres, foreign: str, secrets: Secrets
) -> None:
    postgres.query(roles.SUPER, "alter role customer createrole")
    connection = await asyncpg.connect(foreign)
    await connection.execute("create role flovify_auth nologin; create role flovify_api nologin")
    await connection.close()
    found = await prepare_user_database(foreign, {}, secrets)
    assert await current_user(found.api) == "flovify_api"


async def test_roles_of_another_installation_are_left_alone(
    postgres: EmbeddedPostgres, foreign: str, secrets: Secrets, tmp_path: Path
) -> None:
    postgres.query(roles.SUPER, "alter role customer createrole")
    first = await prepare_user_database(foreign, {}, secrets)
    with pytest.raises(ConfigurationError, match="set AUTH_DATABASE_URL to its URL"):
        await prepare_user_database(foreign, {}, load_or_create(tmp_path / "other"))
    assert await current_user(first.auth) == "flovify_auth"


async def test_without_the_right_to_create_roles_the_line_says_what_to_run(foreign: str, secrets: Secrets) -> None:
    with pytest.raises(ConfigurationError, match=r"CREATE ROLE flovify_auth LOGIN.*AUTH_DATABASE_URL"):
        await prepare_user_database(foreign, {}, secrets)


async def test_urls_given_for_the_services_are_taken_as_they_are(foreign: str, secrets: Secrets) -> None:
    given = {"AUTH_DATABASE_URL": "postgresql://a@h/d", "API_DATABASE_URL": "postgresql://b@h/d"}
    found = await prepare_user_database(foreign, given, secrets)
    assert (found.auth, found.api) == ("postgresql://a@h/d", "postgresql://b@h/d")


@pytest.mark.parametrize(
    ("url", "kind", "words"),
    [
        ("postgresql://customer:canary@127.0.0.1:1/theirs", UpError, "no connection"),
        ("nonsense canary", ConfigurationError, "must look like"),
        ("mysql://canary@h/d", ConfigurationError, "must look like"),
        ("postgresql://u:canary@h:port/d", ConfigurationError, "must look like"),
    ],
)
async def test_an_url_that_does_not_work_is_one_line_without_its_password(
    url: str, kind: type[UpError], words: str, secrets: Secrets
) -> None:
    with pytest.raises(kind, match=f"DATABASE_URL.*{words}") as refusal:
        await prepare_user_database(url, {}, secrets)
    assert "canary" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


async def test_a_wrong_password_is_named_as_such(foreign: str, secrets: Secrets) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL: the server refuses .*password") as refusal:
        await prepare_user_database(foreign.replace(":pw@", ":canary@"), {}, secrets)
    assert "canary" not in str(refusal.value)
