"""Connecting, listing and disconnecting accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.audit.store import AuditLog
from flovify.auth.errors import AccountMismatch, TenantNotFound
from flovify.auth.microsoft.id_token import Identity
from flovify.auth.microsoft.ms365 import TokenAnswer
from flovify.auth.tenants.api_client import ApiClient
from flovify.auth.tenants.models import Tenant, TenantOverview
from flovify.auth.tenants.store import TenantStore
from flovify.auth.tokens.models import DELEGATED
from flovify.auth.tokens.service import TokenService
from flovify.auth.vault.service import Vault
from flovify.common.db import Connection
from flovify.common.errors import Conflict, FlovifyError, Unavailable
from flovify.common.logs import get_logger


class TenantService:
    """The rules of connected accounts."""

    def __init__(self, store: TenantStore, tokens: TokenService, vault: Vault, api: ApiClient, audit: AuditLog) -> None:
        self._store = store
        self._tokens = tokens
        self._vault = vault
        self._api = api
        self._audit = audit

    async def get(self, tenant_id: UUID) -> TenantOverview:
        """Raises TenantNotFound."""
        found = await self._store.overviews(None, 1, tenant_id)
        if not found:
            raise TenantNotFound
        return found[0]

    async def overviews(self, after: UUID | None, limit: int) -> list[TenantOverview]:
        return await self._store.overviews(after, limit)

    async def connect(
        self,
        registration: Registration,
        identity: Identity,
        answer: TokenAnswer,
        reconnect_id: UUID | None,
        actor: str,
        token_type: str = DELEGATED,
        also: Callable[[Connection], Awaitable[None]] | None = None,
    ) -> Tenant:
        """Keep a proven account with its tokens: a new row, or the one it has.

        Raises AccountMismatch when `reconnect_id` is another account's; then nothing is changed, nor when `also`, which
        runs in the same transaction, raises.
        """
        async with self._store.transaction() as connection:
            tenant = await self._store.upsert(registration, identity, connection)
            if reconnect_id is not None and tenant.id != reconnect_id:
                raise AccountMismatch  # the transaction is rolled back with it
            await self._tokens.store_tenant_tokens(tenant.id, registration, answer, token_type, connection)
            if also is not None:
                await also(connection)
            details = {"account_email": tenant.account_email, "scopes": list(answer.scopes)}
            await self._audit.record(actor, "tenant.connected", str(tenant.id), details, connection)
        get_logger().info("tenant_connected", tenant_id=str(tenant.id), provider=registration.provider)
        await self._api.tell_reconnected(tenant.id)
        return tenant

    async def disconnect(self, tenant_id: UUID, actor: str, *, force: bool) -> dict[str, Any]:
        """Remove an account: its subscriptions at Microsoft first, then its row, tokens and data key.

        Raises TenantNotFound, and Unavailable when the subscriptions cannot be removed now (then it stays, as
        `disconnecting`); with `force` they are left to expire. Raises Conflict when the account was connected again
        meanwhile: it stays, and so do its tokens.
        """
        if await self._store.get(tenant_id) is None:
            raise TenantNotFound
        await self._store.set_status(tenant_id, "disconnecting", None)
        try:
            removed = await self._api.remove_tenant(tenant_id)
        except Unavailable:
            if not force:
                raise
            removed = {"removed": 0, "left_to_expire": ["all; Microsoft ends them within seven days"]}
        async with self._store.transaction() as connection:
            if not await self._store.delete_disconnecting(tenant_id, connection):
                raise await self._why_not_deleted(tenant_id)
            await self._vault.shred(tenant_id, connection)
            await self._audit.record(actor, "tenant.disconnected", str(tenant_id), removed, connection)
        get_logger().info("tenant_disconnected", tenant_id=str(tenant_id))
        return removed

    async def _why_not_deleted(self, tenant_id: UUID) -> FlovifyError:
        if await self._store.get(tenant_id) is None:
            return TenantNotFound()
        return Conflict("the account was connected again meanwhile; it was not deleted", code="connected_again")
