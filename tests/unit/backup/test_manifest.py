from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from flovify.cli.backup import keys, manifest, tools
from flovify.cli.backup.make import delete_all_but
from flovify.cli.backup.manifest import BackupUnusable, Manifest
from flovify.cli.backup.restore import check
from flovify.cli.up.secrets import load, load_or_create

CONTENT = b"PGDMP" + bytes(1000)


def _backup(folder: Path, name: str = "flovify-20261201T100000000Z", **changes: object) -> Path:
    dump = folder / f"{name}.dump"
    dump.write_bytes(CONTENT)
    whole = Manifest(
        "2026-12-01T10:00:00+00:00", "0.1.0", "18.1", {"auth": 1, "api": 1}, ["aabbccdd"], len(CONTENT), ""
    )
    manifest.write(dump, replace(whole, **{"sha256": manifest.checksum(dump), **changes}))  # type: ignore[arg-type]
    return dump


def test_a_whole_backup_is_taken(tmp_path: Path) -> None:
    assert check(_backup(tmp_path)).key_ids == ["aabbccdd"]


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "cut off": (lambda dump: dump.write_bytes(CONTENT[:-1]), "cut off or changed"),
    "changed": (lambda dump: dump.write_bytes(CONTENT[:-1] + b"x"), "cut off or changed"),
    "no dump": (lambda dump: dump.unlink(), "there is no file"),
    "no manifest": (lambda dump: dump.with_suffix(".json").unlink(), "is missing"),
    "no JSON": (lambda dump: dump.with_suffix(".json").write_text("{"), "cannot be read"),
    "another JSON": (lambda dump: dump.with_suffix(".json").write_text('{"a": 1}'), "cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_backup_is_refused_in_words(tmp_path: Path, damage: str) -> None:
    dump = _backup(tmp_path)
    change, words = DAMAGES[damage]
    change(dump)
    with pytest.raises(BackupUnusable, match=words):
        check(dump)


def test_a_newer_version_s_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackupUnusable, match="is newer"):
        check(_backup(tmp_path, schemas={"auth": 1, "api": 9999}))
    with pytest.raises(BackupUnusable, match="has format 2"):
        check(_backup(tmp_path, format=2))


def test_the_oldest_backups_are_deleted_with_their_manifests(tmp_path: Path) -> None:
    names = [f"flovify-2026120{day}T100000000Z" for day in range(1, 5)]
    for name in names:
        _backup(tmp_path, name)
    (tmp_path / "other.dump").touch()
    assert [one.stem for one in delete_all_but(tmp_path, 2)] == names[:2]
    assert sorted(one.name for one in tmp_path.glob("flovify-*")) == sorted(
        f"{name}{suffix}" for name in names[2:] for suffix in (".dump", ".json")
    )
    assert (tmp_path / "other.dump").exists()


def test_keys_are_kept_and_put_back_without_the_database_s_passwords(tmp_path: Path) -> None:
    made = load_or_create(tmp_path / "old")
    keys.keep(tmp_path / "old", tmp_path / "keys.json")
    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600
    needed = Manifest("", "", "", {}, [_key_id(made["OAUTH_ENCRYPTION_KEY"])], 0, "")
    keys.put_back(tmp_path / "new", tmp_path / "keys.json", needed)
    found = load(tmp_path / "new")
    for name, value in made.values.items():
        assert (found[name] == value) is not name.startswith("POSTGRES_"), name


def test_keys_that_do_not_open_the_backup_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    load_or_create(tmp_path / "old")
    keys.keep(tmp_path / "old", tmp_path / "keys.json")
    with pytest.raises(BackupUnusable, match="the backup needs 00000000"):
        keys.put_back(tmp_path / "new", tmp_path / "keys.json", Manifest("", "", "", {}, ["00000000"], 0, ""))
    for text in ("{", "[]", "{}", json.dumps({"OAUTH_ENCRYPTION_KEY": "x"})):
        (tmp_path / "odd.json").write_text(text)
        with pytest.raises(BackupUnusable, match="holds no keys"):
            keys.put_back(tmp_path / "new", tmp_path / "odd.json", Manifest("", "", "", {}, [], 0, ""))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (
            "postgresql://owner:p%40ss@db.example:5433/flovify?sslmode=verify-full",
            {"PGHOST": "db.example", "PGPORT": "5433", "PGSSLMODE": "verify-full", "PGPASSWORD": "p@ss"},
        ),
        ("postgresql://owner:x@/flovify?host=/run/pg&port=5432", {"PGHOST": "/run/pg", "PGPORT": "5432"}),
        (
            "postgresql://owner:x@db1:5432,db2/flovify?target_session_attrs=read-write",
            {"PGHOST": "db1,db2", "PGPORT": "5432,5432", "PGTARGETSESSIONATTRS": "read-write"},
        ),
        ("postgresql://owner:x@[::1]:5432/flovify", {"PGHOST": "::1", "PGPORT": "5432"}),
    ],
)
def test_a_url_is_given_to_postgresql_s_programs_by_the_environment(url: str, wanted: dict[str, str]) -> None:
    found = tools.connection(url)
    assert {"PGUSER": "owner", "PGDATABASE": "flovify", **wanted}.items() <= found.items()


def _key_id(value: str) -> str:
    from flovify.auth.vault.keyring import key_id
    from flovify.common.settings import decode_key

    return key_id(decode_key(value, "KEY"))
