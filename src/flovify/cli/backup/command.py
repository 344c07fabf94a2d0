"""`flovify backup` and `flovify restore`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from flovify.cli.up.errors import UpError
from flovify.common.errors import FlovifyError
from flovify.common.settings import SettingError

if TYPE_CHECKING:
    from flovify.cli.backup.manifest import Manifest


def backup(
    folder: Path = typer.Argument(help="Where the dump goes, with its manifest; made where it is missing."),
    keys: Path | None = typer.Option(None, help="Write the keys of `flovify up` to this file too; not into FOLDER."),
    keep: int = typer.Option(0, min=0, help="Delete all but so many backups in FOLDER afterwards; 0: none."),
    as_json: bool = typer.Option(False, "--json", help="Print JSON for programs."),
) -> None:
    """Dump the database while everything runs, as pg_dump's custom format, with a manifest beside it.

    Beside `flovify up` the database is found by FLOVIFY_DATA_DIR (default .flovify); otherwise DATABASE_URL names it
    with the owner's role. Keep the keys elsewhere: without OAUTH_ENCRYPTION_KEY no token in the dump can be read, and
    with it all can.
    """
    from flovify.cli.backup import keys as kept  # noqa: PLC0415
    from flovify.cli.backup.make import back_up, delete_all_but  # noqa: PLC0415

    with _in_one_line():
        if keys is not None and keys.resolve().parent == folder.resolve():
            raise SettingError("--keys must be another folder than the dump's: together they open every token")
        data_dir, url = _owner()
        made = back_up(url, folder, _say)
        if keys is not None:
            kept.keep(_needs(data_dir), keys)
        old = delete_all_but(folder, keep) if keep else []
    if as_json:
        typer.echo(json.dumps({"dump": str(made.dump), **asdict(made.manifest), "deleted": [str(one) for one in old]}))
        return
    typer.echo(f"{made.dump} ({made.manifest.bytes / 2**20:.1f} MiB), needs the key {', '.join(made.manifest.key_ids)}")
    for one in old:
        typer.echo(f"deleted {one}")


def restore(
    dump: Path = typer.Argument(help="A .dump that `flovify backup` wrote; its .json lies beside it."),
    keys: Path | None = typer.Option(None, help="The file that `flovify backup --keys` wrote, for `flovify up`."),
    replace: bool = typer.Option(False, "--replace", help="Drop what the database holds of Flovify first."),
) -> None:
    """Fill an empty database from a backup. Nothing of Flovify may run on it meanwhile.

    Started afterwards, Flovify brings the schema up to date and fetches by delta what came since the backup. Without
    DATABASE_URL (the owner's) it is the database of `flovify up` in FLOVIFY_DATA_DIR, which is made where it is
    missing.
    """
    from flovify.cli.backup.restore import check  # noqa: PLC0415

    with _in_one_line():
        dump = dump.resolve()
        found = check(dump)
        if url := _given_url():
            _restore(url, dump, found, replace)
        else:
            _restore_beside_up(dump, found, keys, replace)
    typer.echo(f"restored what was there at {found.made_at}; it needs the key {', '.join(found.key_ids) or '(none)'}")
    typer.echo("start Flovify: what came since is fetched from Microsoft by itself")


def _restore_beside_up(dump: Path, found: Manifest, keys: Path | None, replace: bool) -> None:
    from flovify.cli.backup import keys as kept  # noqa: PLC0415
    from flovify.cli.up.lock import DataDirLock  # noqa: PLC0415
    from flovify.cli.up.postgres import EmbeddedPostgres  # noqa: PLC0415
    from flovify.cli.up.roles import OWNER  # noqa: PLC0415
    from flovify.cli.up.secrets import prepare_data_dir  # noqa: PLC0415

    data_dir = _data_dir()
    prepare_data_dir(data_dir)
    with DataDirLock(data_dir):
        if keys is not None:
            kept.put_back(data_dir, keys, found)
        elif not kept.has_installation(data_dir):
            raise SettingError(
                "--keys is required for a new data directory: without its key the backup's tokens stay shut"
            )
        postgres = EmbeddedPostgres(data_dir, report=_say).start()
        try:
            _restore(postgres.dsn(OWNER), dump, found, replace)
        finally:
            postgres.stop()


def _restore(url: str, dump: Path, found: Manifest, replace: bool) -> None:
    from flovify.cli.backup.restore import restore as fill  # noqa: PLC0415

    asyncio.run(fill(url, dump, found, _say, replace=replace))


def _owner() -> tuple[Path | None, str]:
    """The data directory of a `flovify up`, if it is that, and the owner's URL. Raises SettingError."""
    from flovify.cli.up.postgres import database_url  # noqa: PLC0415
    from flovify.cli.up.roles import OWNER  # noqa: PLC0415

    if url := _given_url():
        return None, url
    data_dir = _data_dir()
    found = database_url(data_dir, OWNER)
    if found is None:
        raise SettingError("DATABASE_URL is required (the owner's), or FLOVIFY_DATA_DIR of a `flovify up`")
    return data_dir, found


def _needs(data_dir: Path | None) -> Path:
    if data_dir is None:
        raise SettingError("--keys is for `flovify up`; with DATABASE_URL the keys are where you keep them")
    return data_dir


def _given_url() -> str:
    return _settings().get("DATABASE_URL", "")


def _data_dir() -> Path:
    from flovify.cli.up.environment import data_dir_of  # noqa: PLC0415

    return data_dir_of(_settings())


def _settings() -> Mapping[str, str]:
    """With what is given by file."""
    from flovify.cli.up.environment import read_settings  # noqa: PLC0415

    return read_settings(os.environ, Path.cwd())


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


@contextmanager
def _in_one_line() -> Iterator[None]:
    """What can be expected to go wrong becomes one line. Raises FlovifyError and SettingError."""
    import asyncpg  # noqa: PLC0415

    try:
        yield
    except UpError as error:
        raise FlovifyError(str(error), code="backup_failed") from None
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise FlovifyError(f"{type(error).__name__}: {error}", code="backup_failed") from None
