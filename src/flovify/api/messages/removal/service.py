"""Ordering that what is stored of an account is deleted, once it is disconnected. A worker does it: see `work`."""

from __future__ import annotations

import uuid

from flovify.api.auth_client import AuthClient
from flovify.api.errors import ReconnectRequired, TenantNotFound
from flovify.api.messages.removal.models import RemovalRow
from flovify.api.messages.removal.store import RemovalStore
from flovify.common.errors import Conflict
from flovify.common.jwt import Principal


class StillConnected(Conflict):
    """The account would only fetch again what is deleted."""

    code = "still_connected"


class MessageRemoval:
    """Takes orders: an account may have a million messages, for which nobody waits."""

    def __init__(self, store: RemovalStore, auth: AuthClient) -> None:
        self._store = store
        self._auth = auth

    async def order_as(self, principal: Principal, tenant_id: uuid.UUID) -> RemovalRow:
        """On somebody's demand. Raises StillConnected, AuthUnavailable."""
        label = await self._check_disconnected(tenant_id)
        return await self._store.order(tenant_id, label, principal.email)

    async def order(self, tenant_id: uuid.UUID, label: str, ordered_by: str) -> RemovalRow:
        """For an account that the caller knows to be going; `label` is its address."""
        return await self._store.order(tenant_id, label, ordered_by)

    async def list(self) -> tuple[RemovalRow, ...]:
        """Open orders and those finished within the last day, the newest first."""
        return await self._store.list()

    async def _check_disconnected(self, tenant_id: uuid.UUID) -> str:
        """Auth gives no token for an account it no longer has, or is about to give up; says its address, if known."""
        self._auth.forget(tenant_id)
        try:
            token = await self._auth.request_tenant_token(tenant_id)
        except TenantNotFound:
            return ""
        except ReconnectRequired:
            token = None
        if token is None or token.status != "disconnecting":
            raise StillConnected(
                "This account is connected: its messages would be fetched again. Disconnect it first, then delete."
            )
        return token.account_email
