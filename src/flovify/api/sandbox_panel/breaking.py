"""Breaking one thing at the sandbox, and mending it: one class a kind.

`do` gives what `undo` needs, as JSON; `healed` says that the breakage is over without anybody's doing.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flovify.api.accounts.directory import AccountDirectory
from flovify.api.accounts.models import AuthTenant
from flovify.api.auth_client import AuthClient
from flovify.api.errors import ReconnectRequired
from flovify.api.sandbox_panel.control import SandboxControl
from flovify.api.sandbox_panel.kinds import THROTTLE_SECONDS
from flovify.api.sandbox_panel.schemas import BreakageName, Undone
from flovify.api.sandbox_panel.store import BreakageStore
from flovify.api.subscriptions.models import Status, Subscription
from flovify.api.subscriptions.service import SubscriptionService
from flovify.api.tenants.service import TenantService
from flovify.api.worker.errors import MAX_ATTEMPTS
from flovify.common.errors import Conflict, NotFound

_SIGN_IN_SCOPES = {"openid", "profile", "email", "offline_access"}
Undo = Mapping[str, Any]
Announce = Callable[[str, str | None], Awaitable[None]]


@dataclass(frozen=True)
class Tools:
    """What breaking needs."""

    control: SandboxControl
    store: BreakageStore
    directory: AccountDirectory
    auth: AuthClient
    subscriptions: SubscriptionService
    tenants: TenantService
    announce: Announce


class Breaker(Protocol):
    """`tenant` is None for what breaks everything."""

    async def do(self, tools: Tools, tenant: AuthTenant | None) -> dict[str, Any]: ...

    async def undo(self, tools: Tools, tenant: AuthTenant | None, undo: Undo) -> Undone: ...

    async def healed(self, tools: Tools, tenant: AuthTenant | None, undo: Undo, since: datetime) -> bool: ...


@dataclass(frozen=True)
class Fault:
    """A fault at the sandbox that stays until it is removed; the sandbox forgets it when it is started anew."""

    path: str
    status: int
    headers: Mapping[str, object] = field(default_factory=dict)
    method: str = "*"

    async def do(self, tools: Tools, tenant: AuthTenant | None) -> dict[str, Any]:
        return {"fault": await tools.control.add_fault(self._fault(tenant))}

    async def undo(self, tools: Tools, tenant: AuthTenant | None, undo: Undo) -> Undone:
        await tools.control.remove_fault(undo["fault"])
        for tenant_id in [tenant.id] if tenant else list(await tools.directory.names()):
            await tools.tenants.connected(tenant_id, subscribe=False)
        return Undone(detail="Microsoft answers again; what waited is fetched now.", link=_link(tenant))

    async def healed(self, _tools: Tools, _tenant: AuthTenant | None, _undo: Undo, _since: datetime) -> bool:
        return False

    def _fault(self, tenant: AuthTenant | None) -> dict[str, object]:
        path = self.path.format(user=tenant.external_account_id if tenant else "")
        return {"method": self.method, "path": path, "status": self.status, "headers": dict(self.headers)}


@dataclass(frozen=True)
class Poison(Fault):
    """A fault for one message only: for each of the ways in which it is asked for, then it is over."""

    async def do(self, tools: Tools, tenant: AuthTenant | None) -> dict[str, Any]:
        body = {"error": {"code": "ErrorInvalidRequest", "message": "A poisoned message, as was asked for."}}
        return {"fault": await tools.control.add_fault({**self._fault(tenant), "times": MAX_ATTEMPTS, "body": body})}

    async def undo(self, tools: Tools, tenant: AuthTenant | None, undo: Undo) -> Undone:
        await tools.control.remove_fault(undo["fault"])
        return Undone(detail="The next message is fetched as usual.", link=_link(tenant))

    async def healed(self, tools: Tools, _tenant: AuthTenant | None, undo: Undo, _since: datetime) -> bool:
        return undo["fault"] not in await tools.control.faults()


class DropNotifications:
    async def do(self, tools: Tools, tenant: AuthTenant | None) -> dict[str, Any]:
        address = await _address(tools, _required(tenant))
        await tools.control.drop_notifications(address, dropped=True)
        return {"address": address}

    async def undo(self, tools: Tools, tenant: AuthTenant | None, undo: Undo) -> Undone:
        await tools.control.drop_notifications(undo["address"], dropped=False)
        detail = "Notifications are delivered again. Press Sync now to fetch what came meanwhile."
        return Undone(detail=detail, link=_link(tenant))

    async def healed(self, _tools: Tools, _tenant: AuthTenant | None, _undo: Undo, _since: datetime) -> bool:
        return False


class LoseSubscription:
    """Every active subscription of the account, by its time (`expire`), or by Microsoft's removal."""

    def __init__(self, *, expire: bool) -> None:
        self._expire = expire

    async def do(self, tools: Tools, tenant: AuthTenant | None) -> dict[str, Any]:
        rows = await _active(tools, _required(tenant))
        for row in rows:
            if self._expire:
                await tools.control.expire_subscription(row.subscription_id or "")
                await tools.store.let_expire(row.id)
            else:
                await tools.control.remove_subscription(row.subscription_id or "")
        return {"lost": {str(row.id): row.subscription_id for row in rows}}

    async def undo(self, tools: Tools, tenant: AuthTenant | None, undo: Undo) -> Undone:
        for row_id, graph_id in undo["lost"].items():
            row = await tools.subscriptions.store.get(uuid.UUID(row_id))
            if row is not None and not _is_new(row, graph_id):
                await tools.subscriptions.renew_subscription(row.id)
        return Undone(detail="Microsoft announces this mailbox's messages again.", link=_link(tenant))

    async def healed(self, tools: Tools, _tenant: AuthTenant | None, undo: Undo, _since: datetime) -> bool:
        for row_id, graph_id in undo["lost"].items():
            row = await tools.subscriptions.store.get(uuid.UUID(row_id))
            if row is not None and not _is_new(row, graph_id):
                return False
        return True


