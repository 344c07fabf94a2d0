"""Inviting people, changing what they may do, and their passwords."""

from __future__ import annotations

import secrets
from uuid import UUID

from flovify.auth.audit.store import AuditLog
from flovify.auth.errors import InvitationUnusable, LastAdministrator, OwnAccount, UserNotFound
from flovify.auth.kept_hash import kept_hash
from flovify.auth.people.models import MadeInvitation, Person
from flovify.auth.people.store import PeopleStore
from flovify.auth.sessions.store import SessionStore
from flovify.auth.users.passwords import Passwords, check_new_password, check_password_shape
from flovify.auth.users.service import check_address
from flovify.auth.users.store import UserStore
from flovify.common.audit.models import Outcome
from flovify.common.db import Connection
from flovify.common.errors import Forbidden, InvalidRequest
from flovify.common.jwt import Principal

INVITATION_SECONDS = 3 * 24 * 3600


class PeopleService:
    """Somebody can always sign in as administrator: the last one cannot be demoted, disabled or deleted."""

    def __init__(
        self, store: PeopleStore, users: UserStore, sessions: SessionStore, passwords: Passwords, audit: AuditLog
    ) -> None:
        self._store = store
        self._users = users
        self._sessions = sessions
        self._passwords = passwords
        self._audit = audit

    async def list(self) -> list[Person]:
        return await self._store.list()

    async def invite(self, email: str, role: str, actor: str) -> MadeInvitation:
        """Add a user without a password, and a link that chooses one. Raises InvalidRequest and Conflict."""
        email = email.strip()
        check_address(email)
        async with self._users.transaction() as connection:
            user_id = await self._store.add(email, role, connection)
            made = await self._invitation(user_id, connection)
            details = {"email": email, "role": role}
            await self._audit.record(actor, "user.invited", str(user_id), details, connection)
        return made

    async def invite_again(self, user_id: UUID, actor: str) -> MadeInvitation:
        """A new link for a user; the one before it is dead. With it a forgotten password is replaced.

        Raises UserNotFound, and InvalidRequest for a user who may not sign in.
        """
        async with self._users.transaction() as connection:
            person = await self._person(user_id, connection)
            if person.disabled_at is not None:
                raise InvalidRequest("this user is disabled; enable the user first")
            made = await self._invitation(user_id, connection)
            await self._audit.record(actor, "user.invited", str(user_id), {"email": person.email}, connection)
        return made

    async def accept(self, token: str, password: str) -> Person:
        """Choose a password by an invitation; sessions under an earlier password end.

        Raises InvitationUnusable and InvalidRequest.
        """
        token_hash = kept_hash(token)
        email = await self._store.find_invited(token_hash)
        if email is None:
            raise InvitationUnusable
        check_new_password(password, email)
        password_hash = await self._passwords.hash(password)
        async with self._users.transaction() as connection:
            user_id = await self._store.take_invitation(token_hash, connection)
            if user_id is None:
                raise InvitationUnusable
            await self._store.set_password(user_id, password_hash, connection)
            await self._sessions.end_all_of(user_id, None, connection)
            await self._audit.record(email, "user.invitation_accepted", str(user_id), None, connection)
            return await self._person(user_id, connection)

    async def change(
        self, user_id: UUID, principal: Principal, *, role: str | None = None, disabled: bool | None = None
    ) -> Person:
        """Another role, or may sign in or not; sessions of a disabled user end.

        Raises UserNotFound, OwnAccount and LastAdministrator.
        """
        async with self._users.transaction() as connection:
            person = await self._other(user_id, principal, connection)
            if disabled or (role is not None and role != "administrator"):
                await self._keep_an_administrator(person, connection)
            await self._store.change(user_id, role, disabled, connection)
            if disabled:
                await self._sessions.end_all_of(user_id, None, connection)
            given = {"role": role, "disabled": disabled}
            details = {"email": person.email, **{name: value for name, value in given.items() if value is not None}}
            await self._audit.record(principal.email, "user.changed", str(user_id), details, connection)
            return await self._person(user_id, connection)

    async def delete(self, user_id: UUID, principal: Principal) -> None:
        """Raises UserNotFound, OwnAccount and LastAdministrator."""
        async with self._users.transaction() as connection:
            person = await self._other(user_id, principal, connection)
            await self._keep_an_administrator(person, connection)
            await self._store.delete(user_id, connection)
            details = {"email": person.email, "role": person.role}
            await self._audit.record(principal.email, "user.deleted", str(user_id), details, connection)

    async def change_own_password(self, principal: Principal, current: str, new: str) -> None:
        """All other sessions of the user end. Raises Forbidden for a wrong current password, and InvalidRequest."""
        check_password_shape(current)
        check_new_password(new, principal.email)
        user_id = UUID(principal.user_id)
        stored = await self._store.password_of(user_id)
        async with self._passwords.turn():
            fits = await self._passwords.verify(stored, current)
        if not fits:
            await self._audit.record(
                principal.email, "user.password_changed", str(user_id), None, outcome=Outcome.FAILURE
            )
            raise Forbidden("the current password is wrong", code="wrong_password")
        password_hash = await self._passwords.hash(new)
        async with self._users.transaction() as connection:
            await self._store.set_password(user_id, password_hash, connection)
            await self._sessions.end_all_of(user_id, UUID(principal.session_id), connection)
            await self._audit.record(principal.email, "user.password_changed", str(user_id), None, connection)

    async def set_password(self, user_id: UUID, password: str, actor: str) -> None:
        """Replace a password without knowing it; all sessions and an open invitation of the user end.

        Raises UserNotFound and InvalidRequest.
        """
        async with self._users.transaction() as connection:
            email = (await self._person(user_id, connection)).email
        check_new_password(password, email)
        password_hash = await self._passwords.hash(password)
        async with self._users.transaction() as connection:
            await self._store.set_password(user_id, password_hash, connection)
            await self._store.delete_invitation(user_id, connection)
            await self._sessions.end_all_of(user_id, None, connection)
            await self._audit.record(actor, "user.password_changed", str(user_id), {"email": email}, connection)

    async def _invitation(self, user_id: UUID, connection: Connection) -> MadeInvitation:
        token = secrets.token_urlsafe(32)
        ends = await self._store.put_invitation(user_id, kept_hash(token), float(INVITATION_SECONDS), connection)
        return MadeInvitation(await self._person(user_id, connection), token, ends)

    async def _person(self, user_id: UUID, connection: Connection) -> Person:
        found = await self._store.list(user_id, connection)
        if not found:
            raise UserNotFound
        return found[0]

    async def _other(self, user_id: UUID, principal: Principal, connection: Connection) -> Person:
        """Under a lock, so that of two administrators who remove each other at once one stays."""
        await self._users.lock_users(connection)
        person = await self._person(user_id, connection)
        if str(person.id) == principal.user_id:
            raise OwnAccount
        return person

    async def _keep_an_administrator(self, person: Person, connection: Connection) -> None:
        counts = person.role == "administrator" and person.disabled_at is None and person.has_password
        if counts and not await self._store.other_administrators(person.id, connection):
            raise LastAdministrator
