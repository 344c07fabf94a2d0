"""The embedded server: who may connect, what others can reach, what its log keeps."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import asyncpg
import pytest

from flovify.cli.up import roles
from flovify.cli.up.errors import ConfigurationError, PostgresError
from flovify.cli.up.postgres import EmbeddedPostgres, database_url
from flovify.cli.up.secrets import FILE_NAME


async def value(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_every_role_can_sign_in_to_the_database_that_was_made(postgres: EmbeddedPostgres) -> None:
    for role in roles.ALL:
        assert await value(postgres.dsn(role), "select current_user::text") == role
    owner = await value(
        postgres.dsn(roles.OWNER), "select pg_get_userbyid(datdba) from pg_database where datname='flovify'"
    )
    assert owner == roles.OWNER
    assert await value(postgres.dsn(roles.OWNER), "show server_encoding") == "UTF8"
    assert await value(postgres.dsn(roles.OWNER), "show data_checksums") == "on"
    assert await value(postgres.dsn(roles.OWNER), "select lower('ÄÖ')") == "äö"


async def test_only_our_roles_with_their_password_over_the_socket(postgres: EmbeddedPostgres) -> None:
    dsn = postgres.dsn("flovify_api")
    wrong = re.sub(r":[^:@/]+@", ":wrong@", dsn)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(wrong)
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(re.sub(r":[^:@/]+@", "@", dsn))
    with pytest.raises(asyncpg.InvalidAuthorizationSpecificationError):
        await asyncpg.connect(dsn.replace("flovify_api", "postgres"))
    assert await value(postgres.dsn(roles.SUPER), "show listen_addresses") == ""
    rules = postgres.query(
        roles.SUPER,
        "select type, user_name, auth_method from pg_hba_file_rules where auth_method <> 'reject' order by 2",
    )
    assert rules.splitlines() == [f"local|{{{role}}}|scram-sha-256" for role in sorted(roles.ALL)]


async def test_services_have_no_rights_beyond_their_schema(postgres: EmbeddedPostgres) -> None:
    postgres.query(roles.OWNER, "create schema auth; create table auth.tenant_tokens (token text)")
    api = await asyncpg.connect(postgres.dsn("flovify_api"))
    try:
        for forbidden in (
            "select * from auth.tenant_tokens",
            "create table public.mine (id int)",
            "create schema mine",
            "create role mine",
            "set role flovify_owner",
            "copy (select 1) to program 'true'",
            "select pg_read_file('/etc/passwd')",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await api.execute(forbidden)
    finally:
        await api.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.dsn("flovify_api", "postgres"))


async def test_a_failing_statement_leaves_neither_value_nor_text_in_the_log(postgres: EmbeddedPostgres) -> None:
    api = await asyncpg.connect(postgres.dsn(roles.OWNER))
    try:
        await api.execute("create table t (id int primary key, email text unique)")
        await api.execute("insert into t values (1, 'canary-1@example.com')")
        with pytest.raises(asyncpg.UniqueViolationError):
            await api.execute("insert into t values (2, $1)", "canary-1@example.com")
        with pytest.raises(asyncpg.PostgresError):
            await api.execute("select 'canary-2'::int")
        with pytest.raises(asyncpg.PostgresError):
            await api.execute("select $1::text::int", "canary-3")
    finally:
        await api.close()
    log = postgres.places.log.read_text()
    assert "ready to accept connections" in log
    assert "canary" not in log
    secrets = (postgres.data_dir / FILE_NAME).read_text()
    for password in re.findall(r'"POSTGRES_\w+": "([^"]+)"', secrets):
        assert password not in log


def test_files_are_closed_to_other_accounts(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((postgres.data_dir / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(postgres.data_dir.stat().st_mode) & 0o067 == 0
    for private in (postgres.places.home, postgres.places.data, postgres.places.socket):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    socket = next(postgres.places.socket.glob(".s.PGSQL.*[0-9]"))
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    environ = Path(f"/proc/{postgres.pid}/environ").read_bytes()
    assert b"PASSWORD" not in environ


async def test_stop_and_start_keep_the_data(postgres: EmbeddedPostgres) -> None:
    postgres.query(roles.OWNER, "create table kept as select 42 as answer")
    postgres.stop()
    postgres.stop()
    with pytest.raises(OSError, match="No such file"):
        await asyncpg.connect(postgres.dsn(roles.OWNER))
    postgres.start()
    assert await value(postgres.dsn(roles.OWNER), "select answer from kept") == 42


async def test_a_role_changed_by_hand_is_put_right_at_the_next_start(postgres: EmbeddedPostgres) -> None:
    postgres.query(roles.SUPER, "alter role flovify_api superuser password 'other'")
    postgres.ensure_roles()
    assert await value(postgres.dsn("flovify_api"), "select rolsuper from pg_roles where rolname=current_user") is False


async def test_a_data_directory_with_a_long_path_gets_its_socket_elsewhere(new_data_dir: Path) -> None:
    deep = new_data_dir / ("long-" * 20) / ("path-" * 12)
    deep.parent.mkdir(parents=True)
    for part in (new_data_dir, deep.parent):
        part.chmod(0o711)
    server = EmbeddedPostgres(deep).start()
    try:
        socket = server.places.socket
        assert not socket.is_relative_to(deep)
        assert stat.S_IMODE(socket.stat().st_mode) == 0o700
        assert await value(server.dsn(roles.OWNER), "select 1") == 1
    finally:
        server.destroy()
    assert not socket.exists()


async def test_a_closed_parent_directory_stays_closed(new_data_dir: Path) -> None:
    closed = new_data_dir / "closed"
    closed.mkdir(parents=True)
    closed.chmod(0o700)
    lines: list[str] = []
    server = EmbeddedPostgres(closed / "inner", report=lines.append).start()
    try:
        assert await value(server.dsn(roles.OWNER), "select 1") == 1
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        if os.geteuid() == 0:
            assert not server.places.home.is_relative_to(closed)
            assert any(str(server.places.home) in line for line in lines)
        server.stop()
        again = EmbeddedPostgres(closed / "inner").start()
        again.stop()
        assert again.places.home == server.places.home
    finally:
        server.destroy()


def test_lost_secrets_beside_a_database_are_a_refusal(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    kept = (postgres.data_dir / FILE_NAME).rename(postgres.data_dir / "elsewhere")
    with pytest.raises(ConfigurationError, match=r"secrets\.json is missing but its database is still"):
        EmbeddedPostgres(postgres.data_dir).start()
    assert not (postgres.data_dir / FILE_NAME).exists()
    kept.rename(postgres.data_dir / FILE_NAME)


def test_secrets_of_another_installation_are_a_refusal(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    file = postgres.data_dir / FILE_NAME
    right = file.read_text()
    file.write_text(re.sub(r'(PASSWORD_SUPER": ")[^"]+', r"\1another", right))
    try:
        with pytest.raises(PostgresError, match="made with other secrets"):
            EmbeddedPostgres(postgres.data_dir).start()
    finally:
        file.write_text(right)


def test_a_cluster_of_another_major_release_is_a_refusal(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    mark = postgres.places.data / "PG_VERSION"
    mark.write_text("17\n")
    try:
        with pytest.raises(PostgresError, match="made by PostgreSQL 17, this flovify brings 18"):
            EmbeddedPostgres(postgres.data_dir).start()
    finally:
        mark.write_text("18\n")


async def test_other_commands_find_the_database_by_its_directory(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    for role in roles.ALL:
        assert database_url(postgres.data_dir, role) == postgres.dsn(role)
    assert database_url(tmp_path, roles.OWNER) is None
    assert list(tmp_path.iterdir()) == []


def test_programs_of_the_wheel_are_at_hand(postgres: EmbeddedPostgres) -> None:
    for name in ("psql", "pg_dump", "pgbench"):
        assert os.access(postgres.bin(name), os.X_OK)
