"""Accounts whose mailbox the worker cannot serve, as it tells of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from flovify.auth.tenants.models import Blocked
from flovify.auth.tenants.store import TenantStore
from flovify.common.logs import get_logger


class BlockedAccounts:
    """Keeps the worker's list on the accounts' rows."""

    def __init__(self, store: TenantStore, announce: Callable[[UUID], None]) -> None:
        """`announce` is told of each account that became blocked, or is no longer, or for another reason."""
        self._store = store
        self._announce = announce

    async def put(self, blocked: Sequence[tuple[UUID, Blocked]]) -> int:
        """`blocked` is the whole list: whoever is not in it is not blocked. Says how many accounts changed.

        Safe to repeat; a list that got lost is made up for by the next one. Unknown accounts are passed over.
        """
        changed = await self._store.put_blocked(dict(blocked))
        for tenant_id in changed:
            self._announce(tenant_id)
        if changed:
            get_logger().info("blocked_accounts_changed", changed=len(changed), blocked=len(blocked))
        return len(changed)
