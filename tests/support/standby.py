"""A synchronous standby of an embedded PostgreSQL, and the primary's sudden death."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg

from flovify.cli.up import processes, roles
from flovify.cli.up.account import choose_account
from flovify.cli.up.cluster import environment
from flovify.cli.up.postgres import EmbeddedPostgres
from tests.support.wait import until


@dataclass
class Pair:
    """Two servers, of which the first is the primary until it is killed."""

    primary: EmbeddedPostgres
    socket: Path  # the standby's

    def both(self, dsn: str) -> str:
        """The URL of whichever is the primary (PostgreSQL documentation, 32.1.1.3)."""
        parts = urlsplit(dsn)
        query = {
            "host": f"{parse_qs(parts.query)['host'][0]},{self.socket}",
            "port": "5432,5432",
            "target_session_attrs": "read-write",
        }
        return parts._replace(query=urlencode(query, safe="/,")).geturl()

    async def fail_over(self) -> None:
        """Kill the primary with all its processes, and make the standby one that waits for nobody."""
        pid = self.primary.pid
        assert pid is not None
        processes.send(pid, signal.SIGKILL)
        await until(lambda: not self.primary.running_pids(), what="the primary's end")
        there = self.both(self.primary.dsn(roles.SUPER, "postgres")).replace("read-write", "any")
        standby = await asyncpg.connect(there)
        await standby.execute("SELECT pg_promote()")
        await standby.execute("ALTER SYSTEM SET synchronous_standby_names = ''")
        await standby.execute("SELECT pg_reload_conf()")
        await standby.close()


@contextmanager
def standby_of(primary: EmbeddedPostgres) -> Iterator[Pair]:
    """A standby that each commit waits for. The caller starts and destroys the primary."""
    account = choose_account()[0]
    home = Path(tempfile.mkdtemp(prefix="flovify-standby-"))
    account.give(home)
    socket = home / "s"
    socket.mkdir(mode=0o700)
    account.give(socket)
    password = parse_dsn(primary.dsn(roles.SUPER, "postgres"))
    rules = primary.places.data / "pg_hba.conf"
    rules.write_text(f"local replication {roles.SUPER} scram-sha-256\n{rules.read_text()}")
    # The tests' servers are in haste by default: here each commit must be on both before it is acknowledged.
    for name in ("fsync", "synchronous_commit"):
        primary.query(roles.SUPER, f"ALTER SYSTEM SET {name} = on", database="postgres")
    primary.query(roles.SUPER, "SELECT pg_reload_conf()", database="postgres")
    given = {**environment(), "PGHOST": str(primary.places.socket), "PGUSER": roles.SUPER, "PGPASSWORD": password}
    copy = [str(primary.bin("pg_basebackup")), "-D", str(home / "data"), "-R", "-X", "stream", "-c", "fast"]
    subprocess.run(copy, check=True, env=given, cwd="/", **account.popen_arguments())  # type: ignore[call-overload]
    serve = [str(primary.bin("postgres")), "-D", str(home / "data"), "-c", f"unix_socket_directories={socket}"]
    log = (home / "log").open("wb")
    running = subprocess.Popen(  # type: ignore[call-overload]
        serve, env=environment(), cwd="/", stdout=log, stderr=log, **account.popen_arguments()
    )
    try:
        primary.query(roles.SUPER, "ALTER SYSTEM SET synchronous_standby_names = '*'", database="postgres")
        primary.query(roles.SUPER, "SELECT pg_reload_conf()", database="postgres")
        yield Pair(primary, socket)
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)
        log.close()
        shutil.rmtree(home)


def parse_dsn(dsn: str) -> str:
    """The password in a URL."""
    return str(urlsplit(dsn).password)
