"""Connecting, listing and disconnecting accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from flovify.auth.apps.models import Registration
from flovify.auth.audit.store import AuditLog
from flovify.auth.errors import AccountMismatch, ConnectingOff, TenantNotFound
from flovify.auth.microsoft.id_token import Identity
from flovify.auth.microsoft.ms365 import TokenAnswer
from flovify.auth.tenants.api_client import ApiClient
from flovify.auth.tenants.models import DeleteMessages, Subscribe, Tenant, TenantOverview, TokenEvent
from flovify.auth.tenants.store import TenantStore
from flovify.auth.tokens.models import DELEGATED
from flovify.auth.tokens.service import TokenService
from flovify.auth.vault.service import Vault
from flovify.common.db import Connection
from flovify.common.errors import Conflict, FlovifyError, Unavailable
from flovify.common.logs import get_logger


class TenantService:
    """The rules of connected accounts. `connecting`: whether new ones may be added."""

    def __init__(
        self,
        store: TenantStore,
        tokens: TokenService,
        vault: Vault,
        api: ApiClient,
        audit: AuditLog,
        *,
        connecting: bool = True,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._vault = vault
        self._api = api
        self._audit = audit
        self._connecting = connecting

    async def delete_old_token_events(self) -> None:
        """Of each account's token events the newest stay."""
        await self._store.delete_old_token_events()

    async def get(self, tenant_id: UUID) -> TenantOverview:
        """Raises TenantNotFound."""
        found = await self._store.overviews(None, 1, tenant_id)
        if not found:
            raise TenantNotFound
        return found[0]

    async def overviews(self, after: UUID | None, limit: int | None) -> list[TenantOverview]:
        """In order of id; all of them without a limit."""
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
        subscribe: Subscribe | None = None,
    ) -> Tenant:
        """Keep a proven account with its tokens: a new row, or the one it has.

        Raises AccountMismatch when `reconnect_id` is another account's, and ConnectingOff for a new account while that
        is off; then nothing is changed, nor when `also`, which runs in the same transaction, raises. The wish to
        `subscribe` is kept until the api has taken it.
        """
        async with self._store.transaction() as connection:
            tenant, is_new = await self._store.upsert(registration, identity, actor, subscribe, connection)
            if is_new:
                self.check_connecting()
            if reconnect_id is not None and tenant.id != reconnect_id:
                raise AccountMismatch  # the transaction is rolled back with it
            await self._tokens.store_tenant_tokens(tenant.id, registration, answer, token_type, connection)
            if also is not None:
                await also(connection)
            kind = "connected" if is_new else "reconnected"
            await self._store.add_token_event(tenant.id, kind, f"By {actor}.", connection)
            details = {"account_email": tenant.account_email, "scopes": list(answer.scopes)}
            await self._audit.record(actor, "tenant.connected", str(tenant.id), details, connection)
        get_logger().info("tenant_connected", tenant_id=str(tenant.id), provider=registration.provider)
        await self._tell_connected(tenant.id, subscribe)
        return tenant

    def check_connecting(self) -> None:
        """Raises ConnectingOff where no new account may be connected."""
        if not self._connecting:
            raise ConnectingOff

    async def tell_wanted_subscriptions(self) -> None:
        """Tell the api what it could not be told when an account was connected."""
        for tenant_id, subscribe in await self._store.wanted_subscriptions():
            await self._tell_connected(tenant_id, subscribe)

    async def _tell_connected(self, tenant_id: UUID, subscribe: Subscribe | None) -> None:
        if await self._api.tell_connected(tenant_id, subscribe) and subscribe is not None:
            await self._store.subscription_told(tenant_id, subscribe)

    async def token_events(self, tenant_id: UUID) -> list[TokenEvent]:
        """The last ones, newest first. Raises TenantNotFound."""
        if await self._store.get(tenant_id) is None:
            raise TenantNotFound
        return await self._store.token_events(tenant_id)

    async def disconnect(
        self, tenant_id: UUID, actor: str, *, force: bool, delete_messages: bool = False
    ) -> dict[str, Any]:
        """Remove an account: its subscriptions at Microsoft first, then its row, tokens and data key.

        With `delete_messages` its stored mail goes too, in the background; `force` alone cannot do that, for the api
        has to.

        Raises TenantNotFound, and Unavailable when the subscriptions cannot be removed now (then it stays, as
        `disconnecting`); with `force` they are left to expire. Raises Conflict when the account was connected again
        meanwhile: it stays, and so do its tokens.
        """
        tenant = await self._store.get(tenant_id)
        if tenant is None:
            raise TenantNotFound
        order = DeleteMessages(label=tenant.account_email, ordered_by=actor) if delete_messages else None
        await self._store.set_status(tenant_id, "disconnecting", None)
        self._api.announce(tenant_id)
        try:
            removed = await self._api.remove_tenant(tenant_id, order)
        except Unavailable:
            if not force or delete_messages:
                raise
            removed = {"removed": 0, "left_to_expire": ["all; Microsoft ends them within seven days"]}
        async with self._store.transaction() as connection:
            # The row, then its key, then its tokens: in the order of whoever connects it or seals it anew.
            await self._store.lock(tenant_id, connection)
            await self._vault.shred(tenant_id, connection)
            if not await self._store.delete_disconnecting(tenant_id, connection):
                raise await self._why_not_deleted(tenant_id)
            await self._audit.record(actor, "tenant.disconnected", str(tenant_id), removed, connection)
        get_logger().info("tenant_disconnected", tenant_id=str(tenant_id))
        self._api.announce(tenant_id)
        return removed

    async def _why_not_deleted(self, tenant_id: UUID) -> FlovifyError:
        if await self._store.get(tenant_id) is None:
            return TenantNotFound()
        return Conflict("the account was connected again meanwhile; it was not deleted", code="connected_again")
