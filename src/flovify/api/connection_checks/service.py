"""Checks under way in this process: one a tenant, a few at once, each in a task that nobody cuts off."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from flovify.api.auth_client import AuthClient
from flovify.api.connection_checks.models import StepResult
from flovify.api.connection_checks.steps import NOTIFICATION_SECONDS, Attempt, Steps
from flovify.api.connection_checks.store import CheckStore
from flovify.api.providers.protocol import Providers
from flovify.api.subscriptions import client_state
from flovify.api.subscriptions.service import SubscriptionService
from flovify.common.errors import Conflict, Unavailable
from flovify.common.logs import get_logger

AT_ONCE = 4
# Longer than any check can take: after it a check counts as one whose process died.
DEAD_SECONDS = 600.0
CLOSE_SECONDS = 8.0
_CHANGE_TYPES = (("created",), ("created", "deleted"), ("created", "updated"), ("created", "updated", "deleted"))


@dataclass
class RunningCheck:
    """A check and what it has said so far. Whoever began it calls `leave` when nobody listens any more."""

    attempt: Attempt
    said: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def lines(self) -> AsyncIterator[dict[str, Any]]:
        """Each step as it ends, then `{"done": true, "ok": …}`."""
        while True:
            line = await self.said.get()
            yield line
            if line.get("done"):
                return

    def leave(self) -> None:
        """Nobody listens any more: what waits is given up, and what was made is removed all the same."""
        self.attempt.abandoned.set()


class ConnectionChecks:
    """Begins checks and sees them to their end."""

    def __init__(
        self,
        store: CheckStore,
        providers: Providers,
        auth: AuthClient,
        subscriptions: SubscriptionService,
        *,
        notification_url: str,
        client_state_key: str,
    ) -> None:
        self._store = store
        self._providers = providers
        self._auth = auth
        self._subscriptions = subscriptions
        self._notification_url = notification_url
        self._key = client_state_key
        self._tasks: dict[asyncio.Task[None], RunningCheck] = {}
        self.notification_seconds = NOTIFICATION_SECONDS

    async def begin(self, tenant_id: uuid.UUID) -> RunningCheck:
        """Start a check. Raises Conflict when one of this tenant is under way, Unavailable when too many are."""
        if len(self._tasks) >= AT_ONCE:
            raise Unavailable(
                "Several connections are being tested at this moment; try again when one of them is done.",
                code="connection_checks_busy",
                retry_after=10,
            )
        check_id = uuid.uuid4()
        secret = client_state.make(check_id)
        leftovers = await self._store.discard_old(tenant_id, DEAD_SECONDS)
        if not await self._store.reserve(check_id, tenant_id, client_state.digest(secret, self._key)):
            raise Conflict(
                "This connection is being tested already; look again in half a minute.",
                code="connection_check_running",
                headers={"Retry-After": "30"},
            )
        url = self._url(check_id)
        attempt = Attempt(check_id, tenant_id, url, url, secret, leftovers=leftovers)
        running = RunningCheck(attempt)
        task = asyncio.create_task(self._run(running))
        self._tasks[task] = running
        task.add_done_callback(self._ended)
        return running

    async def close(self) -> None:
        """Have the checks under way clean up, and wait for that."""
        for running in self._tasks.values():
            running.leave()
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=CLOSE_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, running: RunningCheck) -> None:
        attempt = running.attempt
        ok = False
        try:
            attempt.change_types = await self._free_change_types(attempt.tenant_id)
            steps = Steps(
                attempt,
                self._store,
                self._auth,
                self._providers,
                lambda result: self._say(running, result),
                notification_seconds=self.notification_seconds,
            )
            ok = await steps.run()
        finally:
            running.said.put_nowait({"done": True, "ok": ok})
            await self._store.delete(attempt.id)

    async def _free_change_types(self, tenant_id: uuid.UUID) -> tuple[str, ...]:
        """A combination that no subscription of the tenant has: a second of one kind is refused (409)."""
        taken = {row.change_types for row in await self._subscriptions.store.list_of_tenant(tenant_id)}
        return next((types for types in _CHANGE_TYPES if types not in taken), _CHANGE_TYPES[0])

    def _say(self, running: RunningCheck, result: StepResult) -> None:
        running.said.put_nowait(result.as_line())
        get_logger(tenant=str(running.attempt.tenant_id)).info(
            "connection_check_step", step=result.step.value, status=result.status.value, code=result.code, ms=result.ms
        )

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            get_logger().error("connection_check_task_failed", error=type(error).__name__)

    def _url(self, check_id: uuid.UUID) -> str:
        """The webhook with a mark of this check, so that what it made is known even when the answer was lost."""
        mark = "&" if "?" in self._notification_url else "?"
        return f"{self._notification_url}{mark}connection_check={check_id}"
