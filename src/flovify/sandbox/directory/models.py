"""People, applications, consent and tokens, as the directory keeps them."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeVar

import msgspec

# The organisation of all personal accounts (Entra: id-token-claims-reference, tid).
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
S = TypeVar("S", bound=msgspec.Struct)
MailboxKind = Literal["user", "shared", "unlicensed"]
UserConsent = Literal["open", "blocked_for_mail"]
ScopeKind = Literal["rbac", "policy"]


def changed(struct: S, **values: object) -> S:
    """A copy with other values in the named fields; None leaves a field as it is."""
    return msgspec.structs.replace(struct, **{name: value for name, value in values.items() if value is not None})


class User(msgspec.Struct, frozen=True):
    """A person or a shared mailbox. `id` is the object id (`oid`), `tenant_id` the organisation's (`tid`).

    Nobody signs in to a shared mailbox; `delegates` (addresses, lower case) may read it. Somebody `unlicensed` is in
    the directory but has no mailbox. An administrator may grant consent for the whole organisation.

    A personal (Microsoft) account is in an organisation of its own kind, which no application acts in by itself; its
    `id` is 16 hex digits.
    """

    id: str
    tenant_id: str
    address: str
    display_name: str
    kind: MailboxKind = "user"
    administrator: bool = False
    delegates: list[str] = []

    @property
    def signs_in(self) -> bool:
        return self.kind != "shared"

    @property
    def personal(self) -> bool:
        return self.tenant_id == PERSONAL_TENANT

    @property
    def oid(self) -> str:
        """The id as tokens have it: a personal account's is filled up to a GUID (Entra: id-token-claims-reference)."""
        return f"00000000-0000-0000-{self.id[:4]}-{self.id[4:]}" if self.personal else self.id


class Organization(msgspec.Struct):
    """One tenant: its policy for users' consent, and which mailboxes an application may reach.

    `mailbox_scope` is by application; an application that is not in it reaches every mailbox its roles allow.
    """

    tenant_id: str
    domain: str
    display_name: str
    user_consent: UserConsent = "blocked_for_mail"
    scope_kind: ScopeKind = "rbac"
    mailbox_scope: dict[str, list[str]] = {}


class OrganizationConsent(msgspec.Struct):
    """What an administrator has granted to an application for everybody: delegated scopes and application roles."""

    client_id: str
    tenant_id: str
    scopes: list[str]
    roles: list[str]


class Secret(msgspec.Struct):
    """A client secret as a SHA-256 in hex; without `expires_at` it lasts."""

    key_id: str
    sha256: str
    expires_at: datetime | None = None


class Certificate(msgspec.Struct):
    """A registered certificate. Its thumbprints are in base64url without padding, as `x5t` has them."""

    key_id: str
    pem: str
    sha1: str
    sha256: str
    expires_at: datetime


class App(msgspec.Struct):
    """An application registration.

    `scopes` and `roles` are what it asks an administrator for. `home` is the only organisation (a domain) that may
    use it, empty for a multi-tenant registration. `secret_sha256` is only there in state of an earlier version.
    """

    client_id: str
    display_name: str
    redirect_uris: list[str]
    secrets: list[Secret] = []
    certificates: list[Certificate] = []
    scopes: list[str] = []
    roles: list[str] = []
    home: str = ""
    secret_sha256: str = ""


class Grant(msgspec.Struct):
    """What a user has consented to for an application. A later revocation ends all refresh tokens issued before it."""

    client_id: str
    user_id: str
    scopes: list[str]
    revoked_at: datetime | None = None


class AccessToken(msgspec.Struct):
    """A token for Graph. `user_id` is None for an application acting as itself; then `roles` counts, else `scopes`."""

    token: str
    client_id: str
    user_id: str | None
    tenant_id: str
    scopes: list[str]
    roles: list[str]
    expires_at: datetime
    issued_at: datetime


class RefreshToken(msgspec.Struct):
    """Kept by the token's SHA-256. `replaced` is set by a refresh; in strict rotation that ends it."""

    token_sha256: str
    client_id: str
    user_id: str
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    family: str
    replaced: bool = False


class Code(msgspec.Struct):
    """An authorization code with everything its redemption is checked against."""

    code: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: list[str]
    issued_at: datetime
    expires_at: datetime
    nonce: str = ""
    code_challenge: str = ""
    code_challenge_method: str = ""
    used: bool = False


class Policy(msgspec.Struct):
    """Behaviour that a test may change. Entra's own way is lenient in both.

    `refresh_rotation`: a used refresh token stays valid. `assertion_replay`: a client assertion may come twice; MSAL
    sends each one for nine minutes.
    """

    refresh_rotation: str = "lenient"
    assertion_replay: str = "lenient"
