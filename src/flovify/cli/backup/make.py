"""From a running installation to a dump with its manifest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from flovify import __version__
from flovify.cli.backup import manifest, tools
from flovify.cli.backup.manifest import Manifest
from flovify.common.db import load_queries

SCHEMAS = ("auth", "api")
_PREFIX = "flovify-"
_SQL = load_queries("flovify.cli.backup")


@dataclass(frozen=True)
class Made:
    """A backup: its file, and what stands beside it."""

    dump: Path
    manifest: Manifest


def back_up(url: str, folder: Path, say: Callable[[str], None]) -> Made:
    """Dump both schemas as they are at one moment, while everything runs. `url` is the owner's.

    Under its name there is only ever a whole dump, with mode 600. Raises PostgresError, asyncpg's errors, and OSError
    for a folder that cannot be written.
    """
    facts = asyncio.run(_look(url))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made_at: datetime = facts["made_at"]
    dump = folder.resolve() / f"{_PREFIX}{made_at:%Y%m%dT%H%M%S}{made_at.microsecond // 1000:03d}Z.dump"
    say(f"dumping the schemas {' and '.join(SCHEMAS)} …")
    part = _dump(url, dump)
    described = Manifest(
        **{**facts, "made_at": made_at.isoformat()},
        flovify=__version__,
        bytes=part.stat().st_size,
        sha256=manifest.checksum(part),
    )
    manifest.write(dump, described)
    part.replace(dump)
    return Made(dump, described)


async def _look(url: str) -> dict[str, Any]:
    """What the database says of itself, before the dump: it may hold a little more, never less."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        version = connection.get_server_version()
        return {
            "made_at": (await connection.fetchval("SELECT clock_timestamp()")).astimezone(UTC),
            "postgres": f"{version.major}.{version.minor}",
            "schemas": {row["schema_name"]: row["last"] for row in await connection.fetch(_SQL["schemas"])},
            "key_ids": [row["key_id"] for row in await connection.fetch(_SQL["key_ids"])],
        }
    finally:
        await connection.close()


def _dump(url: str, dump: Path) -> Path:
    part = dump.with_suffix(".part")
    part.touch(mode=0o600)
    arguments = ["--format=custom", "--no-owner", *(f"--schema={name}" for name in SCHEMAS), f"--file={part}"]
    try:
        tools.run("pg_dump", arguments, url)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def delete_all_but(folder: Path, count: int) -> list[Path]:
    """Delete older backups of this folder with their manifests; what was deleted, the oldest first."""
    old = sorted(folder.glob(f"{_PREFIX}*.dump"))[:-count]
    for dump in old:
        dump.unlink()
        dump.with_suffix(".json").unlink(missing_ok=True)
    return old
