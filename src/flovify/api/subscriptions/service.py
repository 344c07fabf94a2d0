"""The rules of subscriptions: one a tenant, resource and set of change types; made, renewed, made anew, removed.

No transaction is open while the provider is asked. The row is written first, so that early notifications find it, and a
crash at any point leaves a row that the renewal puts right: `creating` for more than two minutes means crashed.

A subscription left over there by such a crash cannot be adopted, because its secret is not kept: if the refusal says it
is in the way and it points to our own URL, it is deleted and the new one made; else it ends by itself within a week,
and its notifications are still taken under the row's previous secret.
"""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Sequence
from datetime import datetime, timedelta

from flovify.api.auth_client import AuthClient, TenantToken
from flovify.api.coverage.models import Risk
from flovify.api.coverage.store import CoverageStore
from flovify.api.errors import ReconnectRequired, TenantNotFound, WebhookValidationFailed
from flovify.api.providers.errors import (
    ProviderError,
    ProviderGone,
    ProviderNotFound,
    ProviderThrottled,
    ProviderUnauthorized,
    ProviderUnavailable,
    ProviderValidationFailed,
    text_of,
)
from flovify.api.providers.models import GrantedSubscription, SubscriptionWish
from flovify.api.providers.protocol import Providers
from flovify.api.subscriptions import client_state
from flovify.api.subscriptions.keys.models import Keyring
from flovify.api.subscriptions.lifetime import EXPECTED_LIFE, next_renewal, retry_after_failure
from flovify.api.subscriptions.making import make
from flovify.api.subscriptions.models import (
    CHANGE_TYPES,
    DEFAULT_RESOURCE,
    Status,
    Subscription,
    normalize_change_types,
)
from flovify.api.subscriptions.store import SubscriptionStore, Target
from flovify.api.subscriptions.timeline.store import Happening, Timeline
from flovify.api.tenant_calls import call_as_tenant
from flovify.common.clock import Clock
from flovify.common.errors import Conflict, FlovifyError, NotFound
from flovify.common.logs import get_logger

CRASHED_AFTER = timedelta(minutes=2)
FIRST_LOOK_SECONDS = 120.0
POLLED_LOOK = timedelta(hours=6)
# These leave open whether Graph did what it was asked.
_UNCERTAIN = (ProviderUnavailable, ProviderThrottled, ProviderUnauthorized)


