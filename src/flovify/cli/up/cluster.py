"""Making a database cluster and writing its configuration files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from flovify.cli.up.account import Account
from flovify.cli.up.errors import PostgresError
from flovify.cli.up.roles import ALL, SUPER

# Client errors repeat bound values ("invalid input syntax … SECRET", "Key (email)=(…) already exists"), so errors of
# statements, their text and their parameters stay out of the log: log_min_messages=log keeps LOG, FATAL and PANIC.
_SETTINGS = """\
# Written by flovify at every start. Put your own settings into local.conf beside this file.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 200
password_encryption = 'scram-sha-256'
shared_buffers = '128MB'
effective_cache_size = '512MB'
maintenance_work_mem = '64MB'
max_wal_size = '1GB'
min_wal_size = '80MB'
jit = off
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = off
log_destination = 'stderr'
log_line_prefix = '%m [%p] '
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_statement = 'none'
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
include_if_exists = 'local.conf'
"""


def environment() -> dict[str, str]:
    """What PostgreSQL's programs are given: nothing of ours, so no setting and no secret leaks into the server."""
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def create(bin_dir: Path, data: Path, account: Account, superuser_password: str) -> None:
    """Makes the cluster: UTF-8, built-in C.UTF-8 locale, checksums, passwords everywhere.

    It is built beside its place and renamed at the end, so a crash in between leaves nothing that looks finished.
    """
    half = data.with_name("data.initdb")
    shutil.rmtree(half, ignore_errors=True)
    password_file = data.with_name("initdb-password")
    password_file.unlink(missing_ok=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(superuser_password)
        account.give(password_file)
        _run_initdb(bin_dir, half, account, password_file)
    finally:
        password_file.unlink(missing_ok=True)
    half.rename(data)


def _run_initdb(bin_dir: Path, target: Path, account: Account, password_file: Path) -> None:
    arguments = [
        str(bin_dir / "initdb"),
        f"--pgdata={target}",
        f"--username={SUPER}",
        f"--pwfile={password_file}",
        "--auth-local=scram-sha-256",
        "--auth-host=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--data-checksums",
        "--no-instructions",
    ]
    done = subprocess.run(  # type: ignore[call-overload]  # noqa: S603 (our own program)
        arguments,
        cwd="/",
        env=environment(),
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **account.popen_arguments(),
    )
    if done.returncode != 0:
        shutil.rmtree(target, ignore_errors=True)
        last = done.stdout.strip().splitlines()[-1:] or ["no output"]
        raise PostgresError(f"initdb could not make the database in {target.parent}: {last[0]}")


def configure(data: Path, socket: Path, account: Account) -> None:
    """Writes postgresql.conf and pg_hba.conf: our roles with a password over the socket, everything else rejected."""
    rules = [f"local all {role} scram-sha-256" for role in ALL]
    rules += ["local all all reject", "host all all all reject", "local replication all reject"]
    _write(data / "pg_hba.conf", "\n".join(rules) + "\n", account)
    _write(data / "postgresql.conf", _SETTINGS.format(socket=str(socket).replace("'", "''")), account)


def check_version(data: Path, release: str) -> None:
    """Refuses a cluster of another major release, naming both."""
    made_with = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_with != release.split(".", maxsplit=1)[0]:
        raise PostgresError(
            f"the database in {data} was made by PostgreSQL {made_with}, this flovify brings {release}: "
            "export it with the flovify it was made with"
        )


def _write(path: Path, text: str, account: Account) -> None:
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    account.give(temporary)
    temporary.replace(path)
