"""Where one installation keeps its database files and its socket."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from flovify.cli.up.account import Account
from flovify.cli.up.binaries import system_home
from flovify.cli.up.errors import PostgresError
from flovify.cli.up.secrets import write_private

POINTER = "postgres-location"
SOCKET_FILE = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 107  # sun_path of unix(7) holds 108 bytes with the closing NUL


@dataclass(frozen=True)
class Places:
    """``home`` holds ``data`` (the cluster) and ``postgres.log``; ``socket`` is the socket's directory."""

    home: Path
    socket: Path
    notice: str | None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "postgres.log"

    def remove(self, data_dir: Path) -> None:
        """Deletes the database files. Only for a stopped cluster that nobody wants any more."""
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.socket, ignore_errors=True)
        (data_dir / POINTER).unlink(missing_ok=True)


def find_places(data_dir: Path, account: Account) -> Places:
    """The places of this data directory, made (mode 700, owned by ``account``) when they are not there yet."""
    home, notice = _home(data_dir, account)
    socket = _socket_directory(home)
    _private(socket, account)
    return Places(home, socket, notice)


def _home(data_dir: Path, account: Account) -> tuple[Path, str | None]:
    pointer = data_dir / POINTER
    if pointer.exists():
        return _pointed_home(pointer, account), None
    inside = data_dir / "postgres"
    if account.switch:
        # The account must pass through the data directory; it can neither list it nor read the secrets in it.
        os.chown(data_dir, -1, account.gid)
        data_dir.chmod(0o710)
    if account.can("x", data_dir):
        _private(inside, account)
        return inside, None
    if (inside / "data" / "PG_VERSION").exists():
        raise PostgresError(f"the account {account.name} can no longer reach {inside}: open a parent directory to it")
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]
    outside = system_home() / f"{digest}-{secrets.token_hex(4)}"
    _private(outside, account)
    write_private(pointer, f"{outside}\n")
    return outside, f"the account {account.name} cannot reach {data_dir}: the database is kept in {outside}"


def _pointed_home(pointer: Path, account: Account) -> Path:
    home = Path(pointer.read_text(encoding="utf-8").strip())
    if not (home.is_absolute() and home.is_dir()):
        raise PostgresError(
            f"{pointer} names {home}, which is gone: put the database back there, or delete {pointer.parent}"
        )
    _private(home, account)
    return home


def _socket_directory(home: Path) -> Path:
    beside = home / "run"
    if len(os.fsencode(beside / SOCKET_FILE)) <= SOCKET_PATH_LIMIT:
        return beside
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    if os.geteuid() == 0:
        return Path(f"/run/flovify-{digest}") if os.access("/run", os.W_OK) else Path(f"/tmp/flovify-0-{digest}")  # noqa: S108 (owner and mode are checked)
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if runtime and os.access(runtime, os.W_OK) and len(os.fsencode(runtime)) < 60:
        return Path(runtime, f"flovify-{digest}")
    return Path(f"/tmp/flovify-{os.geteuid()}-{digest}")  # noqa: S108 (owner and mode are checked)


def _private(path: Path, account: Account) -> None:
    """``path`` is a directory of the account with mode 700; anything else standing there is refused, not followed."""
    try:
        path.mkdir(mode=0o700)
        account.give(path)
    except FileExistsError:
        pass
    except OSError as error:
        raise PostgresError(f"{path} cannot be made: {error.strerror}") from None
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() != account.uid and not any(path.iterdir()):
        account.give(path)  # made by us, then killed before it was given away
        status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != account.uid:
        raise PostgresError(f"{path} is not a directory of the account {account.name}: remove it")
    if stat.S_IMODE(status.st_mode) != 0o700:
        path.chmod(0o700)
