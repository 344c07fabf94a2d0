"""From a dump to an installation that goes on where it was, and catches up with what came since."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import asyncpg

from flovify.cli.backup import manifest, tools
from flovify.cli.backup.manifest import BackupUnusable, Manifest
from flovify.common.db import load_queries
from flovify.common.migrations import SCHEMAS, load_files

_SQL = load_queries("flovify.cli.backup")


def check(dump: Path) -> Manifest:
    """The manifest of a dump that this version can use. Raises BackupUnusable."""
    found = manifest.read(dump)
    newest = {schema.name: len(load_files(schema)) for schema in SCHEMAS}
    newer = [name for name, last in found.schemas.items() if last > newest.get(name, 0)]
    if newer:
        raise BackupUnusable(
            f"this backup was made by Flovify {found.flovify}, which is newer: use that version or a later one"
        )
    return found


async def restore(url: str, dump: Path, found: Manifest, say: Callable[[str], None], *, replace: bool = False) -> None:
    """Fill the database of `url` (its owner's, its roles being there) in one transaction, all of it or nothing.

    Raises BackupUnusable where there is something already and `replace` is not given, and PostgresError.
    """
    connection = await asyncpg.connect(url, timeout=10)
    try:
        if not await connection.fetchval(_SQL["is_empty"]):
            if not replace:
                raise BackupUnusable(
                    "this database has Flovify's schemas already: give an empty one, or --replace to lose what is in it"
                )
            say("dropping what was there …")
            await connection.execute(_SQL["drop"])
        say(f"restoring {dump.name} …")
        arguments = ["--no-owner", "--exit-on-error", "--single-transaction", "--dbname="]
        await asyncio.to_thread(tools.run, "pg_restore", [*arguments, str(dump)], url)
        await _go_on(connection, dump, found)
    finally:
        await connection.close()


async def _go_on(connection: asyncpg.Connection[asyncpg.Record], dump: Path, found: Manifest) -> None:
    """What must be otherwise than it was when the backup was made."""
    async with connection.transaction():
        await connection.execute(_SQL["silence"], datetime.fromisoformat(found.made_at))
        await connection.fetchval(_SQL["advance_feed"])
        details = {"made_at": found.made_at, "sha256": found.sha256}
        await connection.execute(_SQL["note"], dump.name, json.dumps(details))
