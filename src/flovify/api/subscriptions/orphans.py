"""Subscriptions at the provider that announce to us and that no row knows: removed, for they announce twice or in vain.

A crash between the provider's answer and our commit leaves one. Listing is dear (graph/throttling-limits, 2026-02-06:
25 in 20 seconds a tenant), so each account is looked at once a day.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from flovify.api.auth_client import AuthClient, TenantToken
from flovify.api.providers.errors import ProviderError, code_of
from flovify.api.providers.protocol import Providers
from flovify.api.subscriptions.making import remove_unknown
from flovify.api.subscriptions.store import SubscriptionStore
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.clock import Clock
from flovify.common.db import Pool
from flovify.common.errors import FlovifyError
from flovify.common.logs import get_logger
from flovify.common.periodic import PeriodicTask

LOOK_SECONDS = 3600.0
_HOURS = 24


class Orphans:
    """Finds and removes them. `notification_url` is what tells ours from another installation's."""

    def __init__(
        self, store: SubscriptionStore, auth: AuthClient, providers: Providers, clock: Clock, *, notification_url: str
    ) -> None:
        self._store = store
        self._auth = auth
        self._providers = providers
        self._clock = clock
        self._notification_url = notification_url

    async def sweep(self) -> int:
        """Look at the accounts of this hour; says how many orphans were removed."""
        removed = 0
        for tenant_id in await self._store.tenants():
            if is_turn(tenant_id, self._clock.now()):
                removed += await self.remove_of(tenant_id)
        return removed

    async def remove_of(self, tenant_id: uuid.UUID) -> int:
        """Remove the orphans of one account; says how many. What the provider refuses is left for the next day."""
        try:
            return await call_as_tenant(self._auth, tenant_id, self._remove)
        except (ProviderError, FlovifyError) as error:
            get_logger().info("orphans_not_looked_for", tenant=str(tenant_id), code=code_of(error))
            return 0

    async def _remove(self, token: TenantToken) -> int:
        provider = self._providers.of(token)
        listed = [item for item in await provider.list_own(token) if item.notification_url == self._notification_url]
        # One that is being made is in the list before it is in its row. Asked after the list, so none slips through.
        if await self._store.is_any_being_made():
            return 0
        return await remove_unknown(self._store, provider, token, listed)


def is_turn(tenant_id: uuid.UUID, now: datetime) -> bool:
    """Whether it is this account's hour of the day."""
    return tenant_id.int % _HOURS == now.hour


def orphans_task(pool: Pool, orphans: Orphans) -> PeriodicTask:
    """The periodic work, done by one worker at a time however many there are."""

    async def sweep() -> None:
        await orphans.sweep()

    return PeriodicTask(pool, "api", "remove_orphans", LOOK_SECONDS, sweep)
