"""The first page, put together from what the other features know."""

from __future__ import annotations

import asyncio
from datetime import datetime

from flovify.api.accounts.schemas import Account
from flovify.api.accounts.service import Accounts, AccountService
from flovify.api.accounts.status import needs_attention
from flovify.api.dead_letters.words import words
from flovify.api.overview import series
from flovify.api.overview.attention import attention, sentence
from flovify.api.overview.checklist import checklist
from flovify.api.overview.health import Vitals, strip
from flovify.api.overview.models import Cause
from flovify.api.overview.schemas import AccountCard, Cards, DeadCause, Overview, Period, Series, SubscriptionCard
from flovify.api.overview.store import OverviewStore
from flovify.api.sandbox_panel.kinds import KINDS
from flovify.api.settings import ApiBaseSettings
from flovify.api.system.service import SystemService
from flovify.common.clock import Clock
from flovify.common.errors import Unavailable


class OverviewService:
    """Reads only. Where auth is away, its part is old or empty, and the rest is told all the same."""

    def __init__(
        self,
        store: OverviewStore,
        accounts: AccountService,
        system: SystemService,
        settings: ApiBaseSettings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._system = system
        self._settings = settings
        self._clock = clock

    async def overview(self, period: Period, tz: str) -> Overview:
        """Everything of the page. Raises InvalidRequest for an unknown time zone."""
        begun = series.starts(period, self._clock.now(), series.zone(tz))
        found, causes, chart = await asyncio.gather(
            self._known_accounts(), self._store.dead_by_cause(self._clock.now()), self._series(period, begun)
        )
        vitals = await self._vitals(found)
        accounts = found.items if found else ()
        health = strip(vitals)
        items = attention(accounts, health, vitals, causes)
        return Overview(
            sentence=sentence(found.items if found else None, vitals, items),
            attention=items,
            cards=await self._cards(found, causes),
            series=chart,
            dead_by_cause=[
                DeadCause(reason=one.reason, words=words(one.reason).meaning, count=one.count) for one in causes
            ],
            health=health,
            checklist=checklist(
                await self._store.tried([f"sandbox.{kind}" for kind in KINDS]),
                connected=bool(accounts),
                watched=any(one.subscriptions for one in accounts),
                checked=bool(vitals.webhook and vitals.webhook.ok),
                sandbox=bool(self._settings.graph_stand_in),
            ),
            stale_since=found.stale_since if found else None,
        )

    async def _known_accounts(self) -> Accounts | None:
        try:
            return await self._accounts.everything()
        except Unavailable:
            return None

    async def _series(self, period: Period, begun: list[datetime]) -> Series:
        end = self._clock.now()
        stored, unsettled = await asyncio.gather(self._store.settled(begun, end), self._store.unsettled(begun, end))
        return series.series(period, begun, stored, unsettled)

    async def _vitals(self, found: Accounts | None) -> Vitals:
        workers, depth, webhook, intake, graph = await asyncio.gather(
            self._system.workers(),
            self._system.depth(),
            self._system.webhook_checked(),
            self._system.intake(),
            self._system.graph(),
        )
        # Measured alone: beside the others it would measure their waiting for a connection.
        latency_ms, skew_seconds = await self._system.database()
        return Vitals(
            at=self._clock.now(),
            workers=workers,
            depth=depth,
            latency_ms=latency_ms,
            skew_seconds=skew_seconds,
            webhook=webhook,
            webhook_url=self._settings.ms365_webhook_url,
            graph=graph,
            intake=intake,
            auth_away_since=found.stale_since if found else None,
            auth_known=found is not None,
        )

    async def _cards(self, found: Accounts | None, causes: list[Cause]) -> Cards:
        now = self._clock.now()
        subscriptions, hours, delay = await asyncio.gather(
            self._store.subscriptions(now), self._store.hours(now), self._store.delay_of_day(now)
        )
        return Cards(
            accounts=_account_card(found.items) if found else None,
            subscriptions=SubscriptionCard(active=subscriptions.active, next_expiry=subscriptions.next_expiry),
            messages_24h=sum(hours),
            messages_per_hour=hours,
            delay_p95_seconds=delay,
            dead_letters=sum(cause.count for cause in causes),
        )


def _account_card(accounts: tuple[Account, ...]) -> AccountCard:
    return AccountCard(connected=len(accounts), needing_action=sum(needs_attention(one.status) for one in accounts))
