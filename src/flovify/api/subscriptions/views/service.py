"""Lists of subscriptions for people: filtered, with the accounts they belong to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from flovify.api.accounts.names import AccountNames, KnownAccount
from flovify.api.subscriptions.schemas import (
    LastLifecycle,
    SubscriptionAccount,
    SubscriptionOut,
    SubscriptionPage,
    decode_cursor,
    encode_cursor,
)
from flovify.api.subscriptions.views.models import SubscriptionFilter, SubscriptionView, proof_of, state_word
from flovify.api.subscriptions.views.store import SubscriptionViewStore
from flovify.common.clock import Clock
from flovify.common.errors import NotFound


class SubscriptionViews:
    """What the routes show. State words are worked out here, so their filter is applied here too."""

    def __init__(self, store: SubscriptionViewStore, accounts: AccountNames, clock: Clock) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock

    async def page(self, wanted: SubscriptionFilter, after: str | None, limit: int) -> SubscriptionPage:
        """In the order of making. Raises InvalidRequest for a cursor that is none."""
        place = decode_cursor(after) if after is not None else None
        names = await self._accounts.names()
        found = [view for view in await self._store.list(wanted.tenant_id) if self._fits(view, wanted, names)]
        rest = [view for view in found if place is None or (view.created_at, view.id) > place]
        page = rest[:limit]
        last = page[-1] if page else None
        return SubscriptionPage(
            items=await self._shown(page, names),
            next=encode_cursor(last.created_at, last.id) if last and len(rest) > limit else None,
            total=len(found),
        )

    async def get(self, row_id: uuid.UUID) -> SubscriptionOut:
        """Raises NotFound."""
        view = await self._store.get(row_id)
        if view is None:
            raise NotFound("There is no subscription with this id; GET /api/ms365/subscriptions lists those there are.")
        return (await self._shown([view], await self._accounts.names()))[0]

    def _fits(
        self, view: SubscriptionView, wanted: SubscriptionFilter, names: Mapping[uuid.UUID, KnownAccount]
    ) -> bool:
        now = self._clock.now()
        if wanted.states and state_word(view, now) not in wanted.states:
            return False
        within = wanted.expiring_within_hours
        if within is not None and view.expires_at - now > timedelta(hours=within):
            return False
        return not wanted.q or wanted.q.casefold() in _searchable(view, names.get(view.tenant_id))

    async def _shown(
        self, views: Sequence[SubscriptionView], names: Mapping[uuid.UUID, KnownAccount]
    ) -> list[SubscriptionOut]:
        heard = await self._store.last_notifications(views) if views else {}
        now = self._clock.now()
        return [_out(view, names.get(view.tenant_id), heard.get(view.id), now) for view in views]


def _searchable(view: SubscriptionView, account: KnownAccount | None) -> str:
    texts = [str(view.id), view.subscription_id or "", str(view.tenant_id), view.resource]
    if account is not None:
        texts += [account.display_name, account.account_email]
    return "\n".join(texts).casefold()


def _out(
    view: SubscriptionView, account: KnownAccount | None, heard: datetime | None, now: datetime
) -> SubscriptionOut:
    same = {name: getattr(view, name) for name in SubscriptionOut.model_fields if hasattr(view, name)}
    lifecycle = view.last_lifecycle
    proven_at, proven_by = proof_of(view, heard)
    return SubscriptionOut.model_validate(
        {
            **same,
            "change_types": list(view.change_types),
            "account": SubscriptionAccount.model_validate(account) if account else None,
            "state_word": state_word(view, now),
            "last_notification_at": heard,
            "proven_at": proven_at,
            "proven_by": proven_by,
            "mode": "push" if view.status == "active" and view.expires_at > now else "poll",
            "last_lifecycle": LastLifecycle.model_validate(vars(lifecycle)) if lifecycle else None,
        }
    )
