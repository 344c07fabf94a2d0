"""What a benchmark stands on: a PostgreSQL of its own, migrated, with subscriptions, and real processes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from flovify.api.subscriptions import client_state
from flovify.cli.bench.cpu import process_seconds
from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.common import migrations
from flovify.common.errors import FlovifyError

SERVICE_SECRET = "bench-only-service-secret-0123456789"  # noqa: S105 - protects a throw-away database on this machine
STATE_KEY = "bench-only-client-state-key-0123456789"
AUDIT_KEY = "bench-only-audit-key-0123456789"
START_SECONDS = 120.0


@dataclass(frozen=True)
class Subscription:
    """One subscribed mailbox with its notification secret in clear, as only Microsoft would know it."""

    row_id: uuid.UUID
    tenant_id: uuid.UUID
    subscription_id: str
    secret: str


@dataclass
class Ground:
    """The database, a folder, and the processes by name."""

    postgres: EmbeddedPostgres
    folder: Path
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def owner_dsn(self) -> str:
        return self.postgres.dsn("flovify_owner")

    def start(
        self, command: Sequence[str], env: Mapping[str, str], ready_url: str, name: str
    ) -> subprocess.Popen[bytes]:
        """Start a process and wait until `ready_url` answers 200. Raises FlovifyError with the end of its log.

        `name` is its log's and the report's; one that has ended may be started again under its name.
        """
        path = self.folder / name
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with path.open("ab") as sink:
            process = subprocess.Popen([*command], env={**inherited, **env}, stdout=sink, stderr=sink)  # noqa: S603
        self.processes[name] = process
        deadline, pause = time.monotonic() + START_SECONDS, threading.Event()
        while not _answers(ready_url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise FlovifyError(f"{name} did not start: {path.read_text(errors='replace')[-800:]}")
            pause.wait(0.05)  # the process has no way to tell us
        return process

    def cpu_seconds(self) -> dict[str, float]:
        """CPU used so far by each process and by the database's together."""
        used = {name: process_seconds(process.pid) for name, process in self.processes.items()}
        database = sum(process_seconds(pid) for pid in self.postgres.running_pids())
        return {**used, "postgres": database}

    def service(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "flovify", *args]

    def api_environment(self, **more: str) -> dict[str, str]:
        """The variables that api and worker share."""
        return {
            "DATABASE_URL": self.postgres.dsn("flovify_api"),
            "SERVICE_SECRET": SERVICE_SECRET,
            "MS365_CLIENT_STATE": STATE_KEY,
            "AUDIT_KEY": AUDIT_KEY,
            "MS365_WEBHOOK_URL": "http://localhost/api/ms365/webhook",
            "FLOVIFY_LOG_LEVEL": "info",
            **more,
        }


@contextmanager
def prepared_ground() -> Iterator[Ground]:
    """A migrated, empty installation in a temporary folder; everything is removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="flovify-bench-"))
    ground = Ground(EmbeddedPostgres(folder / "data"), folder)
    try:
        ground.postgres.start()
        yield ground
    finally:
        for process in reversed(ground.processes.values()):
            process.terminate()
            process.wait(30)
        ground.postgres.stop()
        shutil.rmtree(ground.postgres.places.data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


async def migrate(ground: Ground) -> None:
    """Bring the fresh database up to date."""
    await migrations.apply(ground.owner_dsn)


async def add_subscriptions(ground: Ground, count: int) -> list[Subscription]:
    """Active subscriptions of as many mailboxes."""
    made, key_id = [], client_state.key_id(STATE_KEY)
    for _ in range(count):
        row_id = uuid.uuid4()
        made.append(Subscription(row_id, uuid.uuid4(), str(uuid.uuid4()), client_state.make(row_id)))
    connection = await asyncpg.connect(ground.owner_dsn)
    try:
        await connection.executemany(
            """INSERT INTO api.webhook_subscriptions
                      (id, tenant_id, provider, subscription_id, resource, change_types, expires_at, status,
                       client_state_hash, client_state_key_id)
               VALUES ($1, $2, 'ms365', $3, 'users/x/messages', '{created}', now() + interval '6 days', 'active',
                       $4, $5)""",
            [
                (one.row_id, one.tenant_id, one.subscription_id, client_state.digest(one.secret, STATE_KEY), key_id)
                for one in made
            ],
        )
    finally:
        await connection.close()
    return made


def free_port() -> int:
    """A TCP port on loopback that nobody listens on at this moment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own process
            return bool(answer.status == 200)
    except OSError:
        return False
