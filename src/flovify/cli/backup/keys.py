"""The keys of a `flovify up`, kept in a file of their own: with a dump and this anybody reads all tokens."""

from __future__ import annotations

import json
from pathlib import Path

from flovify.cli.backup.manifest import BackupUnusable, Manifest
from flovify.cli.up.secrets import FILE_NAME, load, load_or_create, replace, write_private

# Passwords of the database's roles are each installation's own.
_OWN = "POSTGRES_"


def keep(data_dir: Path, file: Path) -> None:
    """Write the keys of a data directory, mode 600. Raises ConfigurationError."""
    kept = {name: value for name, value in load(data_dir).values.items() if not name.startswith(_OWN)}
    write_private(file, json.dumps(kept, indent=2) + "\n")


def put_back(data_dir: Path, file: Path, needed: Manifest) -> None:
    """Give a data directory these keys. Raises BackupUnusable for a file without the key that the backup needs."""
    from flovify.auth.vault.keyring import key_id  # noqa: PLC0415
    from flovify.common.settings import decode_key  # noqa: PLC0415

    try:
        kept = {str(name): str(value) for name, value in json.loads(file.read_text()).items()}
        mine = key_id(decode_key(kept["OAUTH_ENCRYPTION_KEY"], "OAUTH_ENCRYPTION_KEY"))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise BackupUnusable(f"{file} holds no keys of Flovify's ({type(error).__name__})") from None
    if needed.key_ids and mine not in needed.key_ids:
        raise BackupUnusable(
            f"{file} has the encryption key {mine}, the backup needs {', '.join(needed.key_ids)}: take the keys that "
            "were kept with it"
        )
    load_or_create(data_dir)
    replace(data_dir, kept)


def has_installation(data_dir: Path) -> bool:
    """Whether a `flovify up` was started there before."""
    return (data_dir / FILE_NAME).exists()
