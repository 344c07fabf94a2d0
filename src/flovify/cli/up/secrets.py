"""Secrets of one installation, made once and kept in ``<data_dir>/secrets.json`` (mode 600)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flovify.cli.up.errors import ConfigurationError

FILE_NAME = "secrets.json"
SETTINGS = ("OAUTH_ENCRYPTION_KEY", "SERVICE_SECRET", "MS365_CLIENT_STATE", "AUDIT_KEY")
POSTGRES_MARKS = ("postgres/data/PG_VERSION", "postgres-location")


def _token() -> str:
    return secrets.token_urlsafe(32)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


_MAKERS: dict[str, Callable[[], str]] = {
    "OAUTH_ENCRYPTION_KEY": _key,
    "SERVICE_SECRET": _token,
    "MS365_CLIENT_STATE": _token,
    "AUDIT_KEY": _token,
    "POSTGRES_PASSWORD_SUPER": _token,
    "POSTGRES_PASSWORD_OWNER": _token,
    "POSTGRES_PASSWORD_AUTH": _token,
    "POSTGRES_PASSWORD_API": _token,
    "SANDBOX_CLIENT_ID": lambda: str(uuid.uuid4()),
    "SANDBOX_CLIENT_SECRET": _token,
}

# Younger than the first data directories: where one is missing it is made, at the next start.
_ADDED_LATER = ("AUDIT_KEY",)


@dataclass(frozen=True, repr=False)
class Secrets:
    """The generated values by name. The representation never shows them."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self.values))})"

    def with_environment(self, environ: Mapping[str, str]) -> Secrets:
        """The same secrets, with those that are settings too taken from ``environ`` where set; nothing is written."""
        chosen = {name: environ[name] for name in SETTINGS if environ.get(name)}
        return Secrets({**self.values, **chosen})


def front_door_secret(service_secret: str) -> str:
    """By which auth and api know this installation's own front door; it tells nothing of what it is made from."""
    return hmac.new(service_secret.encode(), b"flovify front door", hashlib.sha256).hexdigest()


def prepare_data_dir(data_dir: Path) -> None:
    """Makes the directory (mode 700) or checks that it is ours and that nobody else may read or write it.

    Passing through (mode 710) is allowed: as root the database account needs it to reach its own files.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"FLOVIFY_DATA_DIR {data_dir} cannot be made: {error.strerror}") from None
    status = data_dir.stat()
    _refuse_foreign_owner(data_dir, status)
    if not stat.S_IMODE(status.st_mode) & 0o066:
        return
    if any(data_dir.iterdir()):
        raise ConfigurationError(f"{data_dir} can be read by others: run `chmod 700 {data_dir}`")
    # Empty: a directory made by hand or by a volume mount is usually 755, and nothing can have been read from it yet.
    data_dir.chmod(0o700)


def load_or_create(data_dir: Path) -> Secrets:
    """The secrets of this data directory; made and written at once when it is a new one. Call it with its lock held.

    Raises ConfigurationError when the file can be read by others, belongs to somebody else, is damaged, or is gone
    while a database made with it is still there: new keys would make that database unreadable.
    """
    prepare_data_dir(data_dir)
    path = data_dir / FILE_NAME
    if path.exists() or path.is_symlink():
        return _completed(path, _read(path))
    if any((data_dir / mark).exists() for mark in POSTGRES_MARKS):
        raise ConfigurationError(
            f"{path} is missing but its database is still in {data_dir}: put the file back from a backup, "
            "or move the data directory away to start with an empty installation"
        )
    return _written(path, Secrets({name: make() for name, make in _MAKERS.items()}))


def load(data_dir: Path) -> Secrets:
    """The secrets of a data directory that `flovify up` has prepared; nothing is written.

    For commands beside it, which hold no lock. Raises ConfigurationError as `load_or_create`, and for a value that only
    the next start makes.
    """
    prepare_data_dir(data_dir)
    found = _read(data_dir / FILE_NAME)
    missing = [name for name in _ADDED_LATER if name not in found.values]
    if missing:
        raise ConfigurationError(
            f"{data_dir / FILE_NAME} lacks {', '.join(missing)}, which this version's `flovify up` makes: start it once"
        )
    return found


def replace(data_dir: Path, values: Mapping[str, str]) -> None:
    """Put other values in the place of those there are; names that are no generated secret are left out.

    Call it with the lock held, before anything was started.
    """
    known = {name: value for name, value in values.items() if name in _MAKERS}
    _written(data_dir / FILE_NAME, Secrets({**load_or_create(data_dir).values, **known}))


def write_private(path: Path, text: str) -> None:
    """Writes ``text`` so that a reader sees the old file or the whole new one, mode 600 from the start."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read(path: Path) -> Secrets:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise ConfigurationError(f"{path} is not a regular file: put the real file there")
    _refuse_foreign_owner(path, status)
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise ConfigurationError(
            f"{path} can be read by others (mode {stat.S_IMODE(status.st_mode):03o}): run `chmod 600 {path}`, "
            "and renew the secrets if somebody may have read them"
        )
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise ConfigurationError(f"{path} is damaged (not JSON): put it back from a backup") from None
    found = {name: values[name] for name in _MAKERS if isinstance(values, dict) and isinstance(values.get(name), str)}
    missing = [name for name in _MAKERS if name not in found and name not in _ADDED_LATER]
    if missing:
        raise ConfigurationError(f"{path} lacks {', '.join(missing)}: put it back from a backup")
    return Secrets(found)


def _completed(path: Path, found: Secrets) -> Secrets:
    missing = {name: _MAKERS[name]() for name in _ADDED_LATER if name not in found.values}
    return _written(path, Secrets({**found.values, **missing})) if missing else found


def _written(path: Path, made: Secrets) -> Secrets:
    write_private(path, json.dumps(dict(made.values), indent=2) + "\n")
    return made


def _refuse_foreign_owner(path: Path, status: os.stat_result) -> None:
    if status.st_uid != os.geteuid():
        raise ConfigurationError(
            f"{path} belongs to user id {status.st_uid}, flovify runs as {os.geteuid()}: start it as that user, "
            "or set FLOVIFY_DATA_DIR to a directory of your own"
        )
