"""The state of the installation, read from where it shows."""

from __future__ import annotations

import time

import aiohttp

from flovify import __version__
from flovify.api.intake_log.errors import EngineAway
from flovify.api.intake_log.protocol import Engine
from flovify.api.settings import ApiBaseSettings
from flovify.api.system.models import Check, Depth, GraphTrace, Worker
from flovify.api.system.schemas import (
    ApiSystem,
    CheckOutcome,
    GraphState,
    QueueState,
    WebhookCheck,
    WebhookStep,
    WorkerOut,
)
from flovify.api.system.store import INTAKE, SystemStore
from flovify.api.system.webhook import WebhookCheckRun
from flovify.common.clock import Clock
from flovify.common.logs import get_logger
from flovify.common.setting_sources import shown_settings
from flovify.common.system_shapes import DatabaseState, PeriodicTaskOut, Setting

WEBHOOK = "webhook"


class SystemService:
    """Reads only, but for the check of the webhook, whose outcome is kept."""

    def __init__(
        self,
        store: SystemStore,
        settings: ApiBaseSettings,
        session: aiohttp.ClientSession,
        clock: Clock,
        engine: Engine | None = None,
    ) -> None:
        self._store = store
        self._engine = engine
        self._settings = settings
        self._session = session
        self._clock = clock

    async def state(self) -> ApiSystem:
        """Everything the page System shows of the api."""
        latency_ms, skew = await self.database()
        return ApiSystem(
            version=__version__,
            schema_version=await self._store.schema_version(),
            database=DatabaseState(ok=True, latency_ms=latency_ms),
            settings=[Setting.model_validate(one) for one in shown_settings(self._settings)],
            periodic_tasks=[PeriodicTaskOut.model_validate(one) for one in await self._store.periodic_tasks()],
            workers=[WorkerOut.model_validate(one) for one in await self.workers()],
            queue=QueueState.model_validate(await self.depth()),
            clock_skew_seconds=skew,
            webhook_url=self._settings.ms365_webhook_url,
            webhook_checked=await self._webhook_checked(),
            graph=await self._graph(),
        )

    async def database(self) -> tuple[float, float]:
        """(how long a small question takes, in ms; how far this process's clock is ahead of the database's, in s)."""
        started, began = time.perf_counter(), self._clock.now()
        theirs = await self._store.now()
        taken = time.perf_counter() - started
        skew = (began - theirs).total_seconds() + taken / 2
        return round(taken * 1000, 1), round(skew, 3)

    async def workers(self) -> list[Worker]:
        return await self._store.workers()

    async def depth(self) -> Depth:
        """What waits in the queue's engine too; while that is away, what is known without it."""
        depth = await self._store.depth()
        try:
            log = await self._engine.depth() if self._engine else None
        except EngineAway as error:
            get_logger().warning("intake_log_not_counted", error=error.detail)
            log = None
        if log is None:
            return depth
        return Depth(depth.waiting + log.events, depth.dead, max(depth.oldest_seconds, log.oldest_seconds))

    async def graph(self) -> GraphTrace:
        return await self._store.graph()

    async def webhook_checked(self) -> Check | None:
        """The last outcome of the check of the webhook's address."""
        return await self._store.check(WEBHOOK)

    async def intake(self) -> Check | None:
        """What the intake's guard said last (see `intake/guard.py`)."""
        return await self._store.check(INTAKE)

    async def check_webhook(self) -> WebhookCheck:
        """Try the webhook's address now, and keep the outcome."""
        run = WebhookCheckRun(self._session, self._settings.ms365_webhook_url)
        ok = await run.run()
        telling = next((step for step in run.steps if step.state == "failed"), run.steps[-1])
        kept = await self._store.note_check(WEBHOOK, ok=ok, detail=telling.detail)
        steps = [WebhookStep.model_validate(vars(step)) for step in run.steps]
        return WebhookCheck(ok=ok, detail=kept.detail, at=kept.at, url=run.url, steps=steps)

    async def _webhook_checked(self) -> CheckOutcome | None:
        found = await self.webhook_checked()
        return CheckOutcome.model_validate(found) if found else None

    async def _graph(self) -> GraphState:
        trace = await self.graph()
        return GraphState(
            state=trace.state(self._clock.now()),
            last_success_at=trace.last_success_at,
            last_error=trace.last_error,
            last_error_at=trace.last_error_at,
        )
