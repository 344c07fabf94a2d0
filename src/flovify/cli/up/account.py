"""Which unprivileged account PostgreSQL runs as, and what that account can reach.

PostgreSQL refuses to run as root. Started by an ordinary user it simply runs as that user.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from flovify.cli.up.errors import PostgresError

CREATED_NAME = "flovify-postgres"
_USABLE = (CREATED_NAME, "postgres")
_LAST_RESORT = "nobody"


@dataclass(frozen=True)
class Account:
    """``switch`` says that processes must change to ``uid`` and ``gid`` because we are root."""

    name: str
    uid: int
    gid: int
    switch: bool

    def popen_arguments(self) -> dict[str, object]:
        """Arguments for subprocess that make the child run as this account, with no group of ours left."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Makes the account the owner of ``path`` (which must be ours to give)."""
        if self.switch:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def can(self, test: str, path: Path) -> bool:
        """Whether the account passes ``test -<test> path`` (d, x, w, r), every parent directory included."""
        if not self.switch:
            flag = {"d": os.X_OK, "x": os.X_OK, "w": os.W_OK, "r": os.R_OK}[test]
            return os.access(path, flag)
        arguments = ["/bin/sh", "-c", f'test -{test} "$1"', "sh", str(path)]
        done = subprocess.run(  # noqa: S603 (fixed command, the path is one argument)
            arguments, cwd="/", env={}, check=False, user=self.uid, group=self.gid, extra_groups=[]
        )
        return done.returncode == 0


def choose_account() -> tuple[Account, str | None]:
    """The account for PostgreSQL and, when we are root, a line that says which one and why.

    As root: an existing ``flovify-postgres`` or ``postgres``, else a new system account, else ``nobody``.
    """
    if os.geteuid() != 0:
        return Account(_own_name(), os.geteuid(), os.getegid(), switch=False), None
    for name in _USABLE:
        found = _lookup(name)
        if found:
            return found, f"running as root: PostgreSQL runs as the account `{name}`"
    created = _create()
    if created:
        return created, f"running as root: made the system account `{CREATED_NAME}` for PostgreSQL"
    found = _lookup(_LAST_RESORT)
    if found:
        return found, f"running as root: PostgreSQL runs as `{_LAST_RESORT}`; an account of its own would be better"
    raise PostgresError(
        "PostgreSQL refuses to run as root and no other account could be found or made: "
        "start flovify as an ordinary user, or set DATABASE_URL"
    )


def _own_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise PostgresError(
            f"PostgreSQL needs an account name but user id {os.geteuid()} has no entry in /etc/passwd: "
            "add one for it, or set DATABASE_URL"
        ) from None


def _lookup(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid, switch=True) if entry.pw_uid != 0 else None


def _create() -> Account | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    arguments = [useradd, "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin"]
    subprocess.run(  # noqa: S603 (fixed command)
        [*arguments, "--user-group", CREATED_NAME], check=False, stdin=subprocess.DEVNULL, capture_output=True
    )
    return _lookup(CREATED_NAME)
