"""What auth need not keep for ever."""

from __future__ import annotations

from flovify.auth.audit.store import AuditLog
from flovify.auth.links.service import LinkService
from flovify.auth.people.store import PeopleStore
from flovify.auth.sessions.store import SessionStore
from flovify.auth.tenants.service import TenantService
from flovify.auth.tokens.service import TokenService
from flovify.auth.users.store import UserStore

EVERY_SECONDS = 3600.0


class Housekeeping:
    """Deletes ended sessions and word of them, old failed sign-ins, invitations, links and counts, replaced tokens."""

    def __init__(
        self,
        users: UserStore,
        people: PeopleStore,
        sessions: SessionStore,
        tokens: TokenService,
        tenants: TenantService,
        links: LinkService,
        audit: AuditLog,
    ) -> None:
        self._users = users
        self._people = people
        self._sessions = sessions
        self._tenants = tenants
        self._tokens = tokens
        self._links = links
        self._audit = audit

    async def run(self) -> None:
        """Safe to repeat and to run in several processes."""
        await self._users.delete_old()
        await self._people.delete_old()
        await self._sessions.delete_old_revocations()
        await self._tenants.delete_old_token_events()
        await self._tokens.forget_previous()
        await self._links.delete_old()
        await self._audit.delete_old_handouts()
