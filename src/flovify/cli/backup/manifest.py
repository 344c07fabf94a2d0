"""What stands beside a dump: enough to know whether it is whole, and whether this version can use it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from flovify.common.errors import FlovifyError

FORMAT = 1


class BackupUnusable(FlovifyError):
    """A dump cannot be restored; the text says why and what to do."""

    code = "backup_unusable"


@dataclass(frozen=True)
class Manifest:
    """`schemas`: the last migration of each. `key_ids`: the encryption keys without which its tokens stay shut."""

    made_at: str
    flovify: str
    postgres: str
    schemas: dict[str, int]
    key_ids: list[str]
    bytes: int
    sha256: str
    format: int = FORMAT


def write(dump: Path, manifest: Manifest) -> Path:
    """Beside the dump, under its name."""
    path = _beside(dump)
    path.write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    return path


def read(dump: Path) -> Manifest:
    """The manifest of a dump that is as it was written. Raises BackupUnusable otherwise."""
    try:
        found = Manifest(**json.loads(_beside(dump).read_text()))
    except FileNotFoundError:
        raise BackupUnusable(f"{_beside(dump)} is missing: it belongs to the dump, copy both") from None
    except (ValueError, TypeError, OSError) as error:
        raise BackupUnusable(f"{_beside(dump)} cannot be read ({type(error).__name__})") from None
    if not dump.is_file():
        raise BackupUnusable(f"there is no file {dump}")
    if found.format != FORMAT:
        raise BackupUnusable(
            f"this backup has format {found.format}, made by Flovify {found.flovify}; use that version"
        )
    if (dump.stat().st_size, checksum(dump)) != (found.bytes, found.sha256):
        raise BackupUnusable(f"{dump} is not what was written: it was cut off or changed, take another copy")
    return found


def checksum(path: Path) -> str:
    """SHA-256 in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _beside(dump: Path) -> Path:
    return dump.with_suffix(".json")
