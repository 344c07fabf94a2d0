"""`/auth/system`: the state of auth, as the console's page System shows it."""

from __future__ import annotations

import time

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from flovify import __version__
from flovify.auth.apps.service import AppService
from flovify.auth.settings import AuthSettings
from flovify.common.clock import Clock
from flovify.common.db import Pool, load_queries
from flovify.common.jwt import RequireRole
from flovify.common.setting_sources import shown_settings
from flovify.common.system_shapes import DatabaseState, PeriodicTaskOut, Setting


class AuthSystem(BaseModel):
    """`registrations_expiring`: app registrations whose credentials end soon, have ended, or are missing."""

    version: str
    schema_version: str
    database: DatabaseState
    settings: list[Setting]
    periodic_tasks: list[PeriodicTaskOut]
    registrations_expiring: int


class SystemReader:
    """The only caller of system/queries.sql."""

    def __init__(self, pool: Pool, settings: AuthSettings, apps: AppService, clock: Clock) -> None:
        self._pool = pool
        self._settings = settings
        self._apps = apps
        self._clock = clock
        self._sql = load_queries("flovify.auth.system")

    async def state(self) -> AuthSystem:
        started = time.perf_counter()
        await self._pool.fetchval(self._sql["now"])
        latency_ms = round((time.perf_counter() - started) * 1000, 1)
        tasks = await self._pool.fetch(self._sql["periodic_tasks"])
        now = self._clock.now()
        return AuthSystem(
            version=__version__,
            schema_version=str(await self._pool.fetchval(self._sql["schema_version"])),
            database=DatabaseState(ok=True, latency_ms=latency_ms),
            settings=[Setting.model_validate(one) for one in shown_settings(self._settings)],
            periodic_tasks=[PeriodicTaskOut.model_validate(dict(row)) for row in tasks],
            registrations_expiring=sum(one.warning(now) != "ok" for one in await self._apps.list_overviews()),
        )


def router(system: SystemReader, operator: RequireRole) -> APIRouter:
    """GET /auth/system."""
    routes = APIRouter(prefix="/auth/system", tags=["system"], dependencies=[Depends(operator)])

    @routes.get("", summary="The state of auth")
    async def get_auth_system() -> AuthSystem:
        return await system.state()

    return routes
