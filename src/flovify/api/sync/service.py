"""Looking into a mailbox for what no notification announced."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.coverage.found import Place, found_event
from flovify.api.providers.errors import ProviderError
from flovify.api.providers.models import Recent, RecentMessage
from flovify.api.providers.protocol import Providers
from flovify.api.subscriptions.models import Subscription
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.sync.models import SyncResult
from flovify.api.sync.store import SyncStore
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.clock import Clock
from flovify.common.errors import Conflict
from flovify.common.jwt import Principal

MARGIN = timedelta(days=1)
LONGEST = timedelta(days=30)
MAX_MESSAGES = 5000


class NothingSubscribed(Conflict):
    """There is no folder of this account that Flovify watches."""

    code = "nothing_subscribed"


class SyncService:
    """Stores what was missed, through the same queue and worker as everything else."""

    def __init__(
        self,
        store: SyncStore,
        subscriptions: SubscriptionService,
        auth: AuthClient,
        providers: Providers,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._store = store
        self._subscriptions = subscriptions
        self._auth = auth
        self._providers = providers
        self._audit = audit
        self._clock = clock

    async def sync(self, principal: Principal | None, tenant_id: uuid.UUID) -> SyncResult:
        """Look at the account's subscribed folders. Raises NothingSubscribed and what Graph and auth refuse."""
        rows = await self._subscriptions.store.list_of_tenant(tenant_id)
        if not rows:
            raise NothingSubscribed(
                "No folder of this account is subscribed, so there is nothing to look at. Subscribe to its inbox first."
            )
        since = await self._since(tenant_id)
        looked_at, enqueued, truncated = 0, 0, False
        for row in {row.resource: row for row in rows}.values():
            found = await self._look(row, since, MAX_MESSAGES - looked_at)
            looked_at += len(found.messages)
            truncated = truncated or found.truncated
            enqueued += await self._enqueue(row, found.messages)
        result = SyncResult(
            looked_at=looked_at,
            already_stored=looked_at - enqueued,
            enqueued=enqueued,
            since=since,
            truncated=truncated,
        )
        await self._audit.record(principal, "account.synced", "account", str(tenant_id), result.model_dump(mode="json"))
        return result

    async def _since(self, tenant_id: uuid.UUID) -> datetime:
        """A day before the last stored message: what came shortly before it may have been missed too."""
        earliest = self._clock.now() - LONGEST
        last = await self._store.last_received(tenant_id)
        return max(earliest, last - MARGIN) if last is not None else earliest

    async def _look(self, row: Subscription, since: datetime, limit: int) -> Recent:
        if limit <= 0:
            return Recent((), truncated=True)
        try:
            return await call_as_tenant(
                self._auth,
                row.tenant_id,
                lambda token: self._providers.of(token).recent(token, row.resource, since, limit),
            )
        except ProviderError as error:
            raise self._providers.named(row.provider).explain(error) from error

    async def _enqueue(self, row: Subscription, messages: Sequence[RecentMessage]) -> int:
        unknown = await self._store.find_unknown(row.tenant_id, row.provider, [one.id for one in messages])
        place = Place(row.tenant_id, row.provider, row.resource, row.id, row.subscription_id, "sync")
        return await self._store.enqueue(
            [found_event(place, one.id, one.state) for one in messages if one.id in unknown]
        )
