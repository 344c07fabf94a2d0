"""The directory: users and applications, who consented to what, and the tokens issued."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from flovify.sandbox.clock import SandboxClock
from flovify.sandbox.directory.models import (
    PERSONAL_TENANT,
    AccessToken,
    App,
    Grant,
    MailboxKind,
    Policy,
    RefreshToken,
    User,
    changed,
)
from flovify.sandbox.directory.organizations import Organizations, object_id, personal_id
from flovify.sandbox.directory.registrations import Registrations
from flovify.sandbox.journal import Journal

REFRESH_LIFE = timedelta(days=90)  # sliding (Entra: refresh-tokens)
ACCESS_SECONDS = (3600, 5400)  # a random 60 to 90 minutes (Entra: configurable-token-lifetimes)


class Directory:
    """In memory and in the journal. Ids of users and organisations follow from their names, so a reset keeps them."""

    def __init__(self, journal: Journal, clock: SandboxClock, cloud: str = "global") -> None:
        self._journal = journal
        self._clock = clock
        self._cloud = cloud
        self.registrations = Registrations(journal, clock)
        self.organizations = Organizations(journal, cloud)
        self._users = {user.id: user for user in journal.load("user", User)}
        self._by_address = {user.address: user for user in self._users.values()}
        for user in self._users.values():
            # State of an earlier version knows users only.
            if not user.personal:
                self.organizations.ensure(user.address.rpartition("@")[2])
        self._grants = {(grant.client_id, grant.user_id): grant for grant in journal.load("grant", Grant)}
        self._access = {token.token: token for token in journal.load("access", AccessToken)}
        self._forget_expired()
        self._refresh = {token.token_sha256: token for token in journal.load("refresh", RefreshToken)}
        self.policy = next(journal.load("policy", Policy), Policy())

    def clear(self) -> None:
        """Forget everybody; the journal is cleared by the caller."""
        for known in (self._users, self._by_address, self._grants, self._access, self._refresh):
            known.clear()
        self.registrations.clear()
        self.organizations.clear()
        self.policy = Policy()

    # Users

    def add_user(self, address: str, display_name: str) -> User:
        """The user with this address, made now if there is none. The organisation is the address's domain."""
        address = address.strip().lower()
        known = self._by_address.get(address)
        if known:
            return known
        user = User(
            id=object_id(self._cloud, "user", address),
            tenant_id=self.organizations.ensure(address.rpartition("@")[2]).tenant_id,
            address=address,
            display_name=display_name,
        )
        return self._keep_user(user)

    def add_personal(self, address: str, display_name: str) -> User:
        """The personal account with this address, made now if there is none. Raises ValueError: it is another's."""
        address = address.strip().lower()
        known = self._by_address.get(address)
        if known is None:
            return self._keep_user(User(personal_id(address), PERSONAL_TENANT, address, display_name))
        if not known.personal:
            raise ValueError(f"{address} is in an organisation already")
        return known

    def change_user(
        self,
        user: User,
        *,
        kind: MailboxKind | None = None,
        administrator: bool | None = None,
        delegates: list[str] | None = None,
    ) -> User:
        """Give a user another kind, other delegates, or administrator's rights; what is None stays."""
        return self._keep_user(changed(user, kind=kind, administrator=administrator, delegates=delegates))

    def _keep_user(self, user: User) -> User:
        self._users[user.id] = user
        self._by_address[user.address] = user
        self._journal.put("user", user.id, user)
        return user

    def users(self) -> list[User]:
        return list(self._users.values())

    def user_by_id(self, user_id: str) -> User | None:
        return self._users.get(user_id.lower())

    def user_by_address(self, address: str) -> User | None:
        return self._by_address.get(address.strip().lower())

    def organization(self, name: str) -> str | None:
        """The tenant id behind a GUID or a domain, None when there is no such organisation."""
        found = self.organizations.find(name)
        return found.tenant_id if found else None

    def members(self, tenant_id: str) -> list[User]:
        """Everybody in one organisation, by address."""
        found = [user for user in self._users.values() if user.tenant_id == tenant_id]
        return sorted(found, key=lambda user: user.address)

    # Applications

    def app(self, client_id: str) -> App | None:
        return self.registrations.find(client_id)

    def present(self, app: App, tenant_id: str) -> bool:
        """Whether the organisation knows the application: it is at home there, or somebody has consented to it."""
        at_home = bool(app.home) and self.organization(app.home) == tenant_id
        users = (self._users.get(grant.user_id) for grant in self._grants.values() if grant.client_id == app.client_id)
        return (
            at_home
            or self.organizations.consent_of(app.client_id, tenant_id) is not None
            or any(user is not None and user.tenant_id == tenant_id for user in users)
        )

    # Consent

    def consented(self, client_id: str, user_id: str) -> set[str]:
        """The scopes, in lower case, that the user or an administrator has granted to the application."""
        return {scope.lower() for scope in self.granted(client_id, user_id)}

    def granted(self, client_id: str, user_id: str) -> list[str]:
        """The same as they are written, in the order they were granted."""
        grant = self._grants.get((client_id, user_id))
        user = self._users.get(user_id)
        common = self.organizations.consent_of(client_id, user.tenant_id) if user else None
        return list(dict.fromkeys([*(grant.scopes if grant else []), *(common.scopes if common else [])]))

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

    def remove_app_from(self, client_id: str, tenant_id: str) -> bool:
        """Take an application out of an organisation: every consent there and every access token ends at once."""
        known = self.organizations.withdraw(client_id, tenant_id)
        for grant in [one for one in self._grants.values() if one.client_id == client_id]:
            if self._users[grant.user_id].tenant_id == tenant_id:
                del self._grants[(client_id, grant.user_id)]
                self._journal.delete("grant", f"{client_id} {grant.user_id}")
                known = True
        owner = (client_id, tenant_id)
        self._forget([one for one in self._access.values() if (one.client_id, one.tenant_id) == owner])
        return known

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

    # Which mailboxes an application reaches (Exchange: application-rbac; Graph: auth-limit-mailbox-access)

    def excludes(self, client_id: str, user: User) -> str:
        """How the organisation keeps an application out of a mailbox: `rbac`, `policy`, or empty when it does not."""
        organization = self.organizations.find(user.tenant_id)
        if organization is None or client_id not in organization.mailbox_scope:
            return ""
        return "" if user.address in organization.mailbox_scope[client_id] else organization.scope_kind

    def exchange_roles(self, client_id: str, tenant_id: str) -> list[str]:
        """Mail roles assigned in Exchange: there they need no consent, and no token shows them."""
        organization, app = self.organizations.find(tenant_id), self.app(client_id)
        if organization is None or app is None or organization.scope_kind != "rbac":
            return []
        assigned = client_id in organization.mailbox_scope
        return [role for role in app.roles if role.startswith("Mail")] if assigned else []

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
