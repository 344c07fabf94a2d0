"""Signing in, staying signed in, signing out, and who may do so."""

from __future__ import annotations

import secrets
from dataclasses import replace

from flovify.auth.audit.store import COMMAND_LINE, AuditLog
from flovify.auth.kept_hash import kept_hash
from flovify.auth.users.models import Origin, Session, SignedIn, User
from flovify.auth.users.passwords import Passwords, check_new_password, check_password_shape
from flovify.auth.users.signing import TokenSigner
from flovify.auth.users.store import UserStore
from flovify.auth.users.throttle import Throttle, Try
from flovify.common.audit.models import Outcome
from flovify.common.db import Connection, Pool
from flovify.common.errors import Conflict, FlovifyError, InvalidRequest, Unauthorized
from flovify.common.roles import ROLES

MAX_EMAIL = 254


class UserService:
    """The rules of signing in."""

    def __init__(self, store: UserStore, passwords: Passwords, signer: TokenSigner, audit: AuditLog) -> None:
        self._store = store
        self._throttle = Throttle(store)
        self._passwords = passwords
        self._signer = signer
        self._audit = audit

    async def setup_needed(self) -> bool:
        """Whether nobody can sign in yet."""
        return not await self._store.has_users()

    async def sign_in(self, email: str, password: str, origin: Origin) -> SignedIn:
        """Begin a session.

        Raises Unauthorized, with the same words and after the same time, for an unknown user and for a wrong password,
        and SignInDelayed when there were many failures: the delay doubles up to half a minute and no lock is permanent.
        """
        check_password_shape(password)
        email = email.strip()
        one = await self._throttle.begin(email, origin)
        # The turn comes first, so that those who wait for it hold no connection.
        async with self._passwords.turn(one.network), self._store.transaction() as connection:
            found = await self._try(email, password, one, connection)
        if found is None:
            await self._audit.record(_named(email), "user.sign_in_failed", "", None, outcome=Outcome.FAILURE)
            raise Unauthorized("the address or the password is wrong", code="sign_in_failed")
        user, password_hash = found
        if self._passwords.outdated(password_hash):
            await self._store.set_password_hash(user.id, await self._passwords.hash(password))
        return await self._begin(user, origin, known=one.known)

    async def _try(self, email: str, password: str, one: Try, connection: Connection) -> tuple[User, str] | None:
        """One try, recorded in the same transaction: the user and its hash, or None. Raises SignInDelayed."""
        await self._throttle.lock(one.counted, connection)
        await self._throttle.check(one.counted, connection)
        found = await self._store.find(email, connection) if _plausible(email) else None
        fits = await self._passwords.verify(found[1] if found else None, password)
        await self._throttle.note(one, connection, fits=fits)
        return (found[0], found[1]) if fits and found and found[1] else None

    async def _begin(self, user: User, origin: Origin, *, known: bool) -> SignedIn:
        token = secrets.token_urlsafe(32)
        await self._store.add_session(kept_hash(token), user, origin)
        await self._audit.record(user.email, "user.signed_in", str(user.id))
        signed_in = await self.refresh(token)
        return signed_in if known else replace(signed_in, device_token=await self._new_device(user))

    async def _new_device(self, user: User) -> str:
        token = secrets.token_urlsafe(32)
        await self._store.add_device(kept_hash(token), user.id)
        return token

    async def refresh(self, session_token: str) -> SignedIn:
        """A fresh access token for a session; its idle time begins anew. Raises Unauthorized."""
        session = await self._session(session_token)
        access_token, seconds = await self._signer.access_token(session)
        return SignedIn(session, session_token, access_token, seconds)

    async def sign_out(self, session_token: str) -> None:
        """End a session; nothing happens when there is none."""
        user_id = await self._store.revoke_session(kept_hash(session_token))
        if user_id is not None:
            await self._audit.record(str(user_id), "user.signed_out", str(user_id))

    async def set_up(self, token: str, email: str, password: str) -> User:
        """Make the first administrator with the one-time token. Raises Unauthorized, Conflict, InvalidRequest."""
        check_new_user(email, password, "administrator")
        if not await self._store.knows_setup_token(kept_hash(token)):
            # Before the hash is computed: whoever has no link must not be able to keep the hasher busy.
            raise await self._no_setup()
        password_hash = await self._passwords.hash(password)
        async with self._store.transaction() as connection:
            await self._store.lock_users(connection)
            if await self._store.has_users(connection) or not await self._store.take_setup_token(
                kept_hash(token), connection
            ):
                raise await self._no_setup(connection)
            user = await self._store.insert(email.strip(), password_hash, "administrator", connection)
            await self._audit.record(user.email, "user.created", str(user.id), {"role": user.role}, connection)
        return user

    async def _session(self, session_token: str) -> Session:
        session = await self._store.use_session(kept_hash(session_token))
        if session is None:
            raise Unauthorized("the session has ended; sign in again", code="session_ended")
        return session

    async def _no_setup(self, connection: Connection | None = None) -> FlovifyError:
        if await self._store.has_users(connection):
            return Conflict("this installation has an administrator already; sign in", code="already_set_up")
        return Unauthorized("the set-up link was used or has expired; start Flovify again for a new one")


async def create_user(pool: Pool, email: str, password: str, role: str = "administrator") -> User:
    """Add a user from the command line or at start. Raises InvalidRequest and Conflict."""
    check_new_user(email, password, role)
    store = UserStore(pool)
    user = await store.insert(email.strip(), await Passwords().hash(password), role)
    await AuditLog(pool).record(COMMAND_LINE, "user.created", str(user.id), {"role": role})
    return user


async def ensure_first_administrator(pool: Pool, email: str, password: str) -> None:
    """Make the administrator named by the settings, unless somebody can sign in already."""
    if email and password and not await UserStore(pool).has_users():
        try:
            await create_user(pool, email, password)
        except Conflict:
            return  # another process of this service was first


def check_address(email: str) -> None:
    """Raises InvalidRequest for what is no email address."""
    if not _plausible(email):
        raise InvalidRequest("give an email address such as you@example.com")


def check_new_user(email: str, password: str, role: str) -> None:
    """Raises InvalidRequest."""
    check_address(email.strip())
    if role not in ROLES:
        raise InvalidRequest(f"the role is one of {', '.join(ROLES)}")
    check_new_password(password, email)


def _plausible(email: str) -> bool:
    local, at, domain = email.partition("@")
    clean = email.isprintable() and not any(character.isspace() for character in email)
    return bool(local and at and domain and "@" not in domain and clean and len(email) <= MAX_EMAIL)


def _named(email: str) -> str:
    """For the audit log; what is no address may be a password typed into the wrong field."""
    return email if _plausible(email) else "unknown"
