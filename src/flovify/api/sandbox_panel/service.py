"""The sandbox panel: a message to try with, and things to break and mend."""

from __future__ import annotations

import uuid

from flovify.api.accounts.models import AuthTenant
from flovify.api.sandbox_panel.breaking import BREAKERS, Fault, Poison, Tools
from flovify.api.sandbox_panel.kinds import KINDS
from flovify.api.sandbox_panel.message import compose
from flovify.api.sandbox_panel.models import KeptBreakage
from flovify.api.sandbox_panel.schemas import (
    Breakage,
    BreakageKind,
    BreakageName,
    SandboxMailbox,
    SandboxState,
    SendTestMessage,
    SentTestMessage,
    SmtpAddress,
    Undone,
)
from flovify.common.clock import Clock
from flovify.common.errors import Conflict, InvalidRequest, NotFound


class SandboxPanel:
    """Every method raises NotFound `no_sandbox` where Microsoft itself is configured (`tools` None)."""

    def __init__(self, tools: Tools | None, clock: Clock) -> None:
        self._tools = tools
        self._clock = clock

    async def state(self) -> SandboxState:
        """Mailboxes, and what is broken; what has healed by itself is struck off."""
        tools = self._required()
        tenants = (await tools.directory.known()).tenants
        by_user = {tenant.external_account_id: tenant.id for tenant in tenants.values()}
        smtp = await tools.control.smtp()
        return SandboxState(
            mailboxes=[
                SandboxMailbox(address=one.address, display_name=one.display_name, tenant_id=by_user.get(one.id))
                for one in await tools.control.users()
            ],
            breakages=[_shown(kept) for kept in await self._still_broken(tools)],
            kinds=[BreakageKind.model_validate({"kind": name, **vars(kind)}) for name, kind in KINDS.items()],
            smtp=SmtpAddress(host=smtp[0], port=smtp[1]) if smtp else None,
        )

    async def send(self, wanted: SendTestMessage) -> SentTestMessage:
        """Deliver a test message. Raises NotFound for an address that is no mailbox there."""
        tools = self._required()
        message_id, internet_message_id = await tools.control.deliver(
            wanted.address.strip(), compose(wanted, self._clock.now())
        )
        return SentTestMessage(id=message_id, internet_message_id=internet_message_id)

    async def break_it(self, kind: BreakageName, account_id: uuid.UUID | None, actor: str) -> Breakage:
        """Break it and keep how to mend it. Raises Conflict when it is broken so already."""
        tools = self._required()
        if KINDS[kind].needs_account != (account_id is not None):
            needed = "needs an account" if account_id is None else "is for all accounts: leave `account_id` out"
            raise InvalidRequest(f"{kind} {needed}")
        for kept in await self._still_broken(tools):
            if (kept.kind, kept.tenant_id) == (kind, account_id):
                raise Conflict("This is broken already; undo it first.", code="already_broken")
        tenant = await self._tenant(tools, account_id) if account_id else None
        undo = await BREAKERS[kind].do(tools, tenant)
        kept = await tools.store.add(kind, account_id, actor, undo)
        await _announce(tools, kept)
        return _shown(kept)

    async def undo(self, breakage_id: uuid.UUID) -> Undone:
        """Mend it. Raises NotFound when it is not broken (any more)."""
        tools = self._required()
        kept = await tools.store.get(breakage_id)
        if kept is None:
            raise NotFound("This is not broken any more.")
        tenant = (await tools.directory.find(kept.tenant_id))[0] if kept.tenant_id else None
        undone = await BREAKERS[kept.kind].undo(tools, tenant, kept.undo)
        await tools.store.delete(kept.id)
        await _announce(tools, kept)
        return undone

    async def _still_broken(self, tools: Tools) -> list[KeptBreakage]:
        """What is kept as broken, without what has healed; faults that a restart of the sandbox forgot are renewed."""
        tenants = (await tools.directory.known()).tenants
        broken: list[KeptBreakage] = []
        for kept in await tools.store.list():
            tenant = tenants.get(kept.tenant_id) if kept.tenant_id else None
            gone = kept.tenant_id is not None and tenant is None
            if gone or await BREAKERS[kept.kind].healed(tools, tenant, kept.undo, kept.since):
                await tools.store.delete(kept.id)
            else:
                await self._renew(tools, kept, tenant)
                broken.append(kept)
        return broken

    async def _renew(self, tools: Tools, kept: KeptBreakage, tenant: AuthTenant | None) -> None:
        breaker = BREAKERS[kept.kind]
        if not isinstance(breaker, Fault) or isinstance(breaker, Poison):
            return
        if kept.undo["fault"] not in await tools.control.faults():
            await tools.store.change(kept.id, await breaker.do(tools, tenant))

    async def _tenant(self, tools: Tools, account_id: uuid.UUID) -> AuthTenant:
        found, _ = await tools.directory.find(account_id)
        if found is None:
            raise NotFound("There is no connected account with this id.", code="tenant_not_found")
        return found

    def _required(self) -> Tools:
        if self._tools is None:
            raise NotFound("There is no sandbox here: MICROSOFT_GRAPH_URL is Microsoft's own.", code="no_sandbox")
        return self._tools


async def _announce(tools: Tools, kept: KeptBreakage) -> None:
    """Whoever looks at the account, or at the panel, sees it."""
    await tools.announce("health.changed", None)
    if kept.tenant_id is not None:
        await tools.announce("account.updated", str(kept.tenant_id))


def _shown(kept: KeptBreakage) -> Breakage:
    kind = KINDS[kept.kind]
    return Breakage(
        id=kept.id,
        kind=kept.kind,
        account_id=kept.tenant_id,
        title=kind.title,
        what_will_happen=kind.what_will_happen,
        since=kept.since,
        undo_label=kind.undo_label,
    )
