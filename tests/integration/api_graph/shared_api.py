"""An api in this process that serves the tests of a module, to each of them as if it had just been started."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from flovify.api.app import create_app
from flovify.api.core import open_sessions
from flovify.api.deps import wire
from flovify.api.intake.routes import intake_routes
from flovify.api.intake.service import Intake
from flovify.api.internal_app import create_internal_app
from flovify.api.settings import ApiSettings
from flovify.common.clock import SystemClock
from flovify.common.settings import load
from tests.integration.api_graph.doors import Door, open_listeners
from tests.integration.api_graph.fake_auth import SECRET, FakeAuth
from tests.integration.api_graph.running import Api, Sandbox
from tests.support.tables import Tables


@dataclass
class SharedApi:
    """The api, its doors, and what else in it remembers something."""

    api: Api
    intake: Intake
    doors: list[Door]

    @asynccontextmanager
    async def just_started(self) -> AsyncIterator[Api]:
        """Open for one test; nothing it began goes on after it."""
        self._forget()
        for door in self.doors:
            door.is_open = True
        yield self.api
        for door in self.doors:
            await door.close()
        await asyncio.wait_for(self.api.deps.checks.close(), 20)

    def wire_anew(self) -> None:
        """Whatever a service remembers is gone, as where all of them are made anew; the routes, slow to make, stay."""
        deps = self.api.deps
        become(deps, wire(deps.settings, deps.pool, deps.sessions, deps.clock))

    def _forget(self) -> None:
        self.intake._known.forget_all()
        self.api.deps.auth._cache.clear()
        self.api.deps.verifier._keys = {}
        self.api.deps.verifier._fetched_at = None


def become(old: Any, new: Any) -> None:
    """Each part of `old`, which others hold, has and shares from now on what the part of `new` in its place has."""
    for field in fields(old):
        ours, theirs = getattr(old, field.name), getattr(new, field.name)
        if is_dataclass(ours):
            become(ours, theirs)
        elif ours is not theirs:
            assert type(ours) is type(theirs), field.name
            ours.__dict__ = theirs.__dict__


@asynccontextmanager
async def running_api(tables: Tables, sandbox: Sandbox, auth: FakeAuth) -> AsyncIterator[SharedApi]:
    """Both listeners; their doors are closed."""
    async with open_listeners(2) as doors:
        public, internal = doors
        settings = load(
            ApiSettings,
            {
                "DATABASE_URL": tables.database.api_dsn,
                "SERVICE_SECRET": SECRET,
                "AUTH_SERVICE_URL": auth.url,
                "MS365_WEBHOOK_URL": f"{public.url}/api/ms365/webhook",
                "MS365_CLIENT_STATE": "client-state-" + uuid.uuid4().hex,
                "MICROSOFT_GRAPH_URL": sandbox.url,
            },
        )
        sessions = open_sessions(settings)
        deps = wire(settings, tables.pool, sessions, SystemClock())
        intake = Intake(deps)
        await intake.start()
        public.behind, internal.behind = create_app(deps, intake_routes(intake)), create_internal_app(deps)
        yield SharedApi(Api(deps, auth, sandbox, public.url, internal.url, sandbox.http), intake, doors)
        await asyncio.wait_for(intake.stop(), 20)
        await sessions.close()
