from __future__ import annotations

import base64
import json
import os
import stat
from pathlib import Path

import pytest

from flovify.cli.up.errors import EXIT_CONFIGURATION, ConfigurationError
from flovify.cli.up.secrets import FILE_NAME, load, load_or_create


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_first_call_writes_private_secrets_and_the_second_reads_the_same(home: Path) -> None:
    made = load_or_create(home)
    assert mode(home) == 0o700
    assert mode(home / FILE_NAME) == 0o600
    assert len(base64.b64decode(made["OAUTH_ENCRYPTION_KEY"], validate=True)) == 32
    assert len(set(made.values.values())) == len(made.values)
    assert dict(load_or_create(home).values) == dict(made.values)
    assert [path.name for path in home.iterdir()] == [FILE_NAME]


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    first, second = load_or_create(tmp_path / "a"), load_or_create(tmp_path / "b")
    assert not set(first.values.values()) & set(second.values.values())


def test_representation_shows_no_value(home: Path) -> None:
    secrets = load_or_create(home)
    assert not any(value in f"{secrets!r} {secrets}" for value in secrets.values.values())


def test_values_of_the_environment_win_but_only_those_that_are_settings(home: Path) -> None:
    secrets = load_or_create(home).with_environment({"SERVICE_SECRET": "mine", "POSTGRES_PASSWORD_OWNER": "x"})
    assert secrets["SERVICE_SECRET"] == "mine"
    assert secrets["POSTGRES_PASSWORD_OWNER"] != "x"
    assert "mine" not in (home / FILE_NAME).read_text()


@pytest.mark.parametrize("bad", [0o640, 0o604, 0o620, 0o666])
def test_a_file_others_can_read_or_write_is_refused(home: Path, bad: int) -> None:
    load_or_create(home)
    (home / FILE_NAME).chmod(bad)
    with pytest.raises(ConfigurationError, match=r"mode 6\d\d.*chmod 600") as refusal:
        load_or_create(home)
    assert refusal.value.exit_code == EXIT_CONFIGURATION


def test_a_directory_others_can_read_is_refused_unless_still_empty(home: Path) -> None:
    home.mkdir()
    home.chmod(0o755)
    load_or_create(home)
    assert mode(home) == 0o700
    home.chmod(0o750)
    with pytest.raises(ConfigurationError, match="chmod 700"):
        load_or_create(home)


def test_a_shared_directory_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "something").write_text("of somebody")
    shared.chmod(0o777)
    with pytest.raises(ConfigurationError):
        load_or_create(shared)
    assert mode(shared) == 0o777


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_file_of_another_owner_is_refused(home: Path) -> None:
    load_or_create(home)
    os.chown(home / FILE_NAME, 65534, -1)
    with pytest.raises(ConfigurationError, match="belongs to user id 65534"):
        load_or_create(home)


def test_a_link_instead_of_the_file_is_refused(home: Path, tmp_path: Path) -> None:
    load_or_create(home)
    (home / FILE_NAME).rename(tmp_path / "moved")
    (home / FILE_NAME).symlink_to(tmp_path / "moved")
    with pytest.raises(ConfigurationError, match="not a regular file"):
        load_or_create(home)


@pytest.mark.parametrize("mark", ["postgres/data/PG_VERSION", "postgres-location"])
def test_lost_secrets_beside_a_database_are_a_refusal(home: Path, mark: str) -> None:
    load_or_create(home)
    (home / mark).parent.mkdir(parents=True, exist_ok=True)
    (home / mark).write_text("18\n")
    (home / FILE_NAME).unlink()
    with pytest.raises(ConfigurationError, match="put the file back from a backup"):
        load_or_create(home)
    assert not (home / FILE_NAME).exists()


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"SERVICE_SECRET": 5}'])
def test_a_damaged_file_is_refused_and_kept(home: Path, content: str) -> None:
    load_or_create(home)
    (home / FILE_NAME).write_text(content)
    with pytest.raises(ConfigurationError, match="put it back from a backup"):
        load_or_create(home)
    assert (home / FILE_NAME).read_text() == content


def test_a_file_that_lacks_one_value_names_it(home: Path) -> None:
    values = dict(load_or_create(home).values)
    del values["OAUTH_ENCRYPTION_KEY"]
    (home / FILE_NAME).write_text(json.dumps(values))
    with pytest.raises(ConfigurationError, match="lacks OAUTH_ENCRYPTION_KEY"):
        load_or_create(home)


def test_a_directory_made_before_there_was_an_audit_key_gets_one_at_the_next_start(home: Path) -> None:
    older = dict(load_or_create(home).values)
    del older["AUDIT_KEY"]
    (home / FILE_NAME).write_text(json.dumps(older))
    with pytest.raises(ConfigurationError, match="lacks AUDIT_KEY, which this version's `flovify up` makes"):
        load(home)
    assert json.loads((home / FILE_NAME).read_text()) == older, "a command beside it writes nothing"
    made = load_or_create(home)
    assert len(made["AUDIT_KEY"]) > 40
    assert dict(made.values) == {**older, "AUDIT_KEY": made["AUDIT_KEY"]}
    assert dict(load(home).values) == dict(load_or_create(home).values) == dict(made.values)
    assert (home / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_a_directory_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="FLOVIFY_DATA_DIR .* cannot be made"):
        load_or_create(tmp_path / "file" / "data")
