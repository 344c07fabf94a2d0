"""A PostgreSQL of our own in a data directory: made, started, stopped and found again after any crash."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

from flovify.cli.up import binaries, cluster, processes, roles
from flovify.cli.up.account import choose_account
from flovify.cli.up.errors import PostgresError
from flovify.cli.up.places import SOCKET_FILE, Places, find_places
from flovify.cli.up.secrets import POSTGRES_MARKS, load, load_or_create

START_SECONDS = 60.0  # without a sign of life; crash recovery may take as long as it needs
STOP_SECONDS = 30.0
REPORT_SECONDS = 5.0
_POLL_SECONDS = 0.05
_LOG_KEEP_BYTES = 20 * 2**20

_SECRET_NAMES = {
    roles.SUPER: "POSTGRES_PASSWORD_SUPER",
    roles.OWNER: "POSTGRES_PASSWORD_OWNER",
    "flovify_auth": "POSTGRES_PASSWORD_AUTH",
    "flovify_api": "POSTGRES_PASSWORD_API",
}


class EmbeddedPostgres:
    """One cluster under ``data_dir``, reachable only over a unix socket and only with a password.

    Synchronous: call it from a thread inside asyncio code. ``start`` may be called from any process at any time; it
    first ends a server of this data directory whose starter is gone. Objects are not shared between threads, except
    that ``interrupt`` may be called from another one.

    Roles: ``flovify_super`` (superuser), ``flovify_owner`` (owns the database ``flovify``, runs migrations),
    ``flovify_auth`` and ``flovify_api`` (the services). ``report`` is given one-line progress messages.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        passwords: Mapping[str, str] | None = None,
        report: Callable[[str], None] | None = None,
    ) -> None:
        self.data_dir = Path(os.path.abspath(data_dir))  # noqa: PTH100 (a link must stay a link, see resolve)
        self._report = report or (lambda _line: None)
        self._given_passwords = passwords
        self._passwords: Mapping[str, str] = {}
        self._places: Places | None = None
        self._bin: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = threading.Event()

    def start(self) -> EmbeddedPostgres:
        """Makes the cluster if needed and returns once the owner can connect and ``select 1`` answers.

        Raises PostgresError (one line, with the end of the server's log) or ConfigurationError (secrets file).
        """
        self._prepare()
        self._end_predecessor()
        self._launch_until_ready()
        try:
            self.ensure_roles()
            self.query(roles.OWNER, "select 1")
        except PostgresError:
            self.stop()
            raise
        return self

    def _prepare(self) -> None:
        self._passwords = self._given_passwords or self._generated_passwords()
        account, notice = choose_account()
        self._account = account
        self._bin, copied = binaries.bin_for(account)
        self._places = find_places(self.data_dir, account)
        for line in (notice, copied, self._places.notice):
            if line:
                self._report(line)
        if not (self._places.data / "PG_VERSION").exists():
            self._report("making the database")
            cluster.create(self._bin, self._places.data, account, self._passwords[roles.SUPER])
        cluster.check_version(self._places.data, binaries.version(self._bin))
        cluster.configure(self._places.data, self._places.socket, account)

    def _generated_passwords(self) -> Mapping[str, str]:
        secrets = load_or_create(self.data_dir)
        return {role: secrets[name] for role, name in _SECRET_NAMES.items()}

    def _end_predecessor(self) -> None:
        """Ends what still runs in this data directory and removes the lock files of a dead server.

        A server left by a killed supervisor is stopped, not adopted: nobody would be told when it dies, and its
        settings may be older than this program.
        """
        if self.running_pids():
            self._report("stopping the PostgreSQL that a killed flovify left behind")
            self._end_all(self.running_pids())
        if self._process is not None:
            self._process.wait()
        # With no process left these say nothing true; a reused process id in them would make PostgreSQL refuse.
        for stale in (self.places.data / "postmaster.pid", self.places.socket / f"{SOCKET_FILE}.lock"):
            stale.unlink(missing_ok=True)
        (self.places.socket / SOCKET_FILE).unlink(missing_ok=True)

    def _launch_until_ready(self) -> None:
        """A server that dies at once because a killed one's last children still hold shared memory is tried again."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            self._launch()
            if self._became_ready():
                return
            reason = self._log_end()
            if "shared memory block" not in reason or time.monotonic() > deadline:
                raise PostgresError(f"PostgreSQL did not start: {reason} (whole log: {self.places.log})")
            self._end_all(self.running_pids())

    def _launch(self) -> None:
        places = self.places
        self._rotate_log()
        self._log_start = places.log.stat().st_size if places.log.exists() else 0
        descriptor = os.open(places.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        try:
            self._process = subprocess.Popen(  # type: ignore[call-overload]  # noqa: S603 (our own program)
                [str(self.bin("postgres")), "-D", str(places.data)],
                cwd="/",
                env=cluster.environment(),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                start_new_session=True,
                **self._account.popen_arguments(),
            )
        finally:
            os.close(descriptor)

    def _became_ready(self) -> bool:
        """Waits for a real answer. False when the server ended; raises when it lives but never answers."""
        process = self._own_process()
        patience = time.monotonic() + START_SECONDS
        next_report = time.monotonic() + REPORT_SECONDS
        while process.poll() is None:
            if self._cancelled.is_set():
                self.stop()
                raise PostgresError("the start of PostgreSQL was interrupted")
            state = self._state()
            if state == "ready" and self._answers():
                return True
            now = time.monotonic()
            if state == "starting":
                patience = now + START_SECONDS  # it replays its log; giving up would only make it begin again
            if now > patience:
                reason = self._log_end()
                self.stop()
                raise PostgresError(f"PostgreSQL does not answer after {START_SECONDS:.0f} s: {reason}")
            if now > next_report:
                next_report = now + REPORT_SECONDS
                self._report(f"PostgreSQL is still starting: {self._log_end()}")
            self._cancelled.wait(_POLL_SECONDS)
        return False

    def _state(self) -> str:
        """What our server says of itself in line 8 of postmaster.pid (PostgreSQL source, pidfile.h), such as ready."""
        try:
            lines = (self.places.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        return lines[7].strip() if len(lines) >= 8 and lines[0] == str(self._own_process().pid) else ""

    def _answers(self) -> bool:
        try:
            return self.query(roles.SUPER, "select 1", database="postgres") == "1"
        except PostgresError as error:
            if "password authentication failed" in str(error):
                self.stop()
                raise PostgresError(
                    f"the database in {self.places.data} was made with other secrets than those in {self.data_dir}: "
                    "put the right secrets.json back"
                ) from None
            return False

    def ensure_roles(self) -> None:
        """The database and the roles exist with today's passwords and rights; safe at any time."""
        others = {role: self._passwords[role] for role in roles.ALL if role != roles.SUPER}
        self.query(roles.SUPER, roles.role_statements(others, superuser=True), database="postgres")
        exists = f"select 1 from pg_database where datname = '{roles.DATABASE}'"  # noqa: S608 (a constant)
        if self.query(roles.SUPER, exists, database="postgres") != "1":
            create = f"create database {roles.DATABASE} owner {roles.OWNER}"
            self.query(roles.SUPER, create, database="postgres")
        self.query(roles.SUPER, roles.database_grants(), database="postgres")

    def stop(self) -> None:
        """Ends the server: fast shutdown, then harder, until no process of this cluster is left. Safe to repeat."""
        if self._places is None:
            return
        self._end_all(self.running_pids())
        if self._process is not None:
            self._process.wait()
            self._process = None

    def destroy(self) -> None:
        """Stops the server and deletes its database files; for tests and benchmarks."""
        self.stop()
        if self._places is not None:
            self._places.remove(self.data_dir)

    def interrupt(self) -> None:
        """Makes a `start` that waits in another thread give up soon with PostgresError; this object is then spent."""
        self._cancelled.set()

    def ask_to_stop(self) -> None:
        """Asks the server for a fast shutdown without waiting for it."""
        if self._process is not None and self._process.poll() is None:
            processes.send(self._process.pid, signal.SIGINT)

    @property
    def pid(self) -> int | None:
        """The postmaster that this object started."""
        return self._process.pid if self._process is not None else None

    def wait(self, seconds: float | None = None) -> int | None:
        """Waits until the server that this object started has ended; None when it still runs after ``seconds``."""
        if self._process is None:
            return 0
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def _end_all(self, pids: list[int]) -> None:
        """Fast shutdown of the postmaster, then immediate shutdown, then SIGKILL (committed data is safe)."""
        for number, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            # To a backend SIGINT means "cancel the query": only the postmaster (or what outlived it) is asked to go.
            for pid in self._to_signal(pids, number):
                processes.send(pid, number)
            deadline = time.monotonic() + (seconds if self._postmasters(pids) else 2.0)
            if all([processes.wait_gone(pid, deadline - time.monotonic()) for pid in pids]):  # noqa: C419 (all waits)
                pids = self.running_pids()
                if not pids:
                    return
        raise PostgresError(f"the PostgreSQL processes {pids} of {self.places.data} cannot be ended")

    def _to_signal(self, pids: list[int], number: signal.Signals) -> list[int]:
        return pids if number is signal.SIGKILL else (self._postmasters(pids) or pids)

    def _postmasters(self, pids: list[int]) -> list[int]:
        return [pid for pid in pids if "-D" in processes.command_line(pid)]

    def running_pids(self) -> list[int]:
        """Every live process of this cluster, children of a killed postmaster included.

        PostgreSQL's processes all work in their data directory, so neither the pid file (it may be stale, half
        written, or name a foreign process) nor the process title has to be believed.
        """
        data = self.places.data
        real = data.resolve()
        found = []
        for pid in processes.all_pids():
            if not processes.executable(pid).endswith("/postgres"):
                continue
            if processes.working_directory(pid) == real or str(data) in processes.command_line(pid):
                found.append(pid)
        return found

    def dsn(self, role: str, database: str = roles.DATABASE) -> str:
        """A URL for asyncpg and libpq: ``postgresql://role:password@/database?host=<socket directory>``."""
        return socket_url(self.places.socket, role, self._passwords[role], database)

    def bin(self, name: str) -> Path:
        """The path of a program that came with the server, such as ``psql``, ``pg_dump`` or ``pgbench``."""
        if self._bin is None:
            raise PostgresError("the database was not started")
        return self._bin / name

    @property
    def places(self) -> Places:
        if self._places is None:
            raise PostgresError("the database was not started")
        return self._places

    def query(self, role: str, sql: str, *, database: str = roles.DATABASE) -> str:
        """Runs ``sql`` through psql and returns its plain output, stopping at the first error (PostgresError)."""
        arguments = [str(self.bin("psql")), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"]
        where = {"PGHOST": str(self.places.socket), "PGUSER": role, "PGDATABASE": database, "PGCONNECT_TIMEOUT": "10"}
        done = subprocess.run(  # noqa: S603 (our own program)
            arguments,
            cwd="/",
            env={**cluster.environment(), **where, "PGPASSWORD": self._passwords[role]},
            input=sql,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-1:] or ["no message"]
            raise PostgresError(f"PostgreSQL refused: {last[0]}")
        return done.stdout.strip()

    def _own_process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise PostgresError("the database was not started")
        return self._process

    def _rotate_log(self) -> None:
        log = self.places.log
        with contextlib.suppress(FileNotFoundError):
            if log.stat().st_size > _LOG_KEEP_BYTES:
                log.replace(log.with_suffix(".log.1"))

    def _log_end(self) -> str:
        """The last telling line of this start's log."""
        try:
            with self.places.log.open("rb") as file:
                file.seek(self._log_start)
                lines = file.read()[-8192:].decode(errors="replace").splitlines()
        except OSError:
            return "no log"
        telling = [line for line in lines if "FATAL" in line or "PANIC" in line] or lines
        return telling[-1] if telling else "no log yet"


def socket_url(socket: Path, role: str, password: str, database: str) -> str:
    """The URL of a role's connection over a unix socket."""
    query = urlencode({"host": str(socket), "port": "5432"}, quote_via=quote, safe="/")
    return f"postgresql://{role}:{quote(password, safe='')}@/{quote(database, safe='')}?{query}"


def database_url(data_dir: Path, role: str, database: str = roles.DATABASE) -> str | None:
    """The URL of a role in the embedded database of ``data_dir``; None when there is none, or one not yet made.

    For other commands of the account that runs `flovify up`. Says nothing about whether the server runs. Raises
    ConfigurationError when the secrets cannot be used.
    """
    data_dir = data_dir.resolve()
    if not any((data_dir / mark).exists() for mark in POSTGRES_MARKS):
        return None
    password = load(data_dir)[_SECRET_NAMES[role]]
    places = find_places(data_dir, choose_account()[0])
    return socket_url(places.socket, role, password, database)
