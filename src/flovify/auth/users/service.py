"""Signing in, staying signed in, signing out, and who may do so."""

from __future__ import annotations

import hashlib
import ipaddress
import secrets

from flovify.auth.audit.store import COMMAND_LINE, AuditLog
from flovify.auth.errors import SignInDelayed
from flovify.auth.users.models import Origin, Session, SignedIn, User
from flovify.auth.users.passwords import Passwords, check_new_password, check_password_shape
from flovify.auth.users.signing import ACCESS_SECONDS, TokenSigner
from flovify.auth.users.store import UserStore
from flovify.common.audit.models import Outcome
from flovify.common.db import Connection, Pool
from flovify.common.errors import Conflict, InvalidRequest, Unauthorized
from flovify.common.roles import ROLES

FREE_FAILURES = 5
MAX_DELAY_SECONDS = 30.0
MAX_EMAIL = 254
SETUP_SECONDS = 24 * 3600


class UserService:
    """The rules of signing in."""

    def __init__(self, store: UserStore, passwords: Passwords, signer: TokenSigner, audit: AuditLog) -> None:
        self._store = store
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
        # The turn comes first, so that those who wait for it hold no connection.
        async with self._passwords.turn(), self._store.transaction() as connection:
            found = await self._try(email, password, _subjects(email, origin.address), connection)
        if found is None:
            await self._audit.record(_named(email), "user.sign_in_failed", "", None, outcome=Outcome.FAILURE)
            raise Unauthorized("the address or the password is wrong", code="sign_in_failed")
        user, password_hash = found
        if self._passwords.outdated(password_hash):
            await self._store.set_password_hash(user.id, await self._passwords.hash(password))
        return await self._begin(user, origin)

    async def _try(
        self, email: str, password: str, subjects: list[str], connection: Connection
    ) -> tuple[User, str] | None:
        """One try, recorded in the same transaction: the user and its hash, or None. Raises SignInDelayed."""
        for subject in sorted(subjects):  # always in the same order, so that two tries never wait for each other
            await self._store.lock_subject(subject, connection)
            await self._check_delay(subject, connection)
        found = await self._store.find(email, connection) if _plausible(email) else None
        fits = await self._passwords.verify(found[1] if found else None, password)
        for subject in subjects:
            if fits:
                await self._store.forget_failures(subject, connection)
            else:
                await self._store.add_failure(subject, connection)
        return (found[0], found[1]) if fits and found and found[1] else None

    async def _begin(self, user: User, origin: Origin) -> SignedIn:
        token = secrets.token_urlsafe(32)
        await self._store.add_session(_hash(token), user, origin)
        await self._audit.record(user.email, "user.signed_in", str(user.id))
        return await self.refresh(token)

    async def refresh(self, session_token: str) -> SignedIn:
        """A fresh access token for a session; its idle time begins anew. Raises Unauthorized."""
        session = await self._session(session_token)
        return SignedIn(session, session_token, self._signer.access_token(session), ACCESS_SECONDS)

    async def sign_out(self, session_token: str) -> None:
        """End a session; nothing happens when there is none."""
        user_id = await self._store.revoke_session(_hash(session_token))
        if user_id is not None:
            await self._audit.record(str(user_id), "user.signed_out", str(user_id))

    async def set_up(self, token: str, email: str, password: str) -> User:
        """Make the first administrator with the one-time token. Raises Unauthorized, Conflict, InvalidRequest."""
        check_new_user(email, password, "administrator")
        password_hash = await self._passwords.hash(password)
        async with self._store.transaction() as connection:
            await self._store.lock_users(connection)
            if await self._store.has_users(connection):
                raise Conflict("this installation has an administrator already; sign in", code="already_set_up")
            if not await self._store.take_setup_token(_hash(token), connection):
                raise Unauthorized("the set-up link was used or has expired; start Flovify again for a new one")
            user = await self._store.insert(email.strip(), password_hash, "administrator", connection)
            await self._audit.record(user.email, "user.created", str(user.id), {"role": user.role}, connection)
        return user

    async def _session(self, session_token: str) -> Session:
        session = await self._store.use_session(_hash(session_token))
        if session is None:
            raise Unauthorized("the session has ended; sign in again", code="session_ended")
        return session

    async def _check_delay(self, subject: str, connection: Connection) -> None:
        failures, since = await self._store.recent_failures(subject, connection)
        free = FREE_FAILURES if subject.startswith("account:") else 10 * FREE_FAILURES
        if failures >= free:
            wait = min(MAX_DELAY_SECONDS, 2.0 ** min(failures - free, 10)) - since
            if wait > 0:
                raise SignInDelayed(wait)


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


def _subjects(email: str, address: str) -> list[str]:
    """What failures are counted by: the account and the network. Loopback is our own front door, not a client."""
    account = "account:" + hashlib.sha256(email.lower().encode(errors="surrogatepass")).hexdigest()
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return [account]
    if parsed.is_loopback:
        return [account]
    network = ipaddress.ip_network(f"{address}/{24 if parsed.version == 4 else 64}", strict=False)
    return [account, f"network:{network}"]


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
