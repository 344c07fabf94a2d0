"""Whether the provider still has what we believe it has: asked for, slowly, instead of believed.

A subscription can vanish without a word (a removal whose notice was lost, a disconnection that failed half way). A
question by id is cheap: Graph allows 500 in 20 seconds for one tenant (graph/throttling-limits, 2026-02-06).
"""

from __future__ import annotations

import asyncio

from prometheus_client import Counter

from flovify.api.auth_client import AuthClient
from flovify.api.providers.errors import ProviderError, ProviderGone, ProviderNotFound, code_of
from flovify.api.providers.protocol import Providers
from flovify.api.subscriptions.models import Subscription
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.db import Pool
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask

LOOK_SECONDS = 30.0
_BATCH = 100
_AT_ONCE = 4

PROOFS = Counter(
    "flovify_subscription_proofs", "Subscriptions asked for at Microsoft, by what was found.", ("outcome",)
)


class Prover:
    """Asks for each active subscription every few hours, at most a hundred every half minute."""

    def __init__(self, subscriptions: SubscriptionService, auth: AuthClient, providers: Providers) -> None:
        self._subscriptions = subscriptions
        self._auth = auth
        self._providers = providers

    async def prove_due(self) -> int:
        """Ask for those that are due; says how many. What is gone is made anew, and its gap is closed."""
        rows = await self._subscriptions.store.take_unproven(_BATCH)
        gate = asyncio.Semaphore(_AT_ONCE)
        await asyncio.gather(*(self._prove(row, gate) for row in rows))
        return len(rows)

    async def _prove(self, row: Subscription, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                outcome = await self._ask(row)
            except (ProviderError, FlovifyError) as error:
                # It was taken for ten minutes, and is asked for again then.
                outcome = "unclear"
                get_logger().info("subscription_not_proven", subscription=str(row.id), code=code_of(error))
        PROOFS.labels(outcome).inc()

    async def _ask(self, row: Subscription) -> str:
        graph_id = row.subscription_id
        if graph_id is None:
            return "unclear"
        try:
            found = await call_as_tenant(
                self._auth, row.tenant_id, lambda token: self._providers.of(token).look_up(token, graph_id)
            )
        except (ProviderNotFound, ProviderGone):
            get_logger().warning("subscription_was_gone", subscription=str(row.id), tenant=str(row.tenant_id))
            await self._subscriptions.replace_lost(row)
            return "gone"
        await self._subscriptions.store.prove(row.id, graph_id, "asked", found.expires_at)
        return "proven"


def proof_task(pool: Pool, prover: Prover) -> PeriodicTask:
    """The periodic work, done by one worker at a time however many there are."""

    async def prove() -> None:
        await prover.prove_due()

    return PeriodicTask(pool, "api", "prove_subscriptions", LOOK_SECONDS, prove)