class RevokeConsent:
    """The person's consent, or, for a mailbox reached by application permissions, the organisation's."""

    async def do(self, tools: Tools, tenant: AuthTenant | None) -> dict[str, Any]:
        tenant = _required(tenant)
        token = await tools.auth.request_tenant_token(tenant.id)
        if tenant.token_type == "app":  # noqa: S105 - a kind, not a secret
            undo = await self._withdraw(tools, tenant)
        else:
            await tools.control.revoke(await _address(tools, tenant))
            undo = {}
        with contextlib.suppress(ReconnectRequired):
            # Auth finds out at the next refresh, which may be an hour away: ask for it now.
            await tools.auth.request_tenant_token(tenant.id, rejected_token=token.access_token)
        tools.auth.forget(tenant.id)
        tools.directory.expire()
        return undo

    async def undo(self, tools: Tools, tenant: AuthTenant | None, undo: Undo) -> Undone:
        if "domain" not in undo:
            return Undone(
                detail="Only the mailbox's owner can allow it again: reconnect the account.", link=_link(tenant)
            )
        for consent in undo["consents"]:
            await tools.control.grant(undo["domain"], consent)
        return Undone(detail="The organisation's consent is back: reconnect the account.", link=_link(tenant))

    async def healed(self, _tools: Tools, tenant: AuthTenant | None, _undo: Undo, since: datetime) -> bool:
        if tenant is None:
            return True
        renewed_at = tenant.last_refreshed_at or tenant.created_at
        return tenant.status == "active" and renewed_at > since

    async def _withdraw(self, tools: Tools, tenant: AuthTenant) -> dict[str, Any]:
        domain, consents = await tools.control.consents(tenant.external_tenant_id)
        for consent in consents:
            await tools.control.withdraw(domain, consent["client_id"])
        return {"domain": domain, "consents": [_as_granted(consent) for consent in consents]}


BREAKERS: dict[BreakageName, Breaker] = {
    "throttle": Fault("/v1.0/users/{user}/*", 429, {"Retry-After": THROTTLE_SECONDS}),
    "drop_notifications": DropNotifications(),
    "expire_subscription": LoseSubscription(expire=True),
    "remove_subscription": LoseSubscription(expire=False),
    "revoke_consent": RevokeConsent(),
    "poison_message": Poison("/v1.0/users/{user}/messages/*", 400, method="GET"),
    "graph_down": Fault("/v1.0/*", 503),
}


def _required(tenant: AuthTenant | None) -> AuthTenant:
    if tenant is None:
        raise NotFound("There is no connected account with this id.", code="tenant_not_found")
    return tenant


async def _address(tools: Tools, tenant: AuthTenant) -> str:
    """The mailbox's address at the sandbox."""
    found = next((user for user in await tools.control.users() if user.id == tenant.external_account_id), None)
    if found is None:
        raise NotFound("The sandbox has no mailbox for this account: it was connected at another Microsoft.")
    return found.address


async def _active(tools: Tools, tenant: AuthTenant) -> list[Subscription]:
    rows = await tools.subscriptions.store.list_of_tenant(tenant.id)
    found = [row for row in rows if row.status is Status.ACTIVE and row.subscription_id]
    if not found:
        raise Conflict("This account has no active subscription to break.", code="no_subscription")
    return found


def _is_new(row: Subscription, graph_id: str) -> bool:
    return row.status is Status.ACTIVE and row.subscription_id not in (None, graph_id)


def _as_granted(consent: Mapping[str, Any]) -> dict[str, Any]:
    scopes = [scope for scope in consent["scopes"] if scope.lower() not in _SIGN_IN_SCOPES]
    return {"client_id": consent["client_id"], "scopes": scopes, "roles": consent["roles"]}


def _link(tenant: AuthTenant | None) -> str | None:
    return f"/admin/tenants/{tenant.id}" if tenant else None
