"""One installation from nothing to ready, and down again in reverse order."""

from __future__ import annotations

import asyncio

import asyncpg

from flovify.cli.up import lock, ports, roles
from flovify.cli.up.database import Connections, prepare_user_database
from flovify.cli.up.errors import StartError
from flovify.cli.up.forked import Nursery
from flovify.cli.up.kept_postgres import KeptPostgres
from flovify.cli.up.output import Printer
from flovify.cli.up.plan import Plan
from flovify.cli.up.postgres import EmbeddedPostgres
from flovify.cli.up.supervisor import Supervisor
from flovify.common import migrations
from flovify.common.errors import FlovifyError


class Installation:
    """`start` returns when every process answered; `stop` may be called at any time, also after a failed start."""

    def __init__(self, plan: Plan, printer: Printer) -> None:
        self.plan = plan
        self._printer = printer
        self._postgres: KeptPostgres | None = None
        self._nursery = Nursery(plan.surroundings())
        self._supervisor = Supervisor(self._nursery, printer)
        self.connections: Connections | None = None

    async def start(self) -> None:
        """Raises UpError, one line, when anything on the way fails."""
        self.plan.check()
        left = await asyncio.to_thread(lock.end_stale_children, self.plan.data_dir)
        if left:
            self._printer.progress(f"ended {left} processes of a killed flovify")
        self._nursery.begin()  # it loads while the database starts
        ports.require_free(self.plan.wanted_ports())
        self.connections = await self._database()
        await self._migrate(self.connections)
        await self._start_children(self.connections)

    async def _database(self) -> Connections:
        url = self.plan.settings.get("DATABASE_URL")
        if url:
            found = await prepare_user_database(url, self.plan.settings, self.plan.secrets)
            self._printer.progress("PostgreSQL of DATABASE_URL answers")
            return found
        self._printer.progress("PostgreSQL …")
        embedded = EmbeddedPostgres(self.plan.data_dir, report=self._printer.progress)
        self._postgres = KeptPostgres(embedded, self._printer)
        await self._postgres.start()
        self._printer.progress("PostgreSQL answers")
        return Connections(*(embedded.dsn(role) for role in (roles.OWNER, *roles.SERVICES)))

    async def _migrate(self, connections: Connections) -> None:
        try:
            done = await migrations.apply(connections.owner)
        except FlovifyError as error:
            raise StartError(error.detail) from None
        except (OSError, TimeoutError, asyncpg.PostgresError) as error:
            raise StartError(f"the migrations could not run ({type(error).__name__}): {error}") from None
        self._printer.progress(f"migrations: {len(done)} applied" if done else "migrations: up to date")

    async def _start_children(self, connections: Connections) -> None:
        for spec in self.plan.children(connections):
            self._printer.progress(f"starting {spec.name} …")
            self._supervisor.add(spec)
        waits = [asyncio.create_task(self._ready(name)) for name in self.plan.names]
        try:
            await asyncio.gather(*waits)
        finally:
            for wait in waits:
                wait.cancel()

    async def _ready(self, name: str) -> None:
        await self._supervisor.wait_ready(name)
        self._printer.progress(f"{name} is ready")

    async def stop(self) -> None:
        """Every process ends what it has begun: front door first, database last."""
        await self._supervisor.stop()
        if self._postgres is not None:
            await self._postgres.stop()

    def kill(self) -> None:
        """Ends everything at once; the database still shuts down in order, unattended."""
        self._supervisor.kill()
        if self._postgres is not None:
            self._postgres.kill()
