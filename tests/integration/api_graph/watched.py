"""A subscribed inbox, and what a test does with it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flovify.api.coverage.catch_up import CatchUp
from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import CoverageStore, open_gaps
from flovify.api.queue.store import PostgresQueue
from flovify.api.worker.process import Processor
from flovify.common.db import transact
from tests.integration.api_graph.running import SCOPES, Api, Mailbox
from tests.support.intake_log import carry_all
from tests.support.mail import simple_mail


@dataclass
class Watched:
    """A subscribed inbox whose notifications go nowhere."""

    api: Api
    tenant: uuid.UUID
    mailbox: Mailbox
    row_id: uuid.UUID

    async def deliver(self, *numbers: int) -> list[str]:
        return [await self.api.sandbox.deliver(self.mailbox, simple_mail(one, self.mailbox.address)) for one in numbers]

    async def control(self, path: str, body: object, method: str = "PUT") -> None:
        url = f"{self.api.sandbox.url}/_sandbox/mailboxes/{self.mailbox.address}/{path}"
        async with self.api.http.request(method, url, json=body) as answer:
            assert answer.status < 300, await answer.text()

    async def risk(self, risk: Risk = Risk.MISSED, since: datetime | None = None) -> None:
        """As if it had been long enough ago to be closed by the next look."""
        pool = self.api.deps.pool
        await transact(pool, lambda connection: open_gaps(connection, risk, rows=[self.row_id], since=since))
        await self.rest()

    async def rest(self) -> None:
        await self.api.deps.pool.execute(
            "UPDATE api.coverage_gaps SET until = until - interval '1 minute', next_try_at = clock_timestamp() "
            "WHERE closed_at IS NULL"
        )

    async def catch_up(self, store: CoverageStore | None = None, days: int = 0) -> int:
        """Work off what is due now; says how many gaps that were."""
        deps, done = self.api.deps, 0
        coverage = store or deps.coverage
        catch_up = CatchUp(coverage, deps.subscriptions.timeline, deps.auth, deps.providers, first_sync_days=days)
        while (gap := await coverage.take("worker")) is not None:
            await catch_up.work(gap)
            done += 1
        return done

    async def work(self) -> None:
        deps = self.api.deps
        queue = PostgresQueue(deps.pool)
        processor = Processor(queue, deps.auth, deps.providers, deps.subscriptions, deps.clock)
        await carry_all(deps.pool)
        while (lease := await queue.take("worker", 30)) is not None:
            await processor.process(lease)

    async def stored(self) -> list[str]:
        rows = await self.api.deps.pool.fetch(
            "SELECT m.provider_message_id AS id FROM api.messages m JOIN api.message_feed f ON f.message_id = m.id "
            "WHERE m.tenant_id = $1 ORDER BY f.seq",
            self.tenant,
        )
        return [row["id"] for row in rows]

    async def gaps(self, **query: str) -> list[dict[str, Any]]:
        parameters = "&".join(f"{key}={value}" for key, value in query.items())
        answer = await self.api.call("GET", f"/api/coverage/gaps?tenant_id={self.tenant}&{parameters}", role="viewer")
        items: list[dict[str, Any]] = answer.body["items"]
        return items


async def quiet_inbox(api: Api) -> Watched:
    """A watched inbox after its first look, whose notifications go nowhere."""
    tenant, mailbox = await api.connect(f"{SCOPES} Mail.ReadWrite")
    made = await api.subscribe(tenant)
    found = Watched(api, tenant, mailbox, uuid.UUID(made["id"]))
    await found.control("notifications", {"dropped": True})
    await found.rest()
    assert await found.catch_up() == 1, "the first look"
    return found
