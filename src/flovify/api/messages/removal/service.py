"""Deleting what is stored of an account, once it is disconnected."""

from __future__ import annotations

import uuid

from flovify.api.audit.store import AuditLog
from flovify.api.auth_client import AuthClient
from flovify.api.errors import ReconnectRequired, TenantNotFound
from flovify.api.messages.removal.store import RemovalStore
from flovify.common.errors import Conflict
from flovify.common.jwt import Principal


class StillConnected(Conflict):
    """The account would only fetch again what is deleted."""

    code = "still_connected"


class MessageRemoval:
    """Deletes in batches: an account may have a million messages, and others are served meanwhile."""

    def __init__(self, store: RemovalStore, auth: AuthClient, audit: AuditLog) -> None:
        self._store = store
        self._auth = auth
        self._audit = audit

    async def delete_as(self, principal: Principal, tenant_id: uuid.UUID) -> int:
        """Delete on somebody's demand; says how many messages. Raises StillConnected, AuthUnavailable."""
        await self._check_disconnected(tenant_id)
        return await self.delete_all(tenant_id, principal)

    async def delete_all(self, tenant_id: uuid.UUID, principal: Principal | None = None) -> int:
        """Delete messages, events and dead letters of an account that the caller knows to be going."""
        deleted = await self._store.delete_all(tenant_id)
        await self._audit.record(principal, "messages.deleted", "account", str(tenant_id), {"messages": deleted})
        return deleted

    async def _check_disconnected(self, tenant_id: uuid.UUID) -> None:
        """Auth gives no token for an account it no longer has, or is about to give up."""
        self._auth.forget(tenant_id)
        try:
            token = await self._auth.request_tenant_token(tenant_id)
        except TenantNotFound:
            return
        except ReconnectRequired:
            token = None
        if token is None or token.status != "disconnecting":
            raise StillConnected(
                "This account is connected: its messages would be fetched again. Disconnect it first, then delete."
            )
