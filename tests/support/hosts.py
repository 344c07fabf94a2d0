"""Machines as far as one machine can be several: a network of its own for each, and the processes in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from flovify.cli.up import processes as system
from flovify.cli.up import roles
from flovify.cli.up.postgres import EmbeddedPostgres
from tests.support.networks import Place
from tests.support.postgres import Cluster, Database, open_folder
from tests.support.processes import Process, base_environment, start

_POSTGRES_PORT = 5432
_DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}


class Host:
    """One machine: it can lose its cable, and it can die with all that runs on it."""

    def __init__(self, name: str, place: Place) -> None:
        self.name = name
        self.running: dict[str, Process] = {}
        self._place = place
        self.cut_off, self.join_again = place.cut_off, place.join_again

    @property
    def address(self) -> str:
        return self._place.address

    def start(self, name: str, args: list[str], env: Mapping[str, str]) -> Process:
        """`flovify <args>`, or any program whose first word has a slash, without waiting for it."""
        words = args if "/" in args[0] else [sys.executable, "-m", "flovify", *args]
        self.running[name] = start([*self._place.within, *words], env)
        return self.running[name]

    def ask(self, *words: str, content: str = "") -> str:
        """What a command prints there, as for somebody who sits at the machine. It has twenty seconds."""
        done = subprocess.run(
            [*self._place.within, *words],
            input=content, env=base_environment(), capture_output=True, text=True, check=False, timeout=20,
        )  # fmt: skip
        assert done.returncode == 0, f"{' '.join(words)} on {self.name}: {done.returncode} {done.stderr}"
        return done.stdout

    def die(self) -> None:
        """All of it at once, and nobody is told: without a cable the kernel cannot say goodbye for the processes."""
        self.cut_off()
        self.close()

    def close(self) -> None:
        """End what runs there, at once."""
        pids = self._place.pids()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert all(system.wait_gone(pid, 10) for pid in pids), f"something on {self.name} does not end"
        for process in self.running.values():
            process.kill9()

    @contextlib.contextmanager
    def postgres(self) -> Iterator[Cluster]:
        """A server on this machine, durable as at a customer's. Its socket is a file, which the tests go on using."""
        outer = open_folder()
        cluster = Cluster(outer / "data")
        try:
            cluster.start()
            self._move_here(cluster.postgres)
            yield cluster
        finally:
            cluster.stop()
            shutil.rmtree(outer)

    def _move_here(self, server: EmbeddedPostgres) -> None:
        for name, value in {**_DURABLE, "listen_addresses": self.address}.items():
            server.query(roles.SUPER, f"ALTER SYSTEM SET {name} = '{value}'", database="postgres")
        server.stop()
        with self._place.entered():
            server.start()
        rules = server.places.data / "pg_hba.conf"
        rules.write_text(f"host all all {self.address}/24 scram-sha-256\n{rules.read_text()}")
        server.query(roles.SUPER, "SELECT pg_reload_conf()", database="postgres")

    def reached(self, database: Database) -> Database:
        """The database as other machines reach it; the owner stays with the socket."""
        return replace(database, auth_dsn=self._dsn(database.auth_dsn), api_dsn=self._dsn(database.api_dsn))

    def _dsn(self, dsn: str) -> str:
        parts = urlsplit(dsn)
        login = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{login}@{self.address}:{_POSTGRES_PORT}", query="").geturl()


@contextlib.contextmanager
def hosts(places: list[Place], *names: str) -> Iterator[dict[str, Host]]:
    """One for each name, and at the end nothing runs on any of them."""
    made = {name: Host(name, place) for name, place in zip(names, places, strict=True)}
    try:
        yield made
    finally:
        for host in made.values():
            host.close()