class SubscriptionService:
    """What can be done with subscriptions."""

    def __init__(
        self,
        store: SubscriptionStore,
        providers: Providers,
        auth: AuthClient,
        clock: Clock,
        *,
        notification_url: str,
        lifecycle_url: str,
        client_state_keys: Sequence[str],
        timeline: Timeline,
        coverage: CoverageStore,
        first_sync_days: int = 0,
    ) -> None:
        """`first_sync_days`: how far back a newly watched folder is fetched."""
        self.store = store
        self._coverage = coverage
        self._first_sync = timedelta(days=first_sync_days)
        self.timeline = timeline
        self._providers = providers
        self._auth = auth
        self._clock = clock
        self._notification_url = notification_url
        self._lifecycle_url = lifecycle_url
        self.keyring = Keyring(client_state_keys)

    async def create_subscription(
        self,
        tenant_id: uuid.UUID,
        resource: str = DEFAULT_RESOURCE,
        change_types: Sequence[str] = CHANGE_TYPES,
        *,
        keep: bool = False,
    ) -> tuple[Subscription, bool]:
        """The subscription asked for, and whether this call made it.

        One that Microsoft does not make because it cannot reach our webhook comes back as failed: its folder is polled,
        and the renewal tries it again. With `keep` any refused one stays so, and the refusal is raised.

        Raises InvalidRequest, ResourceNotSupported, MailboxNotYours, TenantNotFound, ReconnectRequired,
        Conflict (another call is making it), GraphRefused, GraphAway.
        """
        types = normalize_change_types(list(change_types))
        token = await self._auth.request_tenant_token(tenant_id)
        path = self._providers.of(token).resource(token, resource)
        seen = await self.store.find(tenant_id, token.provider, path, types)
        if token.is_shared:
            return await self._polled(tenant_id, seen, token, path, types), seen is None
        if seen is None:
            row_id = uuid.uuid4()
            secret = client_state.make(row_id)
            expires_at = self._clock.now() + EXPECTED_LIFE
            target = self._target(token, secret)
            row = await self.store.reserve(row_id, tenant_id, token.provider, path, types, expires_at, target)
            if row is None:
                raise _being_made()
            return await self._or_polled(row, self._establish(row, secret, is_new=True, keep=keep)), True
        if self._is_good(seen):
            return seen, False
        return await self._or_polled(seen, self._recreate(seen)), True

    async def _polled(
        self, tenant_id: uuid.UUID, seen: Subscription | None, token: TenantToken, path: str, types: tuple[str, ...]
    ) -> Subscription:
        """A folder of a shared mailbox: Microsoft would take a subscription and then announce nothing.

        The gap, by which it is polled, comes before the row says so; a row without one is due at once, so that a crash
        in between is mended by the renewal.
        """
        now = self._clock.now()
        owner = (token.external_account_id, token.external_tenant_id)
        row = seen or await self.store.reserve_polled(uuid.uuid4(), tenant_id, token.provider, path, types, now, owner)
        if row is None:
            raise _being_made()
        since = None if seen else row.created_at - self._first_sync
        await self._coverage.open(Risk.NOT_SUBSCRIBED, row.id, since=since)
        if seen is None or seen.status is not Status.POLLED:
            await self.timeline.add(row.id, row.tenant_id, Happening.POLLED)
        polled = await self.store.poll(row, now + POLLED_LOOK)
        if polled is None:
            raise _being_made()
        return polled

    async def _or_polled(self, row: Subscription, making: Awaitable[Subscription]) -> Subscription:
        try:
            return await making
        except WebhookValidationFailed:
            get_logger().warning("webhook_not_reached", subscription=str(row.id), tenant=str(row.tenant_id))
            return await self.get(row.id)

    async def get(self, row_id: uuid.UUID) -> Subscription:
        """Raises NotFound."""
        found = await self.store.get(row_id)
        if found is None:
            raise NotFound("There is no subscription with this id; GET /api/ms365/subscriptions lists those there are.")
        return found

    async def get_by_any_id(self, given: str) -> Subscription:
        """By our own id or by Graph's. Raises NotFound."""
        for provider in self._providers.all:
            found = await self.store.get_by_provider_id(provider, given)
            if found is not None:
                return found
        try:
            return await self.get(uuid.UUID(given))
        except ValueError:
            raise NotFound("There is no subscription with this id.") from None

    async def renew_subscription(self, row_id: uuid.UUID) -> Subscription:
        """Move the expiry; what Graph no longer has, what points elsewhere and what is on an old key is made anew.

        A failure is kept in the row with the time of the next try, then raised as in `create_subscription`.
        """
        row = await self.get(row_id)
        if row.status is not Status.ACTIVE or row.subscription_id is None or not self._is_as_wanted(row):
            return await self._recreate(row)
        graph_id = row.subscription_id

        async def renew(token: TenantToken) -> GrantedSubscription:
            return await self._providers.of(token).renew(token, graph_id)

        try:
            granted = await call_as_tenant(self._auth, row.tenant_id, renew)
        except (ProviderNotFound, ProviderGone):
            return await self.replace_lost(row)
        except (ProviderError, FlovifyError) as error:
            await self._note_failure(row, error, None)
            raise self._explained(row, error) from error
        now = self._clock.now()
        renewed = await self.store.renewed(row.id, graph_id, granted.expires_at, next_renewal(now, granted.expires_at))
        if renewed is not None:
            await self._note(renewed, Happening.RENEWED)
            if row.expires_at <= now or row.renewal_failures:
                await self._coverage.open(Risk.RENEWED_LATE, row.id)
        return renewed or await self.get(row_id)

    async def replace_lost(self, row: Subscription) -> Subscription:
        """Make a subscription anew that the provider has no more. Raises as `create_subscription`."""
        await self._note_loss(row)
        return await self._recreate(row)

    async def end_overdue(self) -> int:
        """What has ended is not active any more; says how many. They are polled until they are made anew."""
        ended = await self.store.end_overdue(self._clock.now())
        for row in ended:
            await self._coverage.open(Risk.NOT_SUBSCRIBED, row.id, since=row.last_renewed_at or row.created_at)
            await self.timeline.add(row.id, row.tenant_id, Happening.EXPIRED, "failed", "It ended without a renewal.")
        return len(ended)

    async def recreate_subscription(self, row_id: uuid.UUID) -> Subscription:
        """Remove it at Graph and make it anew in the same row, under a new secret. Raises as `create_subscription`.

        Where Graph refuses the new one, the row stays as failed and the renewal tries it again.
        """
        row = await self.get(row_id)
        await self.remove_at_graph(row)
        return await self._recreate(row)

    async def delete_subscription(self, row_id: uuid.UUID) -> bool:
        """Remove it at Graph and here. Raises NotFound, GraphRefused, GraphAway: then nothing was removed here.

        False when Graph could not be asked because the account's sign-in is gone: what is left there ends by itself.
        """
        row = await self.get(row_id)
        removed = await self.remove_at_graph(row)
        await self.store.delete(row.id)
        left = "" if removed else "Microsoft could not be asked: it ends there by itself."
        await self.timeline.add(row.id, row.tenant_id, Happening.REMOVED, detail=left)
        return removed

    async def remove_at_graph(self, row: Subscription) -> bool:
        """Delete the row's subscription at Graph, where 404 counts as done. False: left to end by itself."""
        if row.subscription_id is None:
            return True
        try:
            await self._delete_at_graph(row.tenant_id, row.subscription_id)
        except (ReconnectRequired, TenantNotFound, ProviderUnauthorized):
            return False
        except ProviderError as error:
            raise self._explained(row, error) from error
        return True

    async def _delete_at_graph(self, tenant_id: uuid.UUID, graph_id: str) -> None:
        async def delete(token: TenantToken) -> None:
            await self._providers.of(token).remove(token, graph_id)

        try:
            await call_as_tenant(self._auth, tenant_id, delete)
        except (ProviderNotFound, ProviderGone):
            return

    async def _recreate(self, seen: Subscription) -> Subscription:
        """Make it anew in the same row, under a new secret. Raises Conflict when another call is at it."""
        try:
            token = await self._auth.request_tenant_token(seen.tenant_id)
        except FlovifyError as error:
            await self._note_failure(seen, error, None)
            raise
        if token.is_shared:
            return await self._polled(seen.tenant_id, seen, token, seen.resource, seen.change_types)
        secret = client_state.make(seen.id)
        row = await self.store.take_over(seen, self._target(token, secret), self._clock.now() - CRASHED_AFTER)
        if row is None:
            raise _being_made()
        await self._coverage.open(Risk.RECREATED, row.id)
        made = await self._establish(row, secret, is_new=False, replaces=seen.subscription_id)
        if seen.subscription_id is not None and seen.subscription_id != made.subscription_id:
            await self._drop_leftover(seen.tenant_id, seen.subscription_id)
        return made

    async def _establish(
        self, row: Subscription, secret: str, *, is_new: bool, keep: bool = True, replaces: str | None = None
    ) -> Subscription:
        """Have Graph make the subscription of a row in state creating, and note the answer.

        `replaces` is the Graph id the row had before, which may stand in the way.
        """
        started = self._clock.monotonic()
        wish = self._wish(row, secret)

        async def create(token: TenantToken) -> GrantedSubscription:
            return await make(self.store, self._providers.of(token), token, wish, replaces)

        try:
            granted = await call_as_tenant(self._auth, row.tenant_id, create)
        except (ProviderError, FlovifyError) as error:
            refused = isinstance(error, ProviderError) and not isinstance(
                error, (*_UNCERTAIN, ProviderValidationFailed)
            )
            if is_new and refused and not keep:
                # Graph has made nothing, and nobody wanted this row before: the caller hears why, and nothing stays.
                await self.store.delete(row.id)
            else:
                await self._note_failure(row, error, Status.FAILED, wish)
            raise self._explained(row, error, wish) from error
        await self._note_beginning(row, is_new=is_new)
        now = self._clock.now()
        digest = self.keyring.digest(secret)
        active = await self.store.activate(
            row.id,
            granted.id,
            granted.expires_at,
            next_renewal(now, granted.expires_at),
            None if is_new else now,
            digest,
            round((self._clock.monotonic() - started) * 1000),
        )
        if active is None:
            await self._drop_leftover(row.tenant_id, granted.id)
            raise NotFound("The subscription was removed, or made anew, while it was being made.")
        await self._note(active, Happening.CREATED if is_new else Happening.RECREATED)
        return active

    async def _drop_leftover(self, tenant_id: uuid.UUID, graph_id: str) -> None:
        """Delete a subscription nobody needs; if that fails it ends by itself, so the failure is only logged."""
        try:
            await self._delete_at_graph(tenant_id, graph_id)
        except (ProviderError, FlovifyError) as error:
            get_logger().warning("leftover_subscription_stays", graph_subscription=graph_id, error=type(error).__name__)

    async def _note_failure(
        self,
        row: Subscription,
        error: ProviderError | FlovifyError,
        status: Status | None,
        wish: SubscriptionWish | None = None,
    ) -> None:
        # Only of a webhook that was not reached do we know more than the provider's words: which one, how to check it.
        shown = self._explained(row, error, wish) if isinstance(error, ProviderValidationFailed) else error
        text = text_of(shown)
        asked = error.retry_after if isinstance(error, ProviderError) else None
        due = retry_after_failure(self._clock.now(), row.renewal_failures, asked)
        kind = Happening.RENEWAL_FAILED if row.subscription_id or row.last_renewed_at else Happening.CREATED_FAILED
        # Before the row says so: whoever sees the state finds its reason.
        await self.timeline.add(row.id, row.tenant_id, kind, "failed", text)
        await self.store.note_failure(row.id, text, due, status)
        if status is Status.FAILED:
            await self._coverage.open(Risk.NOT_SUBSCRIBED, row.id)

    async def _note_loss(self, row: Subscription) -> None:
        get_logger().info("subscription_gone_at_graph", subscription=str(row.id), tenant=str(row.tenant_id))
        text = "Microsoft no longer had it when it was asked for."
        await self.timeline.add(row.id, row.tenant_id, Happening.LOST, "noticed", text)
        await self.store.lose(row.id)
        await self._coverage.open(Risk.REMOVED, row.id)

    async def _note_beginning(self, row: Subscription, *, is_new: bool) -> None:
        """From now on changes are announced. Before the row says so: a crash in between must leave the gap."""
        if not is_new:
            await self._coverage.open(Risk.RECREATED, row.id)
            return
        # What is announced meanwhile is stored by the time of the look, which then finds nothing to do.
        delay = 0.0 if self._first_sync else FIRST_LOOK_SECONDS
        since = row.created_at - self._first_sync
        await self._coverage.open(Risk.FIRST_SYNC, row.id, since=since, delay_seconds=delay)

    async def _note(self, row: Subscription, kind: Happening) -> None:
        await self.timeline.add(row.id, row.tenant_id, kind, detail=f"Until {row.expires_at:%Y-%m-%d %H:%M} UTC.")

    def _explained(
        self, row: Subscription, error: ProviderError | FlovifyError, wish: SubscriptionWish | None = None
    ) -> FlovifyError:
        """What the caller is told; with a wish, of a subscription that was not made."""
        if not isinstance(error, ProviderError):
            return error
        provider = self._providers.named(row.provider)
        return provider.explain_creation(error, wish) if wish else provider.explain(error)

    def _wish(self, row: Subscription, secret: str) -> SubscriptionWish:
        return SubscriptionWish(row.resource, row.change_types, row.notification_url, self._lifecycle_url, secret)

    def _target(self, token: TenantToken, secret: str) -> Target:
        return Target(
            self._notification_url,
            self._lifecycle_url,
            token.external_account_id,
            token.external_tenant_id,
            self.keyring.digest(secret),
            self.keyring.first_id,
        )

    def _is_good(self, row: Subscription) -> bool:
        return row.status is Status.ACTIVE and row.expires_at > self._now() and self._points_here(row)

    def _is_as_wanted(self, row: Subscription) -> bool:
        return self._points_here(row) and not self.keyring.is_outdated(row.client_state_key_id)

    def _points_here(self, row: Subscription) -> bool:
        return row.notification_url == self._notification_url

    def _now(self) -> datetime:
        return self._clock.now()


def _being_made() -> Conflict:
    return Conflict(
        "This subscription is being made by another call at this moment; look again in a few seconds.",
        code="subscription_being_created",
        headers={"Retry-After": "5"},
    )
