"""The console's list of accounts: auth's word, the api's figures, and what follows from both."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flovify.api.accounts.directory import AccountDirectory
from flovify.api.accounts.listing import AccountFilter, fits, in_order, page_of
from flovify.api.accounts.models import Figures, Known
from flovify.api.accounts.schemas import Account, AccountDetail, AccountPage, MailboxWait
from flovify.api.accounts.shown import account, detail
from flovify.api.accounts.status import needs_attention
from flovify.api.accounts.store import FigureStore
from flovify.api.errors import TenantNotFound
from flovify.common.clock import Clock


@dataclass(frozen=True)
class Accounts:
    """All accounts as they stand. `stale_since`: auth is away since then."""

    items: tuple[Account, ...]
    stale_since: datetime | None


class AccountService:
    """Reads only. Raises AuthUnavailable while there is no copy of auth's list at all."""

    def __init__(self, directory: AccountDirectory, store: FigureStore, clock: Clock, *, sandbox: bool) -> None:
        self._directory = directory
        self._store = store
        self._clock = clock
        self._sandbox = sandbox

    async def page(self, wanted: AccountFilter, after: str | None, limit: int) -> AccountPage:
        """One page of what the filters leave. Raises InvalidRequest for a cursor that is none."""
        everything = await self.everything()
        found = _chosen(everything.items, wanted)
        page, following = page_of(found, wanted.sort, after, limit)
        return AccountPage(
            items=page,
            next=following,
            total=len(found),
            attention_total=sum(needs_attention(one.status) for one in found),
            stale_since=everything.stale_since,
        )

    async def all(self, wanted: AccountFilter) -> list[Account]:
        """Everything that the filters leave, in order."""
        return _chosen((await self.everything()).items, wanted)

    async def everything(self) -> Accounts:
        """Every account that auth knows."""
        known = await self._directory.known()
        now = self._clock.now()
        figures = await self._store.figures(known.tenants, now)
        items = (
            account(tenant, figures.get(tenant.id, Figures()), now, sandbox=self._sandbox)
            for tenant in known.tenants.values()
        )
        return Accounts(tuple(items), known.stale_since)

    async def get(self, account_id: uuid.UUID) -> AccountDetail:
        """One account with its permissions and newest messages. Raises TenantNotFound."""
        tenant, known = await self._directory.find(account_id)
        if tenant is None:
            raise TenantNotFound("There is no connected account with this id; GET /api/accounts lists those there are.")
        now = self._clock.now()
        figures = (await self._store.figures([account_id], now))[account_id]
        messages = await self._store.last_messages(account_id)
        return detail(
            account(tenant, figures, now, sandbox=self._sandbox), tenant, messages, _wait(figures), known.stale_since
        )

    async def known(self) -> Known:
        """See `AccountDirectory.known`."""
        return await self._directory.known()


def _chosen(accounts: Sequence[Account], wanted: AccountFilter) -> list[Account]:
    return in_order([one for one in accounts if fits(one, wanted)], wanted.sort)


def _wait(figures: Figures) -> MailboxWait | None:
    if figures.blocked_until is None:
        return None
    return MailboxWait(until=figures.blocked_until, reason=figures.block_reason or "unknown")
