"""The directory: users and applications, who consented to what, and the tokens issued."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import AccessToken, App, Grant, Policy, RefreshToken, User
from flovify.sandbox.journal import Journal

NAMESPACE = uuid.UUID("6f5b0a52-6c3f-4f43-9a55-4cf2b1b3c1de")
REFRESH_LIFE = timedelta(days=90)  # sliding (Entra: refresh-tokens)
ACCESS_SECONDS = (3600, 5400)  # a random 60 to 90 minutes (Entra: configurable-token-lifetimes)
APP_ROLES = ("Mail.Read", "User.Read.All")


class Directory:
    """In memory and in the journal. Ids of users and organisations follow from their names, so a reset keeps them."""

    def __init__(self, journal: Journal, clock: SandboxClock) -> None:
        self._journal = journal
        self._clock = clock
        self._users = {user.id: user for user in journal.load("user", User)}
        self._by_address = {user.address: user for user in self._users.values()}
        self._apps = {app.client_id: app for app in journal.load("app", App)}
        self._grants = {(grant.client_id, grant.user_id): grant for grant in journal.load("grant", Grant)}
        self._access = {token.token: token for token in journal.load("access", AccessToken)}
        self._forget_expired()
        self._refresh = {token.token_sha256: token for token in journal.load("refresh", RefreshToken)}
        self.policy = next(journal.load("policy", Policy), Policy())

    def clear(self) -> None:
        """Forget everybody; the journal is cleared by the caller."""
        for known in (self._users, self._by_address, self._apps, self._grants, self._access, self._refresh):
            known.clear()
        self.policy = Policy()

    # Users

    def add_user(self, address: str, display_name: str) -> User:
        """The user with this address, made now if there is none. The organisation is the address's domain."""
        address = address.strip().lower()
        known = self._by_address.get(address)
        if known:
            return known
        domain = address.rpartition("@")[2]
        user = User(
            id=str(uuid.uuid5(NAMESPACE, f"user:{address}")),
            tenant_id=str(uuid.uuid5(NAMESPACE, f"organization:{domain}")),
            address=address,
            display_name=display_name,
        )
        self._users[user.id] = user
        self._by_address[address] = user
        self._journal.put("user", user.id, user)
        return user

    def users(self) -> list[User]:
        return list(self._users.values())

    def user_by_id(self, user_id: str) -> User | None:
        return self._users.get(user_id.lower())

    def user_by_address(self, address: str) -> User | None:
        return self._by_address.get(address.strip().lower())

    def organization(self, name: str) -> str | None:
        """The tenant id behind a GUID or a domain, None when nobody belongs to it."""
        name = name.lower()
        for user in self._users.values():
            if name in {user.tenant_id, user.address.rpartition("@")[2]}:
                return user.tenant_id
        return None

    # Applications

    def register(
        self, display_name: str, redirect_uris: Iterable[str], client_id: str = "", secret: str = ""
    ) -> tuple[App, str]:
        """Add an application, or give a known one this name, secret and redirect URIs; returns it with its secret."""
        client_id = (client_id or str(uuid.uuid4())).lower()
        secret = secret or secrets.token_urlsafe(30)
        app = App(client_id, _sha256(secret), display_name, list(redirect_uris))
        self._apps[client_id] = app
        self._journal.put("app", client_id, app)
        return app, secret

    def app(self, client_id: str) -> App | None:
        return self._apps.get(client_id.lower())

    def apps(self) -> list[App]:
        return list(self._apps.values())

    def secret_matches(self, app: App, secret: str) -> bool:
        return hmac.compare_digest(app.secret_sha256, _sha256(secret))

    # Consent

    def consented(self, client_id: str, user_id: str) -> set[str]:
        """The scopes, in lower case, that the user has granted to the application."""
        return {scope.lower() for scope in self.granted(client_id, user_id)}

    def granted(self, client_id: str, user_id: str) -> list[str]:
        """The same as they are written, in the order they were granted."""
        grant = self._grants.get((client_id, user_id))
        return list(grant.scopes) if grant else []

    def consent(self, client_id: str, user_id: str, scopes: Iterable[str]) -> None:
        """Add scopes to what the user has granted."""
        known = self._grants.get((client_id, user_id)) or Grant(client_id, user_id, [])
        missing = [scope for scope in scopes if scope.lower() not in {old.lower() for old in known.scopes}]
        known.scopes = [*known.scopes, *missing]
        self._grants[(client_id, user_id)] = known
        self._journal.put("grant", f"{client_id} {user_id}", known)

    def revoke_grants(self, address: str) -> int:
        """Take back every consent of a user and end all its tokens; says how many grants there were."""
        user = self.user_by_address(address)
        found = [grant for grant in self._grants.values() if user and grant.user_id == user.id]
        for grant in found:
            grant.scopes, grant.revoked_at = [], self._clock.now()
            self._journal.put("grant", f"{grant.client_id} {grant.user_id}", grant)
            self._forget_tokens(grant)
        return len(found)

    def _forget_tokens(self, grant: Grant) -> None:
        owner = (grant.client_id, grant.user_id)
        self._forget([one for one in self._access.values() if (one.client_id, one.user_id) == owner])

    def _forget_expired(self) -> None:
        """Old access tokens are of no use to anybody; without this the journal would grow for ever."""
        now = self._clock.now()
        self._forget([one for one in self._access.values() if one.expires_at <= now])

    def _forget(self, tokens: Iterable[AccessToken]) -> None:
        for token in tokens:
            del self._access[token.token]
            self._journal.delete("access", token.token)

    def revoked(self, client_id: str, user_id: str, issued_at: datetime) -> bool:
        """Whether consent was taken back after a code or refresh token of that time was issued."""
        grant = self._grants.get((client_id, user_id))
        return bool(grant and grant.revoked_at and grant.revoked_at >= issued_at)

    # Tokens

    def issue_access_token(
        self, client_id: str, user: User | None, tenant_id: str, scopes: Iterable[str], roles: Iterable[str] = ()
    ) -> AccessToken:
        """A new token for Graph; opaque, though like Entra's it has the outer shape of a JWT."""
        now = self._clock.now()
        low, high = ACCESS_SECONDS
        seconds = low + secrets.randbelow(high - low)
        token = AccessToken(
            token=".".join(("eyJ0eXAiOiJKV1QifQ", secrets.token_urlsafe(96), secrets.token_urlsafe(64))),
            client_id=client_id,
            user_id=user.id if user else None,
            tenant_id=tenant_id,
            scopes=list(scopes),
            roles=list(roles),
            issued_at=now,
            expires_at=now + timedelta(seconds=seconds),
        )
        self._access[token.token] = token
        self._journal.put("access", token.token, token)
        return token

    def resolve_access_token(self, token: str) -> AccessToken | None:
        """Whom a token speaks for; None when it is unknown, expired or revoked."""
        found = self._access.get(token)
        if found is None or found.expires_at <= self._clock.now():
            return None
        return found

    def expire_access_tokens(self, address: str) -> int:
        """End a user's access tokens now, while its refresh tokens stay good; says how many."""
        user = self.user_by_address(address)
        found = [token for token in self._access.values() if user and token.user_id == user.id]
        for token in found:
            token.expires_at = self._clock.now()
            self._journal.put("access", token.token, token)
        return len(found)

    def issue_refresh_token(self, client_id: str, user: User, scopes: Iterable[str], family: str = "") -> str:
        """A new refresh token with a new 90 days; kept only as a hash."""
        token = "1.A" + secrets.token_urlsafe(160)
        now = self._clock.now()
        kept = RefreshToken(
            token_sha256=_sha256(token),
            client_id=client_id,
            user_id=user.id,
            scopes=list(scopes),
            issued_at=now,
            expires_at=now + REFRESH_LIFE,
            family=family or secrets.token_hex(8),
        )
        self._refresh[kept.token_sha256] = kept
        self._journal.put("refresh", kept.token_sha256, kept)
        return token

    def find_refresh_token(self, token: str) -> RefreshToken | None:
        return self._refresh.get(_sha256(token))

    def replace_refresh_token(self, token: RefreshToken) -> None:
        """Mark a token as used by a refresh."""
        token.replaced = True
        self._journal.put("refresh", token.token_sha256, token)

    def end_family(self, token: RefreshToken) -> None:
        """Strict rotation only: the reuse of a replaced token ends all that came from it."""
        for other in [one for one in self._refresh.values() if one.family == token.family]:
            del self._refresh[other.token_sha256]
            self._journal.delete("refresh", other.token_sha256)

    def set_policy(self, policy: Policy) -> None:
        self.policy = policy
        self._journal.put("policy", "policy", policy)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
