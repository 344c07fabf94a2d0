"""Links to send to somebody else.

A link is used up by the flow that succeeds, not by the first click: a mistyped password, a missing second factor or a
preview robot that opens pages would otherwise cost the administrator a new mail. How often it may begin is limited.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from flovify.auth.audit.store import AuditLog
from flovify.auth.errors import LinkNotFound, LinkUnusable
from flovify.auth.kept_hash import kept_hash
from flovify.auth.links.models import ConnectLink, NewLink
from flovify.auth.links.store import LinkStore
from flovify.common.db import Connection
from flovify.common.errors import NotFound
from flovify.common.logs import get_logger

DEFAULT_HOURS, MAX_HOURS = 72, 168
MAX_TRIES = 20
PATH = "/auth/oauth/ms365/link"


@dataclass(frozen=True)
class MadeLink:
    """The one time its address is told. The token stands after `#`, which no browser sends and no log sees."""

    link: ConnectLink
    url: str


class LinkService:
    """Makes, lists, begins and uses up links."""

    def __init__(self, store: LinkStore, audit: AuditLog, public_url: str) -> None:
        self._store = store
        self._audit = audit
        self._public_url = public_url

    async def make(self, new: NewLink, actor: str) -> MadeLink:
        token = secrets.token_urlsafe(32)
        link_id = await self._store.add(kept_hash(token), new)
        details = {"purpose": new.purpose, "hours": new.expires_in_hours, "tenant_id": str(new.tenant_id or "")}
        await self._audit.record(actor, "link.made", str(link_id), details)
        return MadeLink(await self.get(link_id), f"{self._public_url}{PATH}#token={token}")

    async def administrator(self, email: str = "") -> tuple[UUID, str]:
        """Whom a link made at the command line speaks for: id and address. Raises NotFound."""
        found = await self._store.administrator(email)
        if found is None:
            raise NotFound("there is no such administrator who may sign in", code="administrator_not_found")
        return found

    async def newest(self) -> list[ConnectLink]:
        return await self._store.newest()

    async def get(self, link_id: UUID) -> ConnectLink:
        """Raises LinkNotFound."""
        found = await self._store.newest(link_id)
        if not found:
            raise LinkNotFound
        return found[0]

    async def withdraw(self, link_id: UUID, actor: str) -> None:
        """Raises LinkNotFound. A flow begun by it cannot be finished any more."""
        if not await self._store.delete(link_id):
            raise LinkNotFound
        await self._audit.record(actor, "link.withdrawn", str(link_id))

    async def begin(self, token: str) -> ConnectLink:
        """The link behind a token, one try counted. Raises LinkUnusable, always with the same text."""
        link_id = await self._store.begin(kept_hash(token), MAX_TRIES)
        if link_id is None:
            get_logger().warning("connect_link_refused")
            raise LinkUnusable
        return await self.get(link_id)

    async def speaks_for(self, link_id: UUID) -> str | None:
        """Whose link it is, for the audit log; None when it may not be used any more."""
        return await self._store.usable_by(link_id)

    async def use(self, link_id: UUID, connection: Connection | None = None) -> None:
        """Use it up, in the caller's transaction where one is given. Raises LinkUnusable when another flow did."""
        if not await self._store.use(link_id, connection):
            raise LinkUnusable

    async def delete_old(self) -> None:
        await self._store.delete_old()
