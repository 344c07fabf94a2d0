"""People and their sessions for commands beside the service: by address, and noted in the log as done there."""

from __future__ import annotations

from uuid import UUID

from flovify.auth.audit.store import COMMAND_LINE, AuditLog
from flovify.auth.errors import LastAdministrator
from flovify.auth.people.models import Person
from flovify.auth.people.service import PeopleService
from flovify.auth.people.store import PeopleStore
from flovify.auth.sessions.store import LivingSession, SessionStore
from flovify.auth.users.passwords import Passwords
from flovify.auth.users.store import UserStore
from flovify.common.db import Pool
from flovify.common.errors import Conflict, InvalidRequest, NotFound
from flovify.common.jwt import Principal
from flovify.common.roles import ROLES

# Nobody's own account, so that PeopleService judges by its other rules only.
_COMMAND_LINE = Principal(user_id="", email=COMMAND_LINE, role="administrator", session_id="")


class PeopleBeside:
    """The rules are PeopleService's. What is so already is left as it is, and not noted again."""

    def __init__(self, pool: Pool) -> None:
        audit = AuditLog(pool)
        self._store, self._sessions, self._audit = PeopleStore(pool), SessionStore(pool), audit
        self._people = PeopleService(self._store, UserStore(pool), self._sessions, Passwords(), audit)

    async def everybody(self) -> list[tuple[Person, int]]:
        """By address, each with the number of living sessions."""
        counts = await self._sessions.counts()
        return [(person, counts.get(person.id, 0)) for person in await self._people.list()]

    async def find(self, email: str) -> Person:
        """Raises NotFound."""
        user_id = await self._store.find(email.strip())
        found = await self._store.list(user_id) if user_id else []
        if not found:
            raise NotFound(f"there is no user {email}; `flovify admin users` lists them", code="user_not_found")
        return found[0]

    async def set_disabled(self, email: str, disabled: bool) -> bool:
        """Whether that changed anything; sessions of a disabled user end. Raises NotFound and Conflict."""
        person = await self.find(email)
        if (person.disabled_at is not None) == disabled:
            return False
        return await self._change(person, disabled=disabled)

    async def set_role(self, email: str, role: str) -> bool:
        """Whether that changed anything. Raises NotFound, InvalidRequest and Conflict."""
        if role not in ROLES:
            raise InvalidRequest(f"the role is one of {', '.join(ROLES)}")
        person = await self.find(email)
        return person.role != role and await self._change(person, role=role)

    async def set_password(self, email: str, password: str) -> Person:
        """All sessions and an open invitation of the user end. Raises NotFound and InvalidRequest."""
        person = await self.find(email)
        await self._people.set_password(person.id, password, COMMAND_LINE)
        return person

    async def sessions(self, email: str) -> list[LivingSession]:
        """The 500 last used of a user, or of everybody for an empty address. Raises NotFound."""
        return await self._sessions.list((await self.find(email)).id if email else None)

    async def end_session(self, session_id: UUID) -> bool:
        """Whether it was still alive. Raises NotFound for an id that no session has."""
        ended = await self._end(session_id)
        if not ended and not await self._sessions.known(session_id):
            raise NotFound("there is no session with this id; `flovify admin sessions` lists those that live")
        return ended

    async def end_sessions(self, email: str) -> int:
        """How many ended: a user's, or everybody's for an empty address. Raises NotFound."""
        ended = 0
        while living := await self.sessions(email):
            ended += sum([await self._end(one.id) for one in living])
        return ended

    async def _end(self, session_id: UUID) -> bool:
        owner = await self._sessions.end(session_id, None)
        if owner is not None:
            await self._audit.record(COMMAND_LINE, "session.ended", str(session_id), {"user_id": str(owner)})
        return owner is not None

    async def _change(self, person: Person, *, role: str | None = None, disabled: bool | None = None) -> bool:
        try:
            await self._people.change(person.id, _COMMAND_LINE, role=role, disabled=disabled)
        except LastAdministrator:
            raise Conflict(
                f"{person.email} is the last administrator who can sign in; make another one first, by `flovify admin "
                "create-user` or `flovify admin set-role`",
                code=LastAdministrator.code,
            ) from None
        return True
